/* cache/record_read.c
 *
 * A record comes from a disk, another machine or somebody's editor, and decides what is compiled
 * into a program. So every member is required, of its type and in its range; the first that is not
 * is named, and nothing is guessed. Members that this version does not know are ignored. */
#include "cache/record.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

enum {
    TEXT_MAX = 4096,
    VALUES_MAX = 1024,
    WINNERS_MAX = 1024,
    WORKLOADS_MAX = 4096,
    SAMPLES_MAX = 100000
};

/* one JSON object being read; the first failure stays in *err and everything later is skipped */
struct reader {
    const json_t *object;
    const char *where; /* "" or "winners[2].when.": before a member's name in messages */
    struct error *err;
    bool failed;
};

__attribute__((format(printf, 3, 4))) static void reader_fail(struct reader *rd, const char *name,
                                                              const char *format, ...)
{
    char text[256];
    va_list args;

    if (rd->failed)
        return;
    rd->failed = true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(rd->err, "field '%s%s' %s", rd->where, name, text);
}

/* the member, or NULL after a failure, where it is missing or not of that type */
static const json_t *reader_member(struct reader *rd, const char *name, json_type type,
                                   const char *type_name)
{
    const json_t *member = rd->failed ? NULL : json_object_get(rd->object, name);

    if (!member)
        reader_fail(rd, name, "is missing");
    else if (json_typeof(member) != type)
        reader_fail(rd, name, "is not %s", type_name);
    return rd->failed ? NULL : member;
}

static char *reader_text(struct reader *rd, const char *name, bool may_be_empty)
{
    const json_t *member = reader_member(rd, name, JSON_STRING, "a string");
    size_t n = member ? json_string_length(member) : 0;
    const char *s = member ? json_string_value(member) : "";
    char *copy;

    if (!member)
        return NULL;
    if (strlen(s) != n)
        reader_fail(rd, name, "holds a NUL");
    else if (n > TEXT_MAX)
        reader_fail(rd, name, "is longer than %d bytes", TEXT_MAX);
    else if (n == 0 && !may_be_empty)
        reader_fail(rd, name, "is empty");
    for (size_t i = 0; i < n && !rd->failed; i++) {
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f) /* would garble a terminal */
            reader_fail(rd, name, "holds a control character");
    }
    copy = rd->failed ? NULL : strdup(s);
    if (!copy && !rd->failed)
        fatal("out of memory");
    return copy;
}

static double reader_number(struct reader *rd, const char *name, double least, double most)
{
    const json_t *member = rd->failed ? NULL : json_object_get(rd->object, name);
    double x = json_number_value(member);

    if (!member)
        reader_fail(rd, name, "is missing");
    else if (!json_is_number(member))
        reader_fail(rd, name, "is not a number");
    else if (!isfinite(x) || x < least || x > most)
        reader_fail(rd, name, "is out of range: %g", x);
    return x;
}

static long long reader_integer(struct reader *rd, const char *name, long long least,
                                long long most)
{
    const json_t *member = reader_member(rd, name, JSON_INTEGER, "an integer");
    long long n = json_integer_value(member);

    if (member && (n < least || n > most))
        reader_fail(rd, name, "is out of range: %lld", n);
    return n;
}

static bool reader_bool(struct reader *rd, const char *name)
{
    const json_t *member = rd->failed ? NULL : json_object_get(rd->object, name);

    if (!member)
        reader_fail(rd, name, "is missing");
    else if (!json_is_boolean(member))
        reader_fail(rd, name, "is neither true nor false");
    return json_is_true(member);
}

static void reader_hash(struct reader *rd, const char *name, struct hash *hash)
{
    const json_t *member = reader_member(rd, name, JSON_STRING, "a string");

    if (member && hash_parse(json_string_value(member), hash) < 0)
        reader_fail(rd, name, "is not 64 hexadecimal digits");
}

static const json_t *reader_list(struct reader *rd, const char *name, size_t most)
{
    const json_t *member = reader_member(rd, name, JSON_ARRAY, "an array");

    if (member && json_array_size(member) > most)
        reader_fail(rd, name, "has more than %zu elements", most);
    return rd->failed ? NULL : member;
}

static void read_parts(struct reader *rd, struct key *key)
{
    static const struct {
        const char *name;
        enum key_part part;
    } parts[] = {{"region", KEY_REGION},
                 {"clauses", KEY_CLAUSES},
                 {"context", KEY_CONTEXT},
                 {"flags", KEY_FLAGS},
                 {"toolkit", KEY_TOOLKIT}};
    struct reader in = {.object = reader_member(rd, "parts", JSON_OBJECT, "an object"),
                        .where = "parts.",
                        .err = rd->err,
                        .failed = rd->failed};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        reader_hash(&in, parts[i].name, &key->part[parts[i].part]);
    rd->failed = in.failed;
}

static void read_cc(struct reader *rd, struct record *r)
{
    const json_t *cc = reader_member(rd, "cc", JSON_STRING, "a string");
    char text[32];

    if (!cc)
        return;
    if (sscanf(json_string_value(cc), "%2d.%2d", &r->major, &r->minor) == 2)
        snprintf(text, sizeof text, "%d.%d", r->major, r->minor);
    else
        text[0] = '\0';
    if (strcmp(text, json_string_value(cc)) != 0 || r->major < 1 || r->minor < 0)
        reader_fail(rd, "cc", "is not a compute capability such as 9.0");
}

/* as the lexer of the sources has them */
/* an identifier that may have some more characters behind its first one */
static bool is_word(const char *s, const char *more)
{
    if (!*s || isdigit((unsigned char)*s) || strchr(more, *s))
        return false;
    for (; *s; s++) {
        if (!isalnum((unsigned char)*s) && *s != '_' && *s != '$' && (unsigned char)*s < 0x80 &&
            !strchr(more, *s))
            return false;
    }
    return true;
}

static bool is_identifier(const char *s)
{
    return is_word(s, "");
}

/* of a tunable, or of a knob, whose names have parts: "unroll:sum.2:1" */
static bool is_value_name(const char *s)
{
    return is_word(s, ":.");
}

static void read_values(struct reader *rd, struct record_winner *w)
{
    const json_t *object = reader_member(rd, "values", JSON_OBJECT, "an object"), *value;
    const char *name;

    if (!object)
        return;
    if (json_object_size(object) > VALUES_MAX) {
        reader_fail(rd, "values", "has more than %d members", VALUES_MAX);
        return;
    }
    w->values = calloc(json_object_size(object) + 1, sizeof *w->values);
    if (!w->values)
        fatal("out of memory");
    json_object_foreach((json_t *)object, name, value)
    {
        if (!is_value_name(name) || strlen(name) > 255) {
            reader_fail(rd, "values", "has a member that is no identifier");
            return;
        }
        if (!json_is_integer(value)) {
            reader_fail(rd, "values", "has a value of '%.100s' that is not an integer", name);
            return;
        }
        w->values[w->nvalues].value = json_integer_value(value);
        w->values[w->nvalues].name = strdup(name);
        if (!w->values[w->nvalues++].name)
            fatal("out of memory");
    }
}

/* the regime of a winner, where it has one */
static void read_when(struct reader *rd, struct record_winner *w)
{
    char where[40];
    struct reader in = {.where = where, .err = rd->err};

    if (rd->failed || !json_object_get(rd->object, "when"))
        return;
    in.object = reader_member(rd, "when", JSON_OBJECT, "an object");
    in.failed = rd->failed;
    snprintf(where, sizeof where, "%swhen.", rd->where);
    w->param = reader_text(&in, "param", false);
    if (w->param && !is_identifier(w->param))
        reader_fail(&in, "param", "is no identifier");
    w->low = reader_integer(&in, "low", LLONG_MIN, LLONG_MAX);
    w->high = reader_integer(&in, "high", LLONG_MIN, LLONG_MAX);
    if (!in.failed && w->low > w->high)
        reader_fail(&in, "low", "is above 'high'");
    rd->failed = in.failed;
}

static bool same_tunables(const struct record_winner *a, const struct record_winner *b)
{
    size_t k = 0;

    for (size_t i = 0; i < a->nvalues && k < b->nvalues; i++) {
        for (k = 0; k < b->nvalues && strcmp(a->values[i].name, b->values[k].name) != 0; k++)
            continue;
    }
    return a->nvalues == b->nvalues && (k < b->nvalues || b->nvalues == 0);
}

/* the text of a structure that is no file */
static void read_text(struct reader *rd, struct record_winner *w)
{
    const json_t *member = json_object_get(rd->object, "text");
    const char *text = json_string_value(member);
    size_t n = json_string_length(member);

    if (rd->failed || !member)
        return;
    if (!text)
        reader_fail(rd, "text", "is not a string");
    else if (!w->structure)
        reader_fail(rd, "text", "has no name: 'structure' is missing");
    else if (n > RECORD_TEXT_LIMIT)
        reader_fail(rd, "text", "is longer than %d bytes", RECORD_TEXT_LIMIT);
    else if (utf8_plain(text, n) != n)
        reader_fail(rd, "text", "holds a control character");
    else if (!(w->text = strdup(text)))
        fatal("out of memory");
}

/* the target that it needs: the record's own with an `a`, and no other */
static void read_arch(struct reader *rd, const struct record *r, struct record_winner *w)
{
    char own[40];

    if (rd->failed || !json_object_get(rd->object, "arch"))
        return;
    snprintf(own, sizeof own, "sm_%d%da", r->major, r->minor);
    w->arch = reader_text(rd, "arch", false);
    if (w->arch && strcmp(w->arch, own) != 0)
        reader_fail(rd, "arch", "is not %s, which this version knows of this GPU", own);
}

/* one structure has one text, which the first winner brings */
static void share_text(struct reader *rd, struct record_winner *w,
                       const struct record_winner *first)
{
    if (rd->failed || (!w->text && !first->text))
        return;
    if (!w->text)
        w->text = strdup(first->text);
    else if (!first->text || strcmp(w->text, first->text) != 0)
        reader_fail(rd, "text", "is not that of an earlier winner of '%.100s'", w->structure);
    if (!rd->failed && !w->text)
        fatal("out of memory");
}

static bool same_structure(const struct record_winner *a, const struct record_winner *b)
{
    return strcmp(a->structure ? a->structure : "", b->structure ? b->structure : "") == 0;
}

/* winner i beside those before it: for any size, at most one of them may be meant */
static void check_winner(struct reader *rd, struct record_winner *all, size_t i)
{
    struct record_winner *w = &all[i];

    if (i && (!w->param || !all[0].param))
        reader_fail(rd, "when",
                    "is missing here or before: a winner that holds everywhere is alone");
    else if (i && strcmp(w->param, all[0].param) != 0)
        reader_fail(rd, "when.param", "is not that of the first winner, '%.100s'", all[0].param);
    for (size_t k = 0; k < i && !rd->failed; k++)
        if (w->structure && same_structure(&all[k], w))
            share_text(rd, w, &all[k]);
    for (size_t k = 0; k < i && !rd->failed; k++)
        if (same_structure(&all[k], w) && !same_tunables(&all[k], w))
            reader_fail(rd, "values", "are not of the tunables of winners[%zu]", k);
    for (size_t k = 0; k < i && !rd->failed; k++) {
        if (w->low <= all[k].high && all[k].low <= w->high)
            reader_fail(rd, "when", "overlaps that of winners[%zu]", k);
    }
}

static void read_winners(struct reader *rd, struct record *r)
{
    const json_t *list = reader_list(rd, "winners", WINNERS_MAX);
    size_t n = json_array_size(list);

    if (!list)
        return;
    r->winners = calloc(n + 1, sizeof *r->winners);
    if (!r->winners)
        fatal("out of memory");
    for (size_t i = 0; i < n && !rd->failed; i++) {
        char where[32];
        struct reader in = {.object = json_array_get(list, i), .where = where, .err = rd->err};
        struct record_winner *w = &r->winners[r->nwinners];

        snprintf(where, sizeof where, "winners[%zu].", i);
        if (!json_is_object(in.object)) {
            reader_fail(rd, "winners", "holds something that is not an object");
            return;
        }
        r->nwinners++;
        read_when(&in, w);
        if (json_object_get(in.object, "structure"))
            w->structure = reader_text(&in, "structure", false);
        read_text(&in, w);
        read_values(&in, w);
        read_arch(&in, r, w);
        reader_hash(&in, "code", &w->code);
        if (!in.failed)
            check_winner(&in, r->winners, i);
        rd->failed = in.failed;
    }
}

/* ratio, low and high of a record or a workload: a win has all three, else they may be 0 */
static void read_interval(struct reader *rd, bool win, double *ratio, double *low, double *high)
{
    const double least = win ? 1e-9 : 0;

    *ratio = reader_number(rd, "ratio", least, 1e9);
    *low = reader_number(rd, "low", least, 1e9);
    *high = reader_number(rd, "high", least, 1e9);
    if (!rd->failed && *low > *high)
        reader_fail(rd, "low", "is above 'high'");
}

static void read_samples(struct reader *rd, struct record_workload *w)
{
    static const char *const names[] = {"original", "winner"};
    const json_t *samples = rd->failed ? NULL : json_object_get(rd->object, "samples");

    if (!samples)
        return;
    for (size_t i = 0; i < 2; i++) {
        const json_t *list = json_object_get(samples, names[i]);
        if (!json_is_array(list) || json_array_size(list) > SAMPLES_MAX) {
            reader_fail(rd, "samples", "has no list of times '%s'", names[i]);
            return;
        }
        for (size_t j = 0; j < json_array_size(list); j++) {
            const json_t *us = json_array_get(list, j);
            if (!json_is_number(us) || !(json_number_value(us) > 0)) {
                reader_fail(rd, "samples", "holds something in '%s' that is no time", names[i]);
                return;
            }
        }
    }
    w->samples = json_deep_copy(samples);
    if (!w->samples)
        fatal("out of memory");
}

static void read_workload(struct reader *rd, bool win, struct record_workload *w)
{
    w->label = reader_text(rd, "label", true);
    w->weight = reader_number(rd, "weight", 1e-9, 1e9);
    w->original_us = reader_number(rd, "original_us", 0, 1e12);
    w->winner_us = reader_number(rd, "winner_us", 0, 1e12);
    read_interval(rd, win, &w->ratio, &w->low, &w->high);
    w->floor_us = reader_number(rd, "floor_us", 0, 1e12);
    read_samples(rd, w);
}

static void read_workloads(struct reader *rd, struct record *r)
{
    const json_t *list = reader_list(rd, "workloads", WORKLOADS_MAX);
    size_t n = json_array_size(list);

    if (!list)
        return;
    r->workloads = calloc(n + 1, sizeof *r->workloads);
    if (!r->workloads)
        fatal("out of memory");
    for (size_t i = 0; i < n && !rd->failed; i++) {
        char where[40];
        struct reader in = {.object = json_array_get(list, i), .where = where, .err = rd->err};

        snprintf(where, sizeof where, "workloads[%zu].", i);
        if (!json_is_object(in.object)) {
            reader_fail(rd, "workloads", "holds something that is not an object");
            return;
        }
        read_workload(&in, r->nwinners > 0, &r->workloads[r->nworkloads++]);
        rd->failed = in.failed;
    }
}

static void read_objective(struct reader *rd, struct record *r)
{
    char *what =
        json_object_get(rd->object, "objective") ? reader_text(rd, "objective", false) : NULL;
    if (what && strcmp(what, "energy") != 0)
        reader_fail(rd, "objective", "is '%s', which this version does not know", what);
    r->is_energy = what != NULL;
    free(what);
}

/* where it came from, if from a remote */
static void read_signed(struct reader *rd, struct record *r)
{
    struct reader in = {.where = "signed.", .err = rd->err};
    struct hash key;

    if (rd->failed || !json_object_get(rd->object, "signed"))
        return;
    in.object = reader_member(rd, "signed", JSON_OBJECT, "an object");
    in.failed = rd->failed;
    r->signer_name = reader_text(&in, "by", true);
    r->signer = reader_text(&in, "key", true);
    if (!in.failed && *r->signer && hash_parse(r->signer, &key) < 0)
        reader_fail(&in, "key", "is not 64 hexadecimal digits");
    rd->failed = in.failed;
}

/* what people read on a terminal has no control characters in it */
static bool is_plain(const char *text)
{
    while (*text && (unsigned char)*text >= ' ' && *text != 0x7f)
        text++;
    return !*text;
}

/* an object of texts, or none */
static bool are_texts(const json_t *object)
{
    const char *name;
    json_t *value;

    if (object && !json_is_object(object))
        return false;
    json_object_foreach((json_t *)object, name, value)
    {
        if (!is_plain(name) || !json_is_string(value) || !is_plain(json_string_value(value)))
            return false;
    }
    return true;
}

static void read_made_of(struct reader *rd, struct record *r)
{
    json_t *made_of = json_object_get(rd->object, "made_of"),
           *flags = json_object_get(made_of, "flags");

    if (!made_of)
        return;
    if (!json_is_object(made_of) || !are_texts(json_object_get(made_of, "files")) ||
        !are_texts(json_object_get(made_of, "constants")) ||
        (flags && !(json_is_string(flags) && is_plain(json_string_value(flags)))))
        reader_fail(rd, "made_of", "is not {files, constants, flags}");
    else
        r->made_of = json_incref(made_of);
}

static void read_record(struct reader *rd, struct record *r)
{
    r->entry = reader_text(rd, "entry", false);
    r->gpu = reader_text(rd, "gpu", false);
    reader_hash(rd, "key", &r->key.all);
    read_parts(rd, &r->key);
    read_made_of(rd, r);
    r->file = reader_text(rd, "file", true);
    read_cc(rd, r);
    read_winners(rd, r);
    read_interval(rd, r->nwinners > 0, &r->ratio, &r->low, &r->high);
    r->noise = reader_number(rd, "noise", 0, 1e9);
    read_objective(rd, r);
    if (json_object_get(rd->object, "sanitizer"))
        r->sanitizer = reader_text(rd, "sanitizer", false);
    if (json_object_get(rd->object, "others"))
        r->others = (int)reader_integer(rd, "others", 0, INT_MAX);
    read_workloads(rd, r);
    r->space = reader_integer(rd, "space", 0, LLONG_MAX);
    r->trials = reader_integer(rd, "trials", 0, LLONG_MAX);
    r->interrupted = reader_bool(rd, "interrupted");
    r->seconds = reader_number(rd, "seconds", 0, 1e12);
    r->gpu_uuid = reader_text(rd, "gpu_uuid", true);
    r->driver = (int)reader_integer(rd, "driver", 0, INT_MAX);
    r->toolkit = reader_text(rd, "toolkit", true);
    r->created = reader_text(rd, "created", true);
    r->version = reader_text(rd, "version", true);
    read_signed(rd, r);
}

struct record *record_from_json(const json_t *object, struct error *err)
{
    struct reader rd = {.object = object, .where = "", .err = err};
    struct record *r;

    if (!json_is_object(object)) {
        error_set(err, "a record is not a JSON object");
        return NULL;
    }
    r = record_new();
    read_record(&rd, r);
    if (!rd.failed)
        return r;
    record_free(r);
    return NULL;
}

struct record *record_copy(const struct record *r, bool with_samples)
{
    json_t *object = record_to_json(r, with_samples);
    struct record *copy = record_from_json(object, NULL);

    json_decref(object);
    return copy;
}
