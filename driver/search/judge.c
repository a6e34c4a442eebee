/* driver/search/judge.c
 *
 * The interval of a median needs no model of the noise: of n numbers drawn alike, how many lie
 * below the true median is binomial with p = 1/2. So the k-th smallest and the k-th largest enclose
 * it with the probability 1 - 2 P(X < k), and k is the largest for which that is 99 % or more.
 * Pairs are interleaved, so a drift of clock or temperature moves both of a pair and leaves the
 * ratio.
 *
 * For the mean over workloads the intervals' ends are averaged as the estimates are. When every
 * median lies in its interval the mean lies between the means of the ends; that may fail where one
 * of n intervals fails, so each is taken by its caller at 99 % and the mean's ends are as wide as
 * if all were at their ends at once, which of independent errors happens far more rarely: the
 * interval is wider than one of 99 % would be for any number of workloads that a build has. */
#include "driver/search/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

#define CONFIDENCE 0.99
#define LEAST_GAIN 0.01
#define WIDE_SPREAD 0.01
#define MORE_PAIRS 60

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double middle(const double *sorted, size_t n)
{
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double median_of(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare_numbers);
    return middle(x, n);
}

double p90_of(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare_numbers);
    return x[(9 * n + 9) / 10 - 1];
}

double *numbers_copy(const double *x, size_t n)
{
    double *copy = calloc(n + 1, sizeof *copy);

    if (!copy)
        fatal("out of memory");
    if (n)
        memcpy(copy, x, n * sizeof *x);
    return copy;
}

/* P(X = k), X binomial(n, p) */
static double binomial(size_t n, double p, size_t k)
{
    return exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
               (double)k * log(p) + (double)(n - k) * log(1 - p));
}

/* the largest k with P(X < k) <= tail; 0 when there is none */
static size_t rank_below(size_t n, double p, double tail)
{
    double below = 0;

    for (size_t k = 0; k < n; k++) {
        below += binomial(n, p, k);
        if (below > tail)
            return k;
    }
    return n;
}

/* Of n sorted numbers the low-th and the high-th enclose what nine of ten stay below: so many as
 * lie below that are binomial, and those above it are so with 1 - p. 0 where there is none */
struct interval judge_p90(const double *a, const double *b, size_t n)
{
    const double tail = (1 - CONFIDENCE) / 4; /* of four that may fail */
    size_t low = rank_below(n, 0.9, tail), above = rank_below(n, 0.1, tail);
    struct interval result = {1, 0, HUGE_VAL};
    double *x = numbers_copy(a, n), *y = numbers_copy(b, n);

    if (n)
        result.ratio = p90_of(x, n) / p90_of(y, n); /* sorts them */
    if (low && above) {
        result.low = x[low - 1] / y[n - above];
        result.high = x[n - above] / y[low - 1];
    }
    free(x);
    free(y);
    return result;
}

/* log(a/b) of every pair, sorted; free() it */
static double *log_ratios(const double *a, const double *b, size_t n)
{
    double *x = calloc(n + 1, sizeof *x);

    if (!x)
        fatal("out of memory");
    for (size_t i = 0; i < n; i++)
        x[i] = log(a[i] / b[i]);
    qsort(x, n, sizeof *x, compare_numbers);
    return x;
}

struct interval judge_pairs(const double *a, const double *b, size_t n)
{
    struct interval result = {1, 0, HUGE_VAL};
    size_t k = rank_below(n, 0.5, (1 - CONFIDENCE) / 2);
    double *x;

    if (!n)
        return result;
    x = log_ratios(a, b, n);
    result.ratio = exp(middle(x, n));
    if (k) {
        result.low = exp(x[k - 1]);
        result.high = exp(x[n - k]);
    }
    free(x);
    return result;
}

double judge_spread(const double *a, const double *b, size_t n)
{
    double *x, spread;

    if (n < 4)
        return HUGE_VAL;
    x = log_ratios(a, b, n);
    spread = (x[n - 1 - n / 4] - x[n / 4]) / 1.349; /* quartiles of the normal distribution */
    free(x);
    return spread;
}

struct interval judge_ratio(const double *a, const double *b, size_t n, bool p90)
{
    return p90 ? judge_p90(a, b, n) : judge_pairs(a, b, n);
}

int judge_wants(const double *a, const double *b, size_t n, bool p90)
{
    return !p90 && judge_spread(a, b, n) >= WIDE_SPREAD ? MORE_PAIRS : 0;
}

struct interval judge_mean(const struct interval *workload, const double *weight, size_t n)
{
    double ratio = 0, low = 0, high = 0, sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] > 0))
            continue;
        ratio += weight[i] * log(workload[i].ratio);
        low += weight[i] * log(workload[i].low); /* log(0) is minus infinity, as it should be */
        high += weight[i] * log(workload[i].high);
        sum += weight[i];
    }
    if (!(sum > 0))
        return (struct interval){1, 0, HUGE_VAL};
    return (struct interval){exp(ratio / sum), exp(low / sum), exp(high / sum)};
}

double judge_margin(double noise)
{
    return 2 * noise > LEAST_GAIN ? 2 * noise : LEAST_GAIN;
}

bool judge_is_weighted(const double *weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (weight[i] < 1 || weight[i] > 1)
            return true;
    return false;
}

bool judge_win(const struct interval *workload, const double *weight, size_t n, double noise)
{
    const double margin = judge_margin(noise);

    for (size_t i = 0; i < n && !judge_is_weighted(weight, n); i++) {
        if (workload[i].high < 1 - margin)
            return false;
    }
    return judge_mean(workload, weight, n).low > 1 + margin;
}
