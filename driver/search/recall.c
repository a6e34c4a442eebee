/* driver/search/recall.c */
#include "driver/search/recall.h"

#include <math.h>
#include <string.h>

#include "driver/search/lab_facts.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

enum {
    RECORDS_MOST = 8, /* of an entry */
    POINTS_MOST = 4000,
    POINTS_LEAST = 3, /* fewer say nothing */
};

/* ---- taking ---- */

static json_t *make_tried(struct search *s, void *arg)
{
    (void)arg;
    return json_incref(s->job->tried);
}

/* as it was when this search began; NULL: nothing */
static const json_t *recall_records(struct search *s)
{
    if (!s->is_recalled && (s->job->tried || lab_known(&s->lab, "tried")))
        s->earlier = lab_optional(s, "tried", make_tried, NULL);
    s->is_recalled = true;
    return s->earlier;
}

static const char *text_of(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text ? text : "";
}

/* where each tunable of the form stands among the record's names; -1 when it has others */
static int columns_of(const struct form *f, const json_t *record, size_t *column)
{
    const json_t *names = json_object_get(record, "names");
    if (json_array_size(names) != f->spec->ntunables)
        return -1;
    for (size_t i = 0; i < f->spec->ntunables; i++) {
        size_t at = 0;
        while (at < json_array_size(names) &&
               strcmp(f->spec->tunables[i].name, json_is_string(json_array_get(names, at))
                                                     ? json_string_value(json_array_get(names, at))
                                                     : "") != 0)
            at++;
        if (at == json_array_size(names))
            return -1;
        column[i] = at;
    }
    return 0;
}

static size_t point_of(const struct form *f, const json_t *row, const size_t *column,
                       uint32_t *index)
{
    for (size_t i = 0; i < f->spec->ntunables; i++) {
        const struct tunable *t = &f->spec->tunables[i];
        const json_t *value = json_array_get(row, column[i]);
        index[i] = 0;
        while (index[i] < t->nvalues && t->values[index[i]] != json_integer_value(value))
            index[i]++;
        if (!json_is_integer(value) || index[i] == t->nvalues)
            return SPACE_NONE;
    }
    return space_find(f->space, index);
}

/* Gives the points of a record to the tuner, if there is one; how many good ones the space has */
static size_t recall_points(struct search *s, struct form *f, const json_t *record,
                            struct tuner *tuner)
{
    size_t *column = arena_array(s->arena, size_t, f->spec->ntunables + 1), good = 0, i;
    uint32_t *index = arena_array(s->arena, uint32_t, f->spec->ntunables + 1);
    const json_t *points = json_object_get(record, "points"), *row;
    if (columns_of(f, record, column))
        return 0;
    json_array_foreach(points, i, row)
    {
        size_t point = point_of(f, row, column, index);
        double score = json_number_value(json_array_get(row, f->spec->ntunables));
        if (point == SPACE_NONE)
            continue;
        good += score > 0;
        if (tuner)
            tuner_recall(tuner, point, !(score > 0), score);
    }
    return good;
}

void recall_form(struct search *s, struct form *f)
{
    const json_t *records = recall_records(s), *record, *best = NULL;
    size_t most = POINTS_LEAST - 1, i;
    json_array_foreach(records, i, record)
    {
        size_t good =
            strcmp(text_of(record, "form"), f->hash) == 0 ? recall_points(s, f, record, NULL) : 0;
        if (good > most) {
            most = good;
            best = record;
        }
    }
    if (!best)
        return;
    recall_points(s, f, best, f->tuner);
    log_debug("%s: begins with what was tried on %s: %zu points", s->name, text_of(best, "gpu"),
              most);
}

/* ---- leaving ---- */

static void add_point(const struct search *s, const struct trial *x, json_t *points)
{
    const struct form *f = s->forms[x->form];
    const int64_t *values = space_values(f->space, x->point);
    json_t *row = json_array();
    for (size_t i = 0; i < f->spec->ntunables; i++)
        json_array_append_new(row, json_integer((json_int_t)values[i]));
    bool good = x->state == TRIAL_GOOD && isfinite(x->score) && x->score > 0;
    json_array_append_new(row, good ? json_real(x->score) : json_null());
    json_array_append_new(points, row);
}

static json_t *record_of_form(const struct search *s, size_t form)
{
    const struct form *f = s->forms[form];
    json_t *points = json_array(), *names = json_array();
    char hex[65], gpu[160];
    for (size_t i = 0; i < s->trials.n; i++) {
        const struct trial *x = &s->trials.trial[i];
        if (x->form == form && x->state != TRIAL_WAITING && json_array_size(points) < POINTS_MOST)
            add_point(s, x, points);
    }
    for (size_t i = 0; i < f->spec->ntunables; i++)
        json_array_append_new(names, utf8_json(f->spec->tunables[i].name));
    hash_hex(&s->job->key->all, hex);
    gpu_model(&s->job->gpu, gpu);
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o}", "form", utf8_json(f->hash), "gpu",
                     utf8_json(gpu), "key", hex, "toolkit",
                     utf8_json(s->job->toolkit ? s->job->toolkit : ""), "names", names, "points",
                     points);
}

json_t *recall_made(const struct search *s)
{
    json_t *made = json_array();
    for (size_t i = 0; i < s->nforms; i++) {
        json_t *record = s->forms[i]->spec->ntunables ? record_of_form(s, i) : NULL;
        if (json_array_size(json_object_get(record, "points")) >= POINTS_LEAST)
            json_array_append(made, record);
        json_decref(record);
    }
    return made;
}

static bool is_same(const json_t *a, const json_t *b)
{
    return strcmp(text_of(a, "form"), text_of(b, "form")) == 0 &&
           strcmp(text_of(a, "gpu"), text_of(b, "gpu")) == 0 &&
           strcmp(text_of(a, "key"), text_of(b, "key")) == 0;
}

json_t *recall_merged(const json_t *made, const json_t *older)
{
    json_t *all = json_array(), *record, *one;
    size_t i, k;
    json_array_foreach(made, i, record) json_array_append(all, record);
    json_array_foreach(older, i, record)
    {
        bool known = json_array_size(all) >= RECORDS_MOST;
        json_array_foreach(made, k, one) known = known || is_same(one, record);
        if (!known)
            json_array_append(all, record);
    }
    return all;
}
