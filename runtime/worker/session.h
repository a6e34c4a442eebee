/* runtime/worker/session.h - the entry that is open: its arrays, points, modules and variants.
 *
 * A request opens one entry at a time. All ids are the engine's. Arrays are described by name,
 * role, generator and tolerances; types and extents come from the harness. */
#ifndef KS_SESSION_H
#define KS_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include "runtime/worker/cuda.h"
#include "runtime/worker/inputs.h"
#include "runtime/worker/module.h"

enum role { ROLE_IN, ROLE_OUT, ROLE_INOUT, ROLE_TEMP };

struct array {
    char *name;
    enum role role;
    int type, size, lanes; /* as in struct shape */
    json_t *gen;           /* as in the request; NULL: the type's default */
    struct match match;
    double norm; /* how large the whole error may be beside the whole output; 0: no bound */
    char *by;    /* the user's function that decides where match does not pass; NULL: none */
};

struct sets;

struct point {
    int id;
    char *label;
    bool timed;
    long long *dims;
    json_t *gens;         /* overrides, one an array, or NULL */
    struct shape *shapes; /* one an array */
    struct gen *gen;      /* one an array; of in and inout only */
    const char **file;    /* one an array: the path of GEN_FILE */
    struct sets *sets;    /* NULL until needed; see sets.h */
    unsigned launches,
        nsets;          /* launches a sample of the original, over so many sets; 0: not known yet */
    double original_us; /* a launch, roughly */
    double repeated;    /* how long one of the original takes when repeated (energy.h), over that
                           of one that is compared; 0: not known */
    struct point *next;
};

struct session {
    struct device *device;
    char *entry;
    bool is_kernel, is_warm, is_single, is_energy;
    bool is_capturing; /* launches are being captured in a graph */
    struct {
        bool deterministic, graph;
    } require;
    uint64_t seed, draws; /* draws of inputs so far: each has a seed of its own */
    uint64_t secret;      /* from the system: nobody can tell what is drawn, or where it lies */
    size_t ndims, narrays;
    struct array *arrays;
    struct point *points;
    struct module *modules; /* module -1 is the harness, variant 0 lives in it */
    struct variant *variants;
    struct harness harness;
};

/* closes what was open and opens what the request says; `blob` is the harness */
int session_open(struct session *s, const json_t *request, const void *blob, size_t len,
                 struct refusal *r);
void session_close(struct session *s);
int session_add_point(struct session *s, const json_t *request, struct refusal *r);
/* refuse with class protocol when there is none of that id */
struct point *session_point(struct session *s, json_int_t id, struct refusal *r);
struct variant *session_variant(struct session *s, json_int_t id, struct refusal *r);
bool array_is_input(const struct array *a);  /* in, inout: has a generator */
bool array_is_output(const struct array *a); /* out, inout: is compared */

#endif
