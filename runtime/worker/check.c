/* runtime/worker/check.c - see check.h.
 *
 * A seed is a draw of inputs and runs over it under different poison: a variant that leaves an
 * element alone fails under NaN, one that computes only where it sees NaN fails under another set's
 * answer. The original is compared with itself in the same way; what differs there depends on
 * memory that nobody wrote, or on chance.
 *
 * The device counts and finds the first wrong element of each slice. From there the host reads on,
 * with the same comparison, for the few that a person wants to see. Where the user has a checker of
 * his own, it is asked about whole outputs that have too many of them. */
#include "runtime/worker/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/utf8.h"
#include "runtime/worker/errors.h"
#include "runtime/worker/plan.h"

enum { CHECK_SETS = 8, CHECK_SETS_LEAST = 3, FIRST_MOST = 8, CHUNK = 4 << 20, CHUNKS_MOST = 16 };

void outcome_release(struct outcome *o)
{
    json_decref(o->first);
    memset(o, 0, sizeof *o);
}

json_t *outcome_json(const struct outcome *o)
{
    json_t *reply = json_pack("{s:b, s:b}", "ok", 1, "pass", o->reason == NULL);

    if (!o->reason && o->nothing)
        json_object_set_new(reply, "applies", json_false());
    if (!o->reason)
        return reply;
    json_object_set_new(reply, "reason", json_string(o->reason));
    json_object_set_new(reply, "point", json_integer(o->point->id));
    json_object_set_new(reply, "array", json_string(o->array->name));
    json_object_set_new(reply, "bad", json_integer((json_int_t)o->bad));
    json_object_set_new(reply, "of", json_integer((json_int_t)o->of));
    json_object_set_new(reply, "first", o->first ? json_incref(o->first) : json_array());
    if (o->errors.n)
        json_object_set_new(reply, "errors", errors_json(&o->errors));
    json_object_set_new(reply, "text", utf8_json(o->text));
    return reply;
}

static json_t *opaque_json(const void *base, uint64_t i, int size)
{
    const uint8_t *bytes = (const uint8_t *)base + i * (uint64_t)size;
    char hex[2 * 16 + 4] = "";

    for (int k = 0; k < size && k < 16; k++)
        sprintf(hex + 2 * k, "%02x", bytes[k]);
    return json_string(hex);
}

/* a number as JSON; what JSON cannot hold is a string */
static json_t *element_json(const void *base, uint64_t i, const struct array *a)
{
    uint64_t bits;
    double x;
    int high = 64 - 8 * a->size;

    if (a->type == ELEM_OPAQUE)
        return opaque_json(base, i, a->size);
    bits = elem_bits(base, i, a->size);
    x = elem_value_of(bits, a->type);
    if (isnan(x))
        return json_string("nan");
    if (isinf(x))
        return json_string(x > 0 ? "inf" : "-inf");
    if (elem_is_float(a->type))
        return json_real(x);
    return json_integer(
        (json_int_t)(elem_is_signed(a->type) ? (int64_t)(bits << high) >> high : (int64_t)bits));
}

static json_t *index_json(const struct shape *shape, uint64_t i)
{
    json_t *index = json_array();
    uint64_t at[EXTENTS];

    for (int k = shape->nextents - 1; k >= 0; k--) {
        uint64_t extent = shape->extents[k] ? shape->extents[k] : 1;

        at[k] = i % extent;
        i /= extent;
    }
    for (int k = 0; k < shape->nextents; k++)
        json_array_append_new(index, json_integer((json_int_t)at[k]));
    return index;
}

struct reading { /* of wrong elements back to the host */
    struct session *s;
    struct point *p;
    size_t a;
    unsigned set;
    double rms;
    void *got, *expected;
};

static void unseal(const struct reading *g, uint64_t at, uint64_t n)
{
    uint64_t size = (uint64_t)g->s->arrays[g->a].size;
    uint64_t stream = sets_seal(g->p->sets, g->a, g->set);
    uint8_t *bytes = g->expected;

    for (uint64_t b = 0; b < n * size; b++)
        bytes[b] ^= seal_byte(stream, at * size + b);
}

static int read_chunk(struct reading *g, uint64_t at, uint64_t n, struct refusal *r)
{
    const struct sets *t = g->p->sets;
    uint64_t size = (uint64_t)g->s->arrays[g->a].size;

    if (cuda_check(cu.cuMemcpyDtoH(g->got,
                                   t->data[g->a].base + g->set * t->data[g->a].stride + at * size,
                                   n * size),
                   REFUSE_FAULT, "reading an output", r))
        return -1;
    if (cuda_check(
            cu.cuMemcpyDtoH(g->expected,
                            t->expected[g->a].base + g->set * t->expected[g->a].stride + at * size,
                            n * size),
            REFUSE_FAULT, "reading an output", r))
        return -1;
    unseal(g, at, n);
    return 0;
}

static void collect(struct reading *g, uint64_t at, uint64_t n, json_t *first)
{
    const struct array *a = &g->s->arrays[g->a];
    const struct shape *shape = &g->p->shapes[g->a];
    struct match match = sets_match(g->s, g->p->sets, g->a);
    uint64_t lanes = (uint64_t)a->lanes;

    for (uint64_t i = 0; i < n && json_array_size(first) < FIRST_MOST; i++) {
        json_t *one;

        if (match_element(&match, g->got, g->expected, i, a->type, a->size, g->rms))
            continue;
        one = json_object();
        json_object_set_new(one, "index", index_json(shape, (at + i) / lanes));
        if (lanes > 1)
            json_object_set_new(one, "lane", json_integer((json_int_t)((at + i) % lanes)));
        json_object_set_new(one, "expected", element_json(g->expected, i, a));
        json_object_set_new(one, "got", element_json(g->got, i, a));
        json_array_append_new(first, one);
    }
}

/* the first wrong elements from `at` on; stops after some MB, as they are usually close together.
 * *error: how far off those are that were read first, all of a small output */
static int read_wrong(struct session *s, struct point *p, size_t a, unsigned set, uint64_t at,
                      json_t *first, struct errors *error, struct refusal *r)
{
    const struct scale *scale = &p->sets->scale[a * p->sets->k + set];
    struct reading g = {s, p, a, set, 0, NULL, NULL};
    uint64_t most = CHUNK / (uint64_t)s->arrays[a].size, count = p->shapes[a].count;
    int result = 0;

    most = most ? most : 1;
    at = count <= most ? 0 : at; /* all of it, for the distribution */
    g.rms = scale->finite ? sqrt(scale->squares / (double)scale->finite) : 0;
    g.got = malloc(most * (uint64_t)s->arrays[a].size);
    g.expected = malloc(most * (uint64_t)s->arrays[a].size);
    if (!g.got || !g.expected)
        result = refuse(r, REFUSE_LIMIT, "out of host memory");
    for (int i = 0; !result && i < CHUNKS_MOST && at < count; i++) {
        uint64_t n = count - at < most ? count - at : most;

        result = read_chunk(&g, at, n, r);
        if (!result && i == 0 && elem_is_float(s->arrays[a].type))
            *error = errors_of(&s->arrays[a], g.got, g.expected, n, g.rms);
        if (!result)
            collect(&g, at, n, first);
        if (json_array_size(first) >= FIRST_MOST)
            break;
        at += n;
    }
    free(g.got);
    free(g.expected);
    return result;
}

/* whether the user's checker takes a whole output for right */
static int ask_checker(struct session *s, struct point *p, size_t a, unsigned set, bool *right,
                       struct refusal *r)
{
    uint64_t bytes = p->shapes[a].count * (uint64_t)p->shapes[a].size;
    struct reading g = {s, p, a, set, 0, malloc(bytes + 1), malloc(bytes + 1)};
    int result = g.got && g.expected ? read_chunk(&g, 0, p->shapes[a].count, r)
                                     : refuse(r, REFUSE_LIMIT, "out of host memory");

    if (!result)
        *right = s->harness.check((int)a, g.expected, g.got, (long long)p->shapes[a].count) > 0;
    free(g.got);
    free(g.expected);
    return result;
}

static void wrong_text(struct outcome *o)
{
    const json_t *one = json_array_get(o->first, 0), *at = json_object_get(one, "index");
    const json_t *lane = json_object_get(one, "lane");
    char place[384] = "", *expected, *got;
    size_t used = 0;

    for (size_t k = 0; k < json_array_size(at) && used < sizeof place - 48; k++)
        used += (size_t)sprintf(place + used, "[%" JSON_INTEGER_FORMAT "]",
                                json_integer_value(json_array_get(at, k)));
    if (lane)
        sprintf(place + used, " lane %" JSON_INTEGER_FORMAT, json_integer_value(lane));
    expected =
        json_dumps(json_object_get(one, "expected"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    got = json_dumps(json_object_get(one, "got"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    snprintf(o->text, sizeof o->text,
             "%.80s%s: expected %.40s, got %.40s; %" PRIu64 " of %" PRIu64 " %s differ (%.120s)",
             o->array->name, place, expected ? expected : "?", got ? got : "?", o->bad, o->of,
             lane ? "lanes" : "elements", o->point->label);
    free(expected);
    free(got);
    errors_text(&o->errors, o->text, sizeof o->text);
    if (o->array->by) {
        used = strlen(o->text);
        snprintf(o->text + used, sizeof o->text - used, "; check '%.80s' does not accept it",
                 o->array->by);
    }
}

/* between two slices, what lies in the second half of the gap was meant to be in front of the next
 */
static void guard_text(struct outcome *o, uint64_t offset, uint64_t gap)
{
    if (offset & KS_BEFORE)
        offset &= ~KS_BEFORE, gap = KS_GUARD;
    else if (offset < gap / 2)
        gap = 0;
    if (gap)
        snprintf(o->text, sizeof o->text,
                 "wrote %" PRIu64 " bytes in front of '%.80s', the first %" PRIu64
                 " bytes before it (%.120s)",
                 o->bad, o->array->name, gap - offset, o->point->label);
    else
        snprintf(o->text, sizeof o->text,
                 "wrote %" PRIu64 " bytes outside '%.80s', the first %" PRIu64
                 " bytes past its end (%.120s)",
                 o->bad, o->array->name, offset, o->point->label);
}

static void set_reason(struct outcome *o, const char *reason, struct point *p,
                       const struct array *a, size_t index, uint64_t bad)
{
    o->reason = reason;
    o->point = p;
    o->array = a;
    o->bad = bad;
    o->of = p->shapes[index].count;
}

/* writing where it must not explains everything else, so it is looked for first */
static bool guards_and_inputs(struct session *s, struct point *p, struct outcome *o)
{
    const struct sets *t = p->sets;

    for (size_t i = 0; i < s->narrays * t->k; i++)
        if (i % t->k < t->active && t->tally[i].guard) {
            set_reason(o, "guard", p, &s->arrays[i / t->k], i / t->k, t->tally[i].guard);
            guard_text(o, ~t->tally[i].first_guard,
                       t->data[i / t->k].stride - t->data[i / t->k].bytes);
            return true;
        }
    for (size_t i = 0; i < s->narrays * t->k; i++)
        if (i % t->k < t->active && s->arrays[i / t->k].role == ROLE_IN &&
            t->tally[i].sum != t->sums[i]) {
            set_reason(o, "input", p, &s->arrays[i / t->k], i / t->k, 0);
            snprintf(o->text, sizeof o->text, "changed its input '%.80s' (%.120s)", o->array->name,
                     p->label);
            return true;
        }
    return false;
}

/* whether a plan's launches stayed within their scratch */
static int scratch_guards(struct session *s, const struct variant *v, struct point *p,
                          struct outcome *o, struct refusal *r)
{
    static const struct array scratch = {.name = (char *)"scratch"};
    uint64_t bad;

    if (plan_guards(s, v, p, &bad, r))
        return -1;
    if (!bad)
        return 0;
    o->reason = "guard";
    o->point = p;
    o->array = &scratch;
    o->bad = bad;
    snprintf(o->text, sizeof o->text, "wrote %" PRIu64 " bytes outside its scratch (%.120s)", bad,
             p->label);
    return 0;
}

/* no element is too far off; is the output as a whole? */
static int whole_error(struct session *s, struct point *p, unsigned start, unsigned n,
                       struct outcome *o, struct refusal *r)
{
    const struct sets *t = p->sets;

    for (size_t a = 0; a < s->narrays; a++) {
        double most = array_is_output(&s->arrays[a]) ? sets_norm(s, t, a) : 0;

        for (unsigned i = 0; most > 0 && i < n; i++) {
            unsigned set = (start + i) % t->active;
            double own = t->scale[a * t->k + set].squares;
            double norm = own > 0 ? sqrt(t->tally[a * t->k + set].squares / own) : 0;

            if (norm <= most)
                continue;
            set_reason(o, "wrong", p, &s->arrays[a], a, 0);
            o->first = json_array();
            if (read_wrong(s, p, a, set, 0, o->first, &o->errors, r))
                return -1;
            snprintf(o->text, sizeof o->text,
                     "%.80s as a whole is off by %.2g of its norm, and %.2g is allowed: it is "
                     "computed with less precision than the original (%.120s)",
                     o->array->name, norm, most, p->label);
            return 0;
        }
    }
    return 0;
}

static int verdict(struct session *s, const struct variant *v, struct point *p, unsigned start,
                   unsigned n, struct outcome *o, struct refusal *r)
{
    const struct sets *t = p->sets;

    memset(o, 0, sizeof *o);
    if (guards_and_inputs(s, p, o))
        return 0;
    if (scratch_guards(s, v, p, o, r))
        return -1;
    if (o->reason)
        return 0;
    for (size_t a = 0; a < s->narrays; a++) {
        double allowed = s->arrays[a].match.bad * (double)p->shapes[a].count;

        for (unsigned i = 0; i < n; i++) {
            unsigned set = (start + i) % t->active;
            const struct tally *tally = &t->tally[a * t->k + set];
            bool right = false;

            if (!array_is_output(&s->arrays[a]) || (double)tally->bad <= allowed)
                continue;
            if (s->arrays[a].by && ask_checker(s, p, a, set, &right, r))
                return -1;
            if (right)
                continue;
            set_reason(o, "wrong", p, &s->arrays[a], a, tally->bad);
            o->first = json_array();
            if (read_wrong(s, p, a, set, ~tally->first_bad, o->first, &o->errors, r))
                return -1;
            wrong_text(o);
            return 0;
        }
    }
    return whole_error(s, p, start, n, o, r);
}

/* what was wrong may have written anywhere: nobody gets these inputs again */
int check_verdict(struct session *s, const struct variant *v, struct point *p, unsigned start,
                  unsigned n, struct outcome *o, struct refusal *r)
{
    int result = sets_verify(s, p, start, n, r) || verdict(s, v, p, start, n, o, r) ? -1 : 0;

    if (result || o->reason)
        p->sets->drawn = 0;
    return result;
}

static int run_all(struct session *s, struct variant *v, struct point *p, enum poison poison,
                   struct outcome *o, struct refusal *r)
{
    if (sets_reset(s, p, poison, r) || plan_poison(s, v, p, r))
        return -1;
    for (unsigned i = 0; i < p->sets->active; i++)
        if (variant_launch(s, v, p, i, r))
            return -1;
    return check_verdict(s, v, p, 0, p->sets->active, o, r);
}

/* whether the outputs have the bits that they had before */
static void same_bits(struct session *s, struct point *p, const struct tally *before,
                      struct outcome *o)
{
    const struct sets *t = p->sets;

    for (size_t i = 0; i < s->narrays * t->k; i++) {
        if (i % t->k >= t->active || !array_is_output(&s->arrays[i / t->k]) ||
            t->tally[i].sum == before[i].sum)
            continue;
        set_reason(o, "unstable", p, &s->arrays[i / t->k], i / t->k, 0);
        snprintf(o->text, sizeof o->text,
                 "'%.80s' differs between two runs on the same inputs, and "
                 "require(deterministic) forbids that (%.120s)",
                 o->array->name, p->label);
        return;
    }
}

static void blame_original(const struct session *s, struct outcome *o)
{
    char text[sizeof o->text];

    if (!o->reason || strcmp(o->reason, "wrong"))
        return;
    o->reason = s->harness.reference ? "reference" : "unstable";
    memcpy(text, o->text, sizeof text);
    snprintf(
        o->text, sizeof o->text,
        s->harness.reference
            ? "the original differs from its reference(...): %.640s"
            : "the original does not agree with itself: it leaves an output unwritten, adds "
              "to one that is not inout(...), reads memory that nobody wrote, or is not "
              "deterministic (where it adds in any order, check(...) sets a tolerance); %.640s",
        text);
}

/* how often a draw is run: enough to see whether results differ, where they must not */
static unsigned runs_of(const struct session *s, const struct checking *c)
{
    return s->require.deterministic && c->runs < 3 ? 3 : c->runs < 2 ? 2 : c->runs;
}

static int check_draw(struct session *s, struct variant *v, struct point *p,
                      const struct checking *c, struct outcome *o, struct refusal *r)
{
    static const enum poison of_variant[] = {POISON_NAN, POISON_OTHER};
    static const enum poison of_original[] = {POISON_NOISE, POISON_OTHER, POISON_NAN};
    size_t bytes = s->narrays * p->sets->k * sizeof(struct tally);
    struct tally *before = malloc(bytes + 1);
    int result = 0;

    for (unsigned run = 0; run < runs_of(s, c) && !result && !o->reason; run++) {
        result = run_all(s, v, p, v->id ? of_variant[run % 2] : of_original[run % 3], o, r);
        if (run && !result && !o->reason && s->require.deterministic)
            same_bits(s, p, before, o);
        memcpy(before, p->sets->tally, bytes);
    }
    free(before);
    if (!result && !v->id)
        blame_original(s, o);
    return result;
}

static int check_values(struct session *s, struct variant *v, struct point *p,
                        const struct checking *c, unsigned turn, struct outcome *o,
                        struct refusal *r)
{
    bool applies = true;

    if (c->values == VALUES_DRAWN ? sets_draw(s, p, r)
                                  : sets_draw_values(s, p, c->values, turn, &applies, r))
        return -1;
    o->nothing = o->nothing && !applies;
    return applies ? check_draw(s, v, p, c, o, r) : 0;
}

int check_point(struct session *s, struct variant *v, struct point *p, const struct checking *c,
                struct outcome *o, struct refusal *r)
{
    unsigned k = p->nsets ? p->nsets : CHECK_SETS_LEAST;
    char text[sizeof o->text];

    memset(o, 0, sizeof *o);
    o->nothing = true;
    if (sets_ensure(s, p, k < CHECK_SETS ? k : CHECK_SETS, r))
        return -1;
    for (unsigned seed = 0; seed < c->seeds && !o->reason; seed++)
        if (check_values(s, v, p, c, seed, o, r))
            return -1;
    if (o->reason && c->values != VALUES_DRAWN) {
        memcpy(text, o->text, sizeof text);
        snprintf(o->text, sizeof o->text, "%s: %.900s", values_text(c->values), text);
    }
    return 0;
}
