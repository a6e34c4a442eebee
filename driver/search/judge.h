/* driver/search/judge.h - the verdict: is the finalist faster than the original?
 *
 * Works on interleaved pairs (a: original, b: finalist, microseconds). The estimate is the median
 * of the log-ratios log(a/b), its 99 % interval the order-statistic (sign test) interval, exact by
 * the binomial distribution; no assumption about the noise. */
#ifndef KS_JUDGE_H
#define KS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

struct interval { /* of a ratio: 1.10 is ten percent faster */
    double ratio, low, high;
};

/* median of n numbers (n > 0), and what nine of ten of them stay below; both sort them */
double median_of(double *x, size_t n);
double p90_of(double *x, size_t n);
/* the numbers again, for those; free() it */
double *numbers_copy(const double *x, size_t n);
/* the ratio a/b of n pairs with its 99 % interval; too few pairs for 99 % (below 8) give an
 * interval from 0 to infinity */
struct interval judge_pairs(const double *a, const double *b, size_t n);
/* The ratio of what nine of ten of a stay below to the same of b, with an interval of at least 99
 * %: each of the two lies within its own order-statistic interval at 99.5 %. Some 60 of each are
 * needed for one that is bounded */
struct interval judge_p90(const double *a, const double *b, size_t n);
/* the one that an objective asks for */
struct interval judge_ratio(const double *a, const double *b, size_t n, bool p90);
/* relative standard deviation of the ratios, robust (from the quartiles) */
double judge_spread(const double *a, const double *b, size_t n);
#define JUDGE_PAIRS 20 /* that a confirmation begins with */
/* how many more are wanted after the first JUDGE_PAIRS: 60 where the spread is 1 % or more, else
 * none; with p90 a pair is several launches already */
int judge_wants(const double *a, const double *b, size_t n, bool p90);
/* weighted geometric mean; its interval is that of the mean when every workload is at its own end:
 * at least 99 % */
struct interval judge_mean(const struct interval *workload, const double *weight, size_t n);
/* how much must a win exceed: max(1 %, 2 x noise), noise as a fraction */
double judge_margin(double noise);
/* did the user weigh the workloads? Weights other than 1 say that one workload may pay for another
 */
bool judge_is_weighted(const double *weight, size_t n);
/* a win: the mean's low end is above 1 + margin, and, unless the workloads are weighted, none of
 * them is proven slower (high end below 1 - margin) */
bool judge_win(const struct interval *workload, const double *weight, size_t n, double noise);

#endif
