/* cache/record.c
 *
 * Writing and owning records; reading them back, which trusts nothing, is in record_read.c. */
#include "cache/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/buf.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

#define RATIO_MOST 1e9

struct record *record_new(void)
{
    struct record *r = calloc(1, sizeof *r);

    if (!r)
        fatal("out of memory");
    return r;
}

static void winner_release(struct record_winner *w)
{
    for (size_t i = 0; i < w->nvalues; i++)
        free(w->values[i].name);
    free(w->values);
    free(w->param);
    free(w->structure);
    free(w->text);
    free(w->arch);
}

void record_free(struct record *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->nwinners; i++)
        winner_release(&r->winners[i]);
    for (size_t i = 0; i < r->nworkloads; i++) {
        free(r->workloads[i].label);
        json_decref(r->workloads[i].samples);
    }
    json_decref(r->made_of);
    free(r->winners);
    free(r->workloads);
    free(r->entry);
    free(r->file);
    free(r->gpu);
    free(r->sanitizer);
    free(r->gpu_uuid);
    free(r->toolkit);
    free(r->created);
    free(r->version);
    free(r->signer);
    free(r->signer_name);
    free(r);
}

/* Texts come from file names and C++ sources, which may hold any bytes. A record holds UTF-8
 * without control characters: these become question marks. NULL is "". */
static json_t *text_json(const char *s)
{
    json_t *text;
    struct buf clean;

    buf_init(&clean, BUF_LIMIT);
    for (const char *p = s ? s : ""; *p; p++)
        buf_addc(&clean, (unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p);
    text = utf8_json(buf_text(&clean));
    buf_release(&clean);
    return text;
}

static json_t *hash_json(const struct hash *h)
{
    char hex[65];

    hash_hex(h, hex);
    return json_string(hex);
}

static json_t *cc_json(const struct record *r)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%d", r->major, r->minor);
    return json_string(text);
}

static json_t *parts_json(const struct key *key)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "region", hash_json(&key->part[KEY_REGION]),
                     "clauses", hash_json(&key->part[KEY_CLAUSES]), "context",
                     hash_json(&key->part[KEY_CONTEXT]), "flags", hash_json(&key->part[KEY_FLAGS]),
                     "toolkit", hash_json(&key->part[KEY_TOOLKIT]));
}

static json_t *values_json(const struct record_winner *w)
{
    json_t *values = json_object();

    for (size_t i = 0; i < w->nvalues; i++)
        json_object_set_new(values, w->values[i].name, json_integer(w->values[i].value));
    return values;
}

/* is the text of winner i that of an earlier one of the same structure? */
static bool is_repeated(const struct record *r, size_t i)
{
    const struct record_winner *w = &r->winners[i], *v = r->winners;

    for (; v < w; v++)
        if (v->text && v->structure && strcmp(v->structure, w->structure) == 0 &&
            strcmp(v->text, w->text) == 0)
            return true;
    return false;
}

/* the structure of winner i; -1 when JSON cannot hold its text, which is never changed */
static int add_structure(json_t *one, const struct record *r, size_t i)
{
    const struct record_winner *w = &r->winners[i];

    if (!w->structure)
        return 0;
    json_object_set_new(one, "structure", text_json(w->structure));
    return w->text && !is_repeated(r, i) ? json_object_set_new(one, "text", json_string(w->text))
                                         : 0;
}

static json_t *winners_json(const struct record *r)
{
    json_t *winners = json_array();

    for (size_t i = 0; i < r->nwinners; i++) {
        const struct record_winner *w = &r->winners[i];
        json_t *one = json_object();
        int rc;
        if (w->param)
            json_object_set_new(one, "when",
                                json_pack("{s:o, s:I, s:I}", "param", text_json(w->param), "low",
                                          (json_int_t)w->low, "high", (json_int_t)w->high));
        rc = add_structure(one, r, i);
        json_object_set_new(one, "values", values_json(w));
        if (w->arch)
            json_object_set_new(one, "arch", text_json(w->arch));
        json_object_set_new(one, "code", hash_json(&w->code));
        json_array_append_new(winners, one);
        if (rc < 0) {
            json_decref(winners);
            return NULL;
        }
    }
    return winners;
}

/* An interval of few pairs has no upper end: JSON has no infinity, and 1e9 is as good as none. */
static double bounded(double x)
{
    return x > RATIO_MOST ? RATIO_MOST : x;
}

static json_t *workloads_json(const struct record *r, bool with_samples)
{
    json_t *workloads = json_array();

    for (size_t i = 0; i < r->nworkloads; i++) {
        const struct record_workload *w = &r->workloads[i];
        json_t *one = json_pack("{s:o, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "label",
                                text_json(w->label), "weight", w->weight, "original_us",
                                w->original_us, "winner_us", w->winner_us, "ratio", w->ratio, "low",
                                w->low, "high", bounded(w->high), "floor_us", w->floor_us);
        if (one && with_samples && w->samples)
            json_object_set(one, "samples", w->samples);
        if (json_array_append_new(workloads, one) < 0) {
            json_decref(workloads);
            return NULL;
        }
    }
    return workloads;
}

static json_t *signed_json(const struct record *r)
{
    return r->signer ? json_pack("{s:o, s:o}", "by", text_json(r->signer_name), "key",
                                 text_json(r->signer))
                     : NULL;
}

/* members that are not there where there is nothing to say */
static int put_optional(const struct record *r, json_t *object)
{
    int rc = 0;

    if (r->made_of)
        rc |= json_object_set(object, "made_of", r->made_of);
    if (r->others)
        rc |= json_object_set_new(object, "others", json_integer(r->others));
    if (r->is_energy)
        rc |= json_object_set_new(object, "objective", json_string("energy"));
    if (r->sanitizer)
        rc |= json_object_set_new(object, "sanitizer", text_json(r->sanitizer));
    if (r->signer)
        rc |= json_object_set_new(object, "signed", signed_json(r));
    return rc;
}

/* Schema 1 of a record. All members are required unless said otherwise; members that are not named
 * here are for later versions and ignored. Times are microseconds a launch; ratios are original
 * over winner, so above 1 is faster.
 *
 *     entry        "blas::gemm<T=float>"
 *     gpu          "NVIDIA H200/9.0/132/143GB": the model that this holds for
 *     key          64 hexadecimal digits: all of the key
 *     parts        {region, clauses, context, flags, toolkit}: the key's parts, likewise
 *     made_of      {files, constants, flags}: what of the key people may want to know when another
 *                  one is found later; absent: not known. Nothing is decided by it
 *                  files      {"a.cuh": digits, ...}: of what the entry uses from each
 *                  constants  {"TILE": "32", ...} among that: their initialisers
 *                  flags      the compiler's options, as text
 *     file         base name of the source
 *     cc           "9.0": compute capability
 *     winners      [{when, structure, text, values, arch, code}], empty: searched, no proven
 *                  gain
 *                  when    {"param": "rows", "low": 1, "high": 16}: it holds only for these values
 *                          of the entry's scalar parameter, which is the same one in all winners;
 *                          no two regimes overlap. Absent: it holds everywhere and is alone
 *                  structure  the path that structure() in the annotation names; absent: the
 *                          entry's own text
 *                  text    of that structure, where it is no file: plain UTF-8 of at most 256 KiB,
 *                          which the winner is compiled from. Once: later winners of a structure
 *                          of that name have the same. Versions that do not know the member take
 *                          the name for a file's, find none, and build the original
 *                  values  {"BM": 64, ...}: the tunables, the same ones in all winners of the same
 *                          structure
 *                  arch    "sm_90a": it was measured as code for this target and needs its
 *                          instructions; absent: it needs none. Versions that do not know the
 *                          member find that it does not compile, and build the original
 *                  code    hash of its machine code as measured
 *     ratio, low, high   the overall speed-up with its 99 % interval; low <= high. Above 0 with a
 *                  win; 0 where nothing could be measured. A high of 1e9 is no bound
 *     noise        half width of original against itself, as a fraction
 *     others       how many other processes had the GPU open meanwhile; absent: none was seen
 *     objective    "energy": ratios are of energy, and original_us, winner_us and samples are
 *                  microjoules; absent: of time, in microseconds
 *     sanitizer    tools of compute-sanitizer that found nothing in any winner, "memcheck,
 * racecheck"; absent: none looked workloads    [{label, weight, original_us, winner_us, ratio, low,
 * high, floor_us, samples}] floor_us 0: not measured. samples is optional, and absent from a
 * lockfile:
 *                  {"original": [times], "winner": [times]} of the confirmation
 *     space, trials   valid points; variants tried
 *     interrupted  the budget ended before the space did
 *     seconds      wall time of the search
 *     gpu_uuid, driver   the card that measured ("" unknown) and its driver (13000 for 13.0)
 *     toolkit, created, version   "13.0.88", "2026-11-22T12:00:00Z", of ksnvcc
 *     signed       {"by": "ci", "key": 64 digits}: it came from a remote, and whose signature it
 *                  bore; both "" where it was taken unsigned. Absent from what is signed
 *
 * What JSON cannot hold gives NULL: a number that is NaN or infinite, a text that is no UTF-8. */
json_t *record_to_json(const struct record *r, bool with_samples)
{
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:f, s:o, s:I, s:I, s:b, s:f, s:o,"
        " s:i, s:o, s:o, s:o}",
        "entry", text_json(r->entry), "gpu", text_json(r->gpu), "key", hash_json(&r->key.all),
        "parts", parts_json(&r->key), "file", text_json(r->file), "cc", cc_json(r), "winners",
        winners_json(r), "ratio", r->ratio, "low", r->low, "high", bounded(r->high), "noise",
        bounded(r->noise), "workloads", workloads_json(r, with_samples), "space",
        (json_int_t)r->space, "trials", (json_int_t)r->trials, "interrupted", (int)r->interrupted,
        "seconds", r->seconds, "gpu_uuid", text_json(r->gpu_uuid), "driver", r->driver, "toolkit",
        text_json(r->toolkit), "created", text_json(r->created), "version", text_json(r->version));

    if (object && put_optional(r, object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static void set_text(char **text, const char *to)
{
    free(*text);
    *text = to ? strdup(to) : NULL;
    if (to && !*text)
        fatal("out of memory");
}

void record_set_signer(struct record *r, const char *signer, const char *name)
{
    set_text(&r->signer, signer);
    set_text(&r->signer_name, signer ? name : NULL);
}

bool record_signer_text(const struct record *r, char text[160])
{
    if (r->signer && *r->signer)
        snprintf(text, 160, "signed by %.64s (%.16s)", r->signer_name, r->signer);
    else
        snprintf(text, 160, "unsigned");
    return r->signer != NULL;
}

void record_winner_text(const struct record_winner *w, struct buf *b)
{
    if (w->structure)
        buf_addf(b, "%s%s", w->structure, w->nvalues ? " with " : "");
    for (size_t i = 0; i < w->nvalues; i++)
        buf_addf(b, "%s%s=%lld", i ? ", " : "", w->values[i].name, (long long)w->values[i].value);
    if (w->arch)
        buf_addf(b, "%sas %s", w->nvalues || w->structure ? " " : "", w->arch);
    if (!w->param)
        return;
    buf_addf(b, "%sfor %s %lld", w->nvalues || w->structure || w->arch ? " " : "", w->param,
             (long long)w->low);
    if (w->high != w->low)
        buf_addf(b, "..%lld", (long long)w->high);
}

const char *record_gain_text(const struct record *r, char text[GAIN_TEXT])
{
    snprintf(text, GAIN_TEXT, "is %.2fx as %s [%.2f, %.2f]", r->ratio,
             r->is_energy ? "sparing" : "fast", r->low, r->high);
    return text;
}

const char *record_end_text(const struct record *r, char text[GAIN_TEXT])
{
    *text = 0;
    if (r->interrupted)
        snprintf(text, GAIN_TEXT, ", which its budget ended after %lld of %lld variants", r->trials,
                 r->space);
    return text;
}

char *record_values_text(const struct record *r)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_adds(&b, "");
    for (size_t i = 0; i < r->nwinners; i++) {
        buf_adds(&b, i ? "; " : "");
        record_winner_text(&r->winners[i], &b);
    }
    return buf_steal(&b);
}
