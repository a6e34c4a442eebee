/* runtime/worker/session.c - opening an entry, and finding what belongs to it.
 *
 * Requests come from our own engine, but a wrong one must give a sentence, not a crash: every field
 * is read with its type. Extents are checked here once; all later sizes derive from them. */
#include "runtime/worker/session.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/worker/infile.h"
#include "runtime/worker/nvml.h"
#include "runtime/worker/sets.h"

bool array_is_input(const struct array *a)
{
    return a->role == ROLE_IN || a->role == ROLE_INOUT;
}

bool array_is_output(const struct array *a)
{
    return a->role == ROLE_OUT || a->role == ROLE_INOUT;
}

struct point *session_point(struct session *s, json_int_t id, struct refusal *r)
{
    for (struct point *p = s->points; p; p = p->next)
        if (p->id == id)
            return p;
    refuse(r, REFUSE_PROTOCOL, "there is no point %lld", (long long)id);
    return NULL;
}

struct variant *session_variant(struct session *s, json_int_t id, struct refusal *r)
{
    for (struct variant *v = s->variants; v; v = v->next)
        if (v->id == id)
            return v;
    refuse(r, REFUSE_PROTOCOL, "there is no variant %lld", (long long)id);
    return NULL;
}

static void point_free(struct session *s, struct point *p)
{
    sets_free(s, p);
    free(p->label);
    free(p->dims);
    json_decref(p->gens);
    free(p->shapes);
    free(p->gen);
    free(p->file);
    free(p);
}

void session_close(struct session *s)
{
    while (s->points) {
        struct point *p = s->points;

        s->points = p->next;
        point_free(s, p);
    }
    while (s->modules)
        module_drop(s, s->modules->id);
    for (size_t a = 0; a < s->narrays; a++) {
        free(s->arrays[a].name);
        free(s->arrays[a].by);
        json_decref(s->arrays[a].gen);
    }
    free(s->arrays);
    free(s->entry);
    *s = (struct session){.device = s->device, .draws = s->draws};
}

static double number_or(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    double x = json_is_number(value) ? json_number_value(value) : -1;

    return x < 0 ? fallback : x;
}

/* a type's tolerance: rtol, atol */
static const double tolerances[ELEM_TYPES][2] = {
    [ELEM_F64] = {1e-7, 1e-7},    [ELEM_F32] = {1.3e-6, 1e-5},   [ELEM_F16] = {1e-3, 1e-5},
    [ELEM_BF16] = {1.6e-2, 1e-5}, [ELEM_E4M3] = {1.25e-1, 1e-2}, [ELEM_E5M2] = {1.25e-1, 1e-2},
};

/* Of an output as a whole: the norm of its error over its own. A narrower type in the middle of the
 * computation shows here where no single element is far off */
static const double norms[ELEM_TYPES] = {
    [ELEM_F64] = 1e-12, [ELEM_F32] = 1e-5, [ELEM_F16] = 2e-3, [ELEM_BF16] = 1e-2};

static bool is_given(const json_t *check, const char *option)
{
    return json_is_number(json_object_get(check, option)) &&
           json_number_value(json_object_get(check, option)) >= 0;
}

/* who sets a tolerance of his own, or lets some elements be wrong, bounds the whole with that */
static double norm_read(const json_t *check, const struct array *a)
{
    bool own = a->match.exact || a->by || is_given(check, "rtol") || is_given(check, "atol") ||
               is_given(check, "ulp") || a->match.bad > 0;

    return own ? 0 : norms[a->type];
}

/* A checker of the user's is asked only about outputs that the other options do not pass; where it
 * is given alone these are bit for bit. */
static void match_read(const json_t *check, struct array *a)
{
    const char *by = json_string_value(json_object_get(check, "by"));

    a->match.exact = !elem_is_float(a->type) || json_is_true(json_object_get(check, "exact"));
    a->match.rtol = number_or(check, "rtol", tolerances[a->type][0]);
    a->match.atol = number_or(check, "atol", tolerances[a->type][1]);
    a->match.ulp = number_or(check, "ulp", -1);
    a->match.bad = number_or(check, "bad", 0);
    if (by) {
        a->by = strdup(by);
        a->match.exact |= number_or(check, "rtol", -1) < 0 && number_or(check, "atol", -1) < 0 &&
                          a->match.ulp < 0;
    }
    a->norm = norm_read(check, a);
}

/* of which scalars the elements are made, and how many */
static int elem_read(struct elem elem, struct array *a, struct refusal *r)
{
    int scalar;

    if (elem.type == ELEM_LONG_DOUBLE)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "array '%s' is of long double, which GPUs do not have: use double", a->name);
    if (elem.type == ELEM_POINTER && a->role == ROLE_TEMP)
        elem.type = ELEM_OPAQUE;
    if (elem.type == ELEM_POINTER)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "array '%s' is of pointers, which no generator makes and no check compares: "
                      "describe what they point to, and make them in call(...)",
                      a->name);
    if (elem.type < 0 || elem.type >= ELEM_TYPES || elem.size < 1 || elem.size > 1 << 20 ||
        (elem.type != ELEM_OPAQUE && elem.size % elem_size(elem.type)))
        return refuse(r, REFUSE_LOAD, "the harness gives no element type for array '%s'", a->name);
    scalar = elem.type == ELEM_OPAQUE ? elem.size : elem_size(elem.type);
    a->type = elem.type;
    a->size = scalar;
    a->lanes = elem.size / scalar;
    return 0;
}

static int array_read(struct session *s, const json_t *object, int index, struct array *a,
                      struct refusal *r)
{
    static const char *const roles[] = {"in", "out", "inout", "temp"};
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *role = json_string_value(json_object_get(object, "role"));
    size_t k = 0;

    while (role && k < 4 && strcmp(roles[k], role))
        k++;
    if (!name || !role || k == 4)
        return refuse(r, REFUSE_PROTOCOL, "array %d has no name or no role", index);
    a->name = strdup(name);
    a->role = (enum role)k;
    a->gen = json_incref(json_object_get(object, "gen"));
    if (elem_read(s->harness.elem(index), a, r))
        return -1;
    match_read(json_object_get(object, "check"), a);
    if (a->by && !s->harness.check)
        return refuse(r, REFUSE_LOAD, "the harness does not know the checker '%s' of array '%s'",
                      a->by, name);
    return 0;
}

static int arrays_read(struct session *s, const json_t *arrays, struct refusal *r)
{
    size_t n = json_array_size(arrays);

    s->arrays = calloc(n + 1, sizeof *s->arrays);
    for (s->narrays = 0; s->narrays < n; s->narrays++) {
        struct array *a = &s->arrays[s->narrays];

        if (array_read(s, json_array_get(arrays, s->narrays), (int)s->narrays, a, r)) {
            s->narrays++; /* so that its name is freed */
            return -1;
        }
    }
    return 0;
}

/* loads the harness and makes variant 0 of it */
static int harness_load(struct session *s, const void *blob, size_t len, struct refusal *r)
{
    if (module_load(s, -1, false, blob, len, r))
        return -1;
    harness_find(s->modules->object, s->entry, &s->harness);
    if (!s->harness.call || !s->harness.extent || !s->harness.elem)
        return refuse(r, REFUSE_LOAD, "the harness has no entry %s", s->entry);
    return variant_add(s, 0, -1, s->entry, NULL, NULL, 0, r) ? 0 : -1;
}

int session_open(struct session *s, const json_t *request, const void *blob, size_t len,
                 struct refusal *r)
{
    const char *entry = json_string_value(json_object_get(request, "entry"));
    const json_t *require = json_object_get(request, "require");

    session_close(s);
    if (!entry || !len)
        return refuse(r, REFUSE_PROTOCOL, "open needs an entry and a harness");
    if (json_is_true(json_object_get(request, "energy")) && nvml_energy() < 0)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "objective(energy) needs a GPU whose energy counter NVML can read, and this "
                      "one's cannot be read here");
    s->entry = strdup(entry);
    s->is_kernel = json_is_true(json_object_get(request, "kernel"));
    s->is_warm = json_is_true(json_object_get(request, "warm"));
    s->is_single = json_is_true(json_object_get(request, "single"));
    s->is_energy = json_is_true(json_object_get(request, "energy"));
    s->require.deterministic = json_is_true(json_object_get(require, "deterministic"));
    s->require.graph = json_is_true(json_object_get(require, "graph"));
    s->seed = (uint64_t)json_integer_value(json_object_get(request, "seed"));
    if (getrandom(&s->secret, sizeof s->secret, 0) != sizeof s->secret)
        return refuse(r, REFUSE_LIMIT, "the system gives no random numbers");
    s->ndims = json_array_size(json_object_get(request, "dims"));
    if (harness_load(s, blob, len, r) || arrays_read(s, json_object_get(request, "arrays"), r)) {
        session_close(s);
        return -1;
    }
    return 0;
}

/* ---- points ---- */

/* "4096 x -1" */
static const char *extents_text(const long long *extents, int n, char *text, size_t cap)
{
    size_t used = 0;

    *text = '\0';
    for (int k = 0; k < n && used < cap; k++)
        used += (size_t)snprintf(text + used, cap - used, "%s%lld", k ? " x " : "", extents[k]);
    return text;
}

/* counts the scalars; what does not fit in 64 bits, or in any GPU (2^46 bytes), is told apart from
 * a dimension that is not as large as it was meant to be */
static int shape_count(struct shape *shape, const char **why)
{
    uint64_t bytes = (uint64_t)shape->size, n = (uint64_t)shape->lanes;
    bool is_empty = false, overflow = false;

    for (int k = 0; k < shape->nextents; k++)
        is_empty = is_empty || shape->extents[k] == 0;
    for (int k = 0; k < shape->nextents; k++)
        overflow = __builtin_mul_overflow(n, shape->extents[k], &n) || overflow;
    shape->row = (uint64_t)shape->lanes;
    if (shape->nextents &&
        __builtin_mul_overflow(shape->row, shape->extents[shape->nextents - 1], &shape->row))
        overflow = true;
    shape->count = is_empty ? 0 : n;
    *why = "has more bytes than 64 bits count";
    if (is_empty)
        return 0;
    if (overflow || __builtin_mul_overflow(bytes, n, &bytes))
        return -1;
    *why = "is larger than any GPU's memory";
    return bytes >> 46 ? -1 : 0;
}

/* a file may describe an array with no extents at all: one element */
static int shape_read(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    const struct array *array = &s->arrays[a];
    struct shape *shape = &p->shapes[a];
    long long extents[EXTENTS + 1];
    const char *why;
    char text[256];
    int n = 0;

    while (n <= EXTENTS && (extents[n] = s->harness.extent((int)a, n, p->dims)) != LLONG_MIN)
        n++;
    if (n > EXTENTS)
        return refuse(r, REFUSE_LIMIT, "array '%s' has more than %d extents", array->name, EXTENTS);
    *shape = (struct shape){
        .type = array->type, .size = array->size, .lanes = array->lanes, .nextents = n};
    for (int k = 0; k < n; k++) {
        if (extents[k] < 0)
            return refuse(r, REFUSE_LIMIT, "extent %d of array '%s' is %lld at %s", k + 1,
                          array->name, extents[k], p->label);
        shape->extents[k] = (uint64_t)extents[k];
    }
    if (shape_count(shape, &why))
        return refuse(r, REFUSE_LIMIT, "array '%s' %s at %s: %s elements of %d bytes", array->name,
                      why, p->label, extents_text(extents, n, text, sizeof text),
                      array->size * array->lanes);
    return 0;
}

struct question { /* whose generator's argument the harness is asked for */
    struct session *s;
    struct point *p;
    int array, gen;
};

static double ask_harness(void *arg, int position)
{
    const struct question *q = arg;

    return q->s->harness.gen ? q->s->harness.gen(q->array, q->gen, position, q->p->dims) : NAN;
}

static int array_gen(struct session *s, struct point *p, size_t a, struct refusal *r)
{
    const json_t *own = json_array_get(p->gens, a);
    bool overrides = own && !json_is_null(own);
    const json_t *object = overrides ? own : s->arrays[a].gen;
    struct question q = {s, p, (int)a, overrides ? 1 + p->id : 0};

    if (gen_read(object, &p->shapes[a], ask_harness, &q, &p->gen[a], r))
        return -1;
    if (p->gen[a].kind != GEN_FILE)
        return 0;
    p->file[a] = json_string_value(
        json_object_get(json_array_get(json_object_get(object, "args"), 0), "string"));
    return infile_check(p->file[a], s->arrays[a].name, &p->shapes[a], r);
}

static int gens_read(struct session *s, struct point *p, struct refusal *r)
{
    for (size_t a = 0; a < s->narrays; a++) {
        struct refusal why = {0};

        if (array_is_input(&s->arrays[a]) && array_gen(s, p, a, &why))
            return refuse(r, why.class, "array '%s' at %s: %.800s", s->arrays[a].name, p->label,
                          why.text);
    }
    return 0;
}

static int dims_read(struct session *s, const json_t *dims, struct point *p, struct refusal *r)
{
    if (json_array_size(dims) != s->ndims)
        return refuse(r, REFUSE_PROTOCOL, "a point with %zu dimensions; the entry has %zu",
                      json_array_size(dims), s->ndims);
    p->dims = calloc(s->ndims + 1, sizeof *p->dims);
    for (size_t i = 0; i < s->ndims; i++) {
        const json_t *value = json_array_get(dims, i);

        p->dims[i] = json_is_null(value) ? LLONG_MIN : json_integer_value(value);
    }
    return 0;
}

int session_add_point(struct session *s, const json_t *request, struct refusal *r)
{
    const char *label = json_string_value(json_object_get(request, "label"));
    const json_t *id = json_object_get(request, "point");
    struct point *p;

    if (!s->entry)
        return refuse(r, REFUSE_PROTOCOL, "no entry is open");
    if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) > INT_MAX - 1)
        return refuse(r, REFUSE_PROTOCOL, "a point needs a number");
    for (p = s->points; p; p = p->next)
        if (p->id == json_integer_value(id))
            return refuse(r, REFUSE_PROTOCOL, "point %d exists already", p->id);
    p = calloc(1, sizeof *p);
    p->id = (int)json_integer_value(id);
    p->label = strdup(label ? label : "");
    p->timed = json_is_true(json_object_get(request, "timed"));
    p->gens = json_incref(json_object_get(request, "gens"));
    p->shapes = calloc(s->narrays + 1, sizeof *p->shapes);
    p->gen = calloc(s->narrays + 1, sizeof *p->gen);
    p->file = calloc(s->narrays + 1, sizeof *p->file);
    if (dims_read(s, json_object_get(request, "dims"), p, r))
        goto failed;
    for (size_t a = 0; a < s->narrays; a++)
        if (shape_read(s, p, a, r))
            goto failed;
    if (gens_read(s, p, r))
        goto failed;
    p->next = s->points;
    s->points = p;
    return 0;
failed:
    point_free(s, p);
    return -1;
}
