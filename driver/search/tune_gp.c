/* driver/search/tune_gp.c
 *
 * The covariance of n rows is factored as R'R. Of every point of a field v = R'^-1 k is kept, k
 * being its covariances with the rows: the variance is 1 - v'v, the mean v'z with z = R'^-1 y. A
 * row more makes v longer by one, so a suggestion costs n operations a point. Tiles of a field are
 * done one after the other, so that their v stay in the cache. */
#include "driver/search/tune_gp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"
#include "runtime/base/log.h"

#define LEVEL 0.1    /* how firmly the level is taken to be 0: as a tenth of a value there */
#define VARIANCE 2   /* values of variance 1 that are taken to have been seen */
#define NOISE (-6.5) /* logarithm of what is expected of it, as a share of the variance */
#define NOISE_SD 1.0
/* covariances are floats: with that much on its diagonal the matrix of some hundred rows is
 * positive definite, also where the times are smoother than any that were measured */
#define NOISE_LEAST 2e-5
#define SHARE_SD 1.5 /* of the logit of the sum's share, whose mean is 0 */

/* loops over points, for what the processor has; the results are the same */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

/* ---- loops ---------------------------------------------------------------------------------- */

/* e^x for x <= 0, to a few millionths */
static inline float fast_exp(float x)
{
    float t = x * 1.44269504f < -120.f ? -120.f : x * 1.44269504f;
    union {
        float f;
        int32_t i;
    } round = {t + 12582912.f}, power;
    float f = t - (round.f - 12582912.f);
    float p =
        1.f + f * (0.69314718f +
                   f * (0.24022651f + f * (0.05550411f + f * (0.00961813f + f * 0.00133336f))));

    power.i = (round.i - 0x4b400000 + 127) << 23;
    return p * power.f;
}

static inline float matern(float r2)
{
    float r = sqrtf(5.f * r2);

    return (1.f + r + r * r * (1.f / 3)) * fast_exp(-r);
}

/* one feature, for all together in r2, and alone in k: there it is much like matern(), and cheaper
 * (Wendland 1995) */
WIDE static void add_feature(float *restrict r2, float *restrict k, const float *restrict x,
                             float x0, float w, float per_reach, float share, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float d = x[i] - x0, r = (d < 0 ? -d : d) * per_reach, left = r > 1 ? 0 : 1 - r;
        r2[i] += w * d * d;
        k[i] += share * (left * left * left * (3 * r + 1));
    }
}

WIDE static void add_matern(float *restrict k, const float *restrict r2, float share, size_t n)
{
    for (size_t i = 0; i < n; i++)
        k[i] += share * matern(r2[i]);
}

/* y += a x */
WIDE static void add_floats(float *restrict y, const float *restrict x, float a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

WIDE static void add_four(float *restrict y, const float *restrict x, const float *a, size_t n)
{
    const float *x1 = x + GP_TILE, *x2 = x1 + GP_TILE, *x3 = x2 + GP_TILE;
    float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
    for (size_t i = 0; i < n; i++)
        y[i] += (a0 * x[i] + a1 * x1[i]) + (a2 * x2[i] + a3 * x3[i]);
}

WIDE static void add_doubles(double *restrict y, const double *restrict x, double a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

WIDE static void finish_row(float *restrict v, float *restrict var, float inverse, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v[i] *= inverse;
        var[i] -= v[i] * v[i];
    }
}

WIDE static int factor(double *a, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double *row = a + k * GP_ROWS, inverse;
        if (!(row[k] > 1e-12))
            return -1;
        inverse = 1 / sqrt(row[k]);
        for (size_t j = k; j < n; j++)
            row[j] *= inverse;
        for (size_t i = k + 1; i < n; i++) {
            double *to = a + i * GP_ROWS, f = row[i];
            for (size_t j = i; j < n; j++)
                to[j] -= f * row[j];
        }
    }
    return 0;
}

/* z = R'^-1 z */
static void forward(const double *r, double *z, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        z[k] /= r[k * GP_ROWS + k];
        add_doubles(z + k + 1, r + k * GP_ROWS + k + 1, -z[k], n - k - 1);
    }
}

/* ---- covariances ---------------------------------------------------------------------------- */

struct scales {
    float weight[GP_FEATURES], per_reach[GP_FEATURES]; /* of features, together and alone */
    float share;                                       /* of the sum over them */
    double noise;
};

static struct scales scales_of(const double *theta, size_t nf)
{
    struct scales s;

    for (size_t f = 0; f < nf; f++) {
        s.weight[f] = (float)exp(-2 * theta[f]);
        s.per_reach[f] = (float)exp(-theta[f]) / 2.5f;
    }
    s.noise = NOISE_LEAST + exp(theta[nf]);
    s.share = (float)(1 / (1 + exp(-theta[nf + 1])));
    return s;
}

/* of the point whose features are x[.][at] in `from` with the n points from `first` on in x */
static void covariances(const struct scales *s, size_t nf, float *const *from, size_t at,
                        float *const *x, size_t first, size_t n, float *k)
{
    float r2[GP_TILE];

    memset(r2, 0, n * sizeof *r2);
    memset(k, 0, n * sizeof *k);
    for (size_t f = 0; f < nf; f++)
        add_feature(r2, k, x[f] + first, from[f][at], s->weight[f], s->per_reach[f],
                    s->share / (float)nf, n);
    add_matern(k, r2, 1 - s->share, n);
}

static void fill(const struct gp_data *d, const struct scales *s, double *a, size_t n)
{
    float k[GP_TILE];

    for (size_t i = 0; i < n; i++) {
        covariances(s, d->nf, d->x, i, d->x, i, n - i, k);
        for (size_t j = i; j < n; j++)
            a[i * GP_ROWS + j] = k[j - i];
        a[i * GP_ROWS + i] += s->noise + d->noise[i];
    }
}

/* ---- hyper-parameters ----------------------------------------------------------------------- */

struct solution {
    double z[GP_ROWS], mean, s2, density;
};

/* the level that fits best, and what is left. Rows that are not known are as expected */
static void solve(const struct gp_values *y, const double *r, size_t n, struct solution *s)
{
    double one[GP_ROWS], uu = 0, uz = 0, zz = 0, logs = 0, seen = 0;

    for (size_t i = 0; i < n; i++) {
        one[i] = 1;
        s->z[i] = y->y[i];
    }
    for (size_t k = 0; k < n; k++) {
        const double *row = r + k * GP_ROWS;
        one[k] = y->known[k] ? one[k] / row[k] : 0;
        s->z[k] = y->known[k] ? s->z[k] / row[k] : 0;
        if (y->known[k]) {
            add_doubles(one + k + 1, row + k + 1, -one[k], n - k - 1);
            add_doubles(s->z + k + 1, row + k + 1, -s->z[k], n - k - 1);
            uu += one[k] * one[k];
            uz += one[k] * s->z[k];
            seen++;
        }
    }
    s->mean = uz / (uu + LEVEL);
    for (size_t k = 0; k < n; k++) {
        s->z[k] -= s->mean * one[k];
        zz += s->z[k] * s->z[k];
        logs += log(r[k * GP_ROWS + k]);
    }
    s->s2 = (VARIANCE + zz) / (VARIANCE + seen);
    s->density = -0.5 * (VARIANCE + seen) * log(VARIANCE + zz) - logs;
}

static double normal(double x, double mean, double sd)
{
    return -0.5 * (x - mean) * (x - mean) / (sd * sd);
}

static double density(const struct gp_data *d, const struct gp_values *y, const double *theta,
                      size_t n)
{
    struct scales s = scales_of(theta, d->nf);
    struct solution x;
    double p = normal(theta[d->nf], NOISE, NOISE_SD) + normal(theta[d->nf + 1], 0, SHARE_SD);

    for (size_t f = 0; f < d->nf; f++)
        p += normal(theta[f], d->length[f].mean, d->length[f].sd);
    fill(d, &s, d->work, n);
    if (factor(d->work, n))
        return -HUGE_VAL;
    solve(y, d->work, n, &x);
    return p + x.density;
}

static double uniform(uint64_t *random)
{
    return ((double)(space_rand(random) >> 11) + 0.5) * 0x1p-53;
}

static double gauss(uint64_t *random)
{
    double u = uniform(random), v = uniform(random);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

void gp_sample(struct gp *g, const struct gp_data *d, const struct gp_values *y, size_t n,
               int steps, uint64_t *random)
{
    size_t np = d->nf + 2;
    double theta[GP_FEATURES + 2];

    g->density = density(d, y, g->theta, n);
    g->n = 0;
    for (int i = 0; i < steps; i++) {
        double kind = uniform(random), p;
        memcpy(theta, g->theta, sizeof theta);
        if (kind < 0.8) {
            theta[space_rand(random) % np] += gauss(random) * (uniform(random) < 0.5 ? 1 : 0.4);
        } else if (kind < 0.9) {
            double move = 0.3 * gauss(random);
            for (size_t k = 0; k < d->nf; k++)
                theta[k] += move;
        } else {
            for (size_t k = 0; k < np; k++)
                theta[k] += 0.2 * gauss(random);
        }
        p = density(d, y, theta, n);
        if (log(uniform(random)) < p - g->density) {
            g->density = p;
            memcpy(g->theta, theta, sizeof theta);
        }
    }
}

/* ---- predictions ---------------------------------------------------------------------------- */

/* rows [from, to) of v in one tile */
static void extend_tile(struct gp *g, const struct gp_data *d, const struct gp_field *f,
                        const struct scales *s, size_t tile, size_t from, size_t to)
{
    float *v = g->v + tile * g->rows * GP_TILE, *var = g->var + tile * GP_TILE;

    for (size_t i = from; i < to; i++) {
        float *row = v + i * GP_TILE, a[4];
        size_t j = 0;
        covariances(s, d->nf, d->x, i, f->x, tile * GP_TILE, GP_TILE, row);
        for (; j + 4 <= i; j += 4) {
            for (int k = 0; k < 4; k++)
                a[k] = (float)-g->r[(j + (size_t)k) * GP_ROWS + i];
            add_four(row, v + j * GP_TILE, a, GP_TILE);
        }
        for (; j < i; j++)
            add_floats(row, v + j * GP_TILE, (float)-g->r[j * GP_ROWS + i], GP_TILE);
        finish_row(row, var, (float)(1 / g->r[i * GP_ROWS + i]), GP_TILE);
    }
}

/* one more row of the factor */
static void extend_factor(struct gp *g, const struct gp_data *d, const struct scales *s)
{
    float k[GP_TILE];
    double z[GP_ROWS], left = 1 + s->noise + d->noise[g->n];
    size_t n = g->n;

    covariances(s, d->nf, d->x, n, d->x, 0, n, k);
    for (size_t i = 0; i < n; i++)
        z[i] = k[i];
    forward(g->r, z, n);
    for (size_t i = 0; i < n; i++) {
        g->r[i * GP_ROWS + n] = z[i];
        left -= z[i] * z[i];
    }
    g->r[n * GP_ROWS + n] = sqrt(left > 1e-6 ? left : 1e-6);
    g->n++;
}

void gp_forget(struct gp *g)
{
    g->n = 0;
}

/* what is expected in one tile */
static void predict_tile(const struct gp *g, const struct solution *s, size_t tile, float *mu)
{
    const float *v = g->v + tile * g->rows * GP_TILE;
    float *to = mu + tile * GP_TILE, z[4];
    size_t i = 0;

    for (size_t k = 0; k < GP_TILE; k++)
        to[k] = (float)s->mean;
    for (; i + 4 <= g->n; i += 4) {
        for (size_t k = 0; k < 4; k++)
            z[k] = (float)s->z[i + k];
        add_four(to, v + i * GP_TILE, z, GP_TILE);
    }
    for (; i < g->n; i++)
        add_floats(to, v + i * GP_TILE, (float)s->z[i], GP_TILE);
}

double gp_predict(struct gp *g, const struct gp_data *d, const struct gp_values *y,
                  const struct gp_field *f, float *mu)
{
    struct scales scales = scales_of(g->theta, d->nf);
    struct solution s;
    size_t from = g->n;

    while (g->n < d->n)
        extend_factor(g, d, &scales);
    solve(y, g->r, g->n, &s);
    for (size_t i = 0; from == 0 && i < f->room; i++)
        g->var[i] = 1;
    for (size_t tile = 0; tile * GP_TILE < f->room; tile++) {
        extend_tile(g, d, f, &scales, tile, from, g->n);
        predict_tile(g, &s, tile, mu);
    }
    return s.s2;
}

WIDE static void add_improvement(float *restrict score, const float *restrict mu,
                                 const float *restrict var, float s2, float best, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float sd = sqrtf((var[i] < 1e-6f ? 1e-6f : var[i]) * s2);
        float u = (best - mu[i]) / sd, a = u < 0 ? -u : u, k = 1.f / (1.f + 0.2316419f * a);
        float pdf = 0.39894228f * fast_exp(-0.5f * a * a);
        float tail =
            pdf * k *
            (0.319381530f +
             k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
        float near = sd * (pdf + u * (u < 0 ? tail : 1.f - tail));
        float far = sd * pdf / (a * a + 3.f); /* the same for u << 0, where that cancels out */
        score[i] += u < -2.5f ? far : near;
    }
}

void gp_improvement(const struct gp *g, const struct gp_field *f, double best, float *score)
{
    add_improvement(score, g->mu, g->var, (float)g->s2, (float)best, f->room);
}

/* ---- making --------------------------------------------------------------------------------- */

struct gp_data *gp_data_new(size_t nf)
{
    struct gp_data *d = space_zeroed(1, sizeof *d);

    d->nf = nf;
    d->work = space_zeroed(GP_ROWS * GP_ROWS, sizeof *d->work);
    for (size_t f = 0; f < nf; f++)
        d->x[f] = space_zeroed(GP_ROWS, sizeof(float));
    return d;
}

void gp_data_free(struct gp_data *d)
{
    if (!d)
        return;
    for (size_t f = 0; f < d->nf; f++)
        free(d->x[f]);
    free(d->work);
    free(d);
}

void gp_field_init(struct gp_field *f, size_t nf, size_t n)
{
    *f = (struct gp_field){.n = n, .room = (n + GP_TILE - 1) / GP_TILE * GP_TILE};
    for (size_t i = 0; i < nf; i++)
        f->x[i] = space_zeroed(f->room, sizeof(float));
}

void gp_field_release(struct gp_field *f)
{
    for (size_t i = 0; i < GP_FEATURES; i++)
        free(f->x[i]);
}

void gp_lend(struct gp *g, float *v, size_t rows)
{
    g->v = v;
    g->rows = rows;
    gp_forget(g);
}

struct gp *gp_new(const struct gp_data *d, const struct gp_field *f, bool has_room)
{
    struct gp *g = space_zeroed(1, sizeof *g);

    g->r = space_zeroed(GP_ROWS * GP_ROWS, sizeof *g->r);
    g->own = has_room ? space_zeroed(f->room * GP_ROWS, sizeof *g->own) : NULL;
    gp_lend(g, g->own, GP_ROWS);
    g->mu = space_zeroed(f->room, sizeof *g->mu);
    g->var = space_zeroed(f->room, sizeof *g->var);
    for (size_t i = 0; i < d->nf; i++)
        g->theta[i] = d->length[i].mean;
    g->theta[d->nf] = NOISE;
    return g;
}

void gp_free(struct gp *g)
{
    if (!g)
        return;
    free(g->r);
    free(g->own);
    free(g->mu);
    free(g->var);
    free(g);
}
