/* cache/record.h - the outcome of a search: a winner, or that there is no proven gain.
 *
 * As JSON (schema 1, documented at record_to_json) in the store and, without raw samples, in the
 * lockfile. A record owns its strings and arrays. */
#ifndef KS_RECORD_H
#define KS_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "cache/key.h"
#include "runtime/base/error.h"

struct buf;

#define RECORD_SCHEMA 1

enum { RECORD_TEXT_LIMIT = 256 << 10 }; /* bytes of a winner's text */

struct record_value { /* a tunable and its chosen value */
    char *name;
    int64_t value;
};

/* One winner. A record has several where different sizes have different winners: then each holds
 * for the values low..high of one scalar parameter of the entry (the regime it was proven in), the
 * regimes do not overlap, and between and beyond them the original runs. */
struct record_winner {
    char *param; /* NULL: holds everywhere, and is the only one */
    int64_t low, high;
    char *structure; /* the other way of writing the entry that won, by the path that the annotation
                        gives; NULL: the entry's own text */
    char *text;      /* of that structure where it stands in no file, because a model wrote it; its
                        name is then the likes of "model:1a2b3c4d". NULL: a file's */
    struct record_value *values; /* one a tunable of it */
    size_t nvalues;
    char *arch; /* "sm_90a": it needs instructions of that target alone, which is the record's GPU's
                   with an `a`; NULL: it needs none */
    struct hash code; /* cubin_code_hash of its kernels as measured */
};

struct record_workload {
    char *label;
    double weight;
    double original_us, winner_us; /* medians a launch */
    double ratio, low, high;       /* original / winner, with its 99 % interval */
    double floor_us;               /* 0: not measured */
    json_t *samples; /* {"original":[us..],"winner":[us..]} of the confirmation, the SM clocks as
                        "original_mhz" and "winner_mhz", and how a sample was taken: "launches",
                        "sets", "graph"; NULL in a lockfile */
};

struct record {
    struct key key;
    char *entry;      /* target_name: "blas::gemm<T=float>" */
    char *file;       /* base name of the source, for people */
    char *gpu;        /* gpu_model() */
    int major, minor; /* compute capability */
    bool is_energy;   /* ratios and workloads are of energy, in microjoules, not of time */
    char *sanitizer;  /* tools of compute-sanitizer that every winner passed; NULL: none ran */
    char *gpu_uuid;   /* of the card that measured; "" unknown */
    int driver;
    char *toolkit;                 /* "13.0.88" */
    struct record_winner *winners; /* none: searched, no proven gain */
    size_t nwinners;
    struct record_workload *workloads;
    size_t nworkloads;
    double ratio, low, high; /* weighted geometric mean over workloads */
    double noise;            /* original against itself: half width as a fraction */
    int others;              /* processes that had the GPU open too while it was proven */
    long long space, trials; /* valid points; variants tried */
    double seconds;          /* the search's wall time */
    bool interrupted;        /* the budget ended before the space did */
    json_t *made_of;         /* what the key is made of, for people; NULL: not known */
    char *created;           /* UTC, "2026-11-22T12:00:00Z" */
    char *version;           /* of ksnvcc */
    char *signer; /* it came from a remote: the public key that signed it, 64 hexadecimal digits;
                     "": nobody did. NULL: it is of this machine, or of a file */
    char *signer_name; /* what the list of trusted keys calls that key; NULL with signer */
};

struct record *record_new(void);
void record_free(struct record *r); /* NULL is fine */
/* a new record that is the same; NULL when it holds what no record may */
struct record *record_copy(const struct record *r, bool with_samples);
/* a new object; with_samples for the store, without for the lockfile */
json_t *record_to_json(const struct record *r, bool with_samples);
/* NULL with *err naming the field that is missing, of the wrong type or out of range */
struct record *record_from_json(const json_t *object, struct error *err);
/* "is 1.42x as fast [1.40, 1.44]", of energy "is 1.42x as sparing [1.40, 1.44]": what the winners
 * gain, into text */
enum { GAIN_TEXT = 96 };
const char *record_gain_text(const struct record *r, char text[GAIN_TEXT]);
/* ", which its budget ended after 1 of 4 variants", or "": a result without a winner tells little
 * of what was not tried */
const char *record_end_text(const struct record *r, char text[GAIN_TEXT]);
/* "BLOCK=512, TILE=4", or "THREADS=1024 for rows 1..16; THREADS=512 for rows 8192": all winners,
 * into a new string; "" without any */
char *record_values_text(const struct record *r);
/* says that a record came from a remote: signed by this key, which the reader calls so; or by
 * nobody,
 * "" and "". With NULL it is of this machine */
void record_set_signer(struct record *r, const char *signer, const char *name);
/* "signed by ci (3f2a...)", "unsigned" into text; false where it came from none */
bool record_signer_text(const struct record *r, char text[160]);
/* one of them, appended */
void record_winner_text(const struct record_winner *w, struct buf *out);

#endif
