/* driver/search/trials.c - a growing list. */
#include "driver/search/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/search/judge.h"
#include "runtime/base/log.h"

size_t trials_add(struct trials *t, size_t form, size_t point)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->trial = realloc(t->trial, t->cap * sizeof *t->trial);
        if (!t->trial)
            fatal("out of memory");
    }
    struct trial *x = &t->trial[t->n];
    *x = (struct trial){.form = form, .point = point, .score = HUGE_VAL};
    x->samples = calloc(t->workloads + 1, sizeof *x->samples);
    x->measured = calloc(t->workloads + 1, sizeof *x->measured);
    if (!x->samples || !x->measured)
        fatal("out of memory");
    return t->n++;
}

void trials_fail(struct trial *x, enum trial_state state, const char *why)
{
    x->state = state;
    free(x->why);
    x->why = strdup(why);
}

double samples_figure(const struct samples *s, bool p90)
{
    double *x = numbers_copy(s->us, s->n);
    double figure = !s->n ? 0 : p90 ? p90_of(x, s->n) : median_of(x, s->n);
    free(x);
    return figure;
}

double trials_score(const struct trial *x, const double *original_us, const double *weight,
                    size_t workloads, bool p90)
{
    double sum = 0, total = 0;
    for (size_t w = 0; w < workloads; w++) {
        if (!x->samples[w].n)
            continue;
        sum += weight[w] * log(samples_figure(&x->samples[w], p90) / original_us[w]);
        total += weight[w];
    }
    return total > 0 ? exp(sum / total) : HUGE_VAL;
}

double trials_noise(const struct trial *x, size_t workloads)
{
    double most = 0;

    for (size_t w = 0; w < workloads; w++) {
        const struct samples *s = &x->samples[w];
        double sum = 0, squares = 0, n = (double)s->n;
        for (size_t i = 0; i < s->n; i++) {
            sum += log(s->us[i]);
            squares += log(s->us[i]) * log(s->us[i]);
        }
        double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) / n : 0;
        most = variance > most ? variance : most;
    }
    return sqrt(most);
}

size_t trials_count(const struct trials *t, enum trial_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->trial[i].state == state;
    return n;
}

const struct trial *trials_first(const struct trials *t, enum trial_state state)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->trial[i].state == state)
            return &t->trial[i];
    return NULL;
}

const struct trial *trials_best(const struct trials *t)
{
    const struct trial *best = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (t->trial[i].state == TRIAL_GOOD && (!best || t->trial[i].score < best->score))
            best = &t->trial[i];
    return best;
}

void trials_release(struct trials *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t w = 0; w < t->workloads; w++)
            samples_release(&t->trial[i].samples[w]);
        free(t->trial[i].samples);
        free(t->trial[i].measured);
        free(t->trial[i].why);
        code_drop(t->trial[i].coding);
    }
    free(t->trial);
    *t = (struct trials){0};
}
