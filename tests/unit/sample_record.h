/* tests/unit/sample_record.h - records for the tests of the cache. */
#ifndef KS_TEST_SAMPLE_RECORD_H
#define KS_TEST_SAMPLE_RECORD_H

#include <stdio.h>
#include <stdlib.h>
#include "cache/record.h"
#include "tests/unit/check.h"

#define H200 "NVIDIA H200/9.0/132/143GB"
#define A100 "NVIDIA A100/8.0/108/42GB"

static inline struct key sample_key(const char *entry, int n)
{
    struct key key;

    for (int i = 0; i < KEY_PARTS; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d %d", i, n);
        key.part[i] = hash_bytes(text, strlen(text));
    }
    key_finish(&key, entry);
    return key;
}

/* one more winner, for low..high of param where that is not NULL */
static inline void sample_winner(struct record *r, const char *param, int64_t low, int64_t high,
                                 int64_t bm)
{
    struct record_winner *w;

    r->winners = reallocarray(r->winners, r->nwinners + 1, sizeof *r->winners);
    w = &r->winners[r->nwinners++];
    *w = (struct record_winner){.low = low, .high = high, .nvalues = 2};
    w->param = param ? strdup(param) : NULL;
    w->values = calloc(2, sizeof *w->values);
    w->values[0] = (struct record_value){strdup("BM"), bm};
    w->values[1] = (struct record_value){strdup("TN"), -8};
    w->code = hash_bytes(&bm, sizeof bm);
}

static inline void drop_winners(struct record *r)
{
    for (size_t i = 0; i < r->nwinners; i++) {
        for (size_t k = 0; k < r->winners[i].nvalues; k++)
            free(r->winners[i].values[k].name);
        free(r->winners[i].values);
        free(r->winners[i].param);
        free(r->winners[i].structure);
        free(r->winners[i].text);
        free(r->winners[i].arch);
    }
    r->nwinners = 0;
}

/* the record with winners that hold for 1..16 and for 8192 of `param` */
static inline void sample_regimes(struct record *r, const char *param)
{
    drop_winners(r);
    sample_winner(r, param, 1, 16, 1024);
    sample_winner(r, param, 8192, 8192, 512);
}

/* a whole record; n makes its key and its numbers */
static inline struct record *sample_record(const char *entry, const char *gpu, int n)
{
    struct record *r = record_new();

    r->key = sample_key(entry, n);
    r->entry = strdup(entry);
    r->file = strdup("gemm.cu");
    r->gpu = strdup(gpu);
    r->major = strcmp(gpu, A100) == 0 ? 8 : 9;
    r->gpu_uuid = strdup("GPU-01234567-89ab-cdef-0123-456789abcdef");
    r->driver = 13000;
    r->toolkit = strdup("13.0.88");
    sample_winner(r, NULL, 0, 0, 64 + n);
    r->nworkloads = 1;
    r->workloads = calloc(1, sizeof *r->workloads);
    r->workloads[0] = (struct record_workload){.label = strdup("M=4096, N=4096"),
                                               .weight = 2,
                                               .original_us = 1234.5678901234567,
                                               .winner_us = 1000.0 / 3,
                                               .ratio = 1.1 + n / 7.0,
                                               .low = 1.05,
                                               .high = 3 + n,
                                               .floor_us = 0.1};
    r->workloads[0].samples =
        json_pack("{s:[f,f], s:[f,f]}", "original", 1234.25, 1235.5, "winner", 333.25, 333.0 + n);
    r->ratio = 1.1 + n / 7.0;
    r->low = 1.05;
    r->high = 3 + n;
    r->noise = 0.0012;
    r->others = 2;
    r->space = 96;
    r->trials = 40 + n;
    r->seconds = 12.25;
    r->created = strdup("2026-11-22T12:00:00Z");
    r->version = strdup("0.1.0");
    return r;
}

static inline void assert_same_record(const struct record *a, const struct record *b)
{
    json_t *x = record_to_json(a, true), *y = record_to_json(b, true);

    assert_non_null(x);
    assert_non_null(y);
    assert_true(json_equal(x, y));
    json_decref(x);
    json_decref(y);
}

#endif
