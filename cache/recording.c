/* cache/recording.c - a journal as one file, to be kept, shipped and replayed.
 *
 * Lines of JSON, the whole compressed as a frame of zstd; the text as it is will do as well:
 *
 *     {"ksearch_recording": 1, "facts": N, "steps": M}
 *     {"fact": NAME, "is": JSON}      N lines, in the order of names
 *     {"step": NAME, "at": SECONDS}   M lines, in their order
 *
 * The same journal gives the same bytes. A recording comes from anywhere, so all of it is checked
 * when it is read: how large it is, before it is unpacked further; every field; that what a step
 * names is there; that no line is missing. What is wrong is told with its line. */
#include "cache/journal_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum { FORMAT = 1, DIGITS = 6, WINDOW_LOG = 26, LEVEL = 5, COMPACT_LEVEL = 19 };

/* ---- export --------------------------------------------------------------------------------- */

struct writer {
    struct buf text;
    size_t flags;
    struct error *err;
    int rc;
};

/* appends a line, and drops the reference */
static void add_line(struct writer *w, json_t *line)
{
    char *text = line ? json_dumps(line, w->flags) : NULL;

    if (!text && w->rc == 0)
        w->rc = error_set(w->err, "a recording cannot be written: a fact is no JSON");
    if (text) {
        buf_adds(&w->text, text);
        buf_addc(&w->text, '\n');
    }
    free(text);
    json_decref(line);
}

static void add_fact(void *arg, const char *name, const json_t *fact)
{
    add_line(arg, json_pack("{s:s, s:O}", "fact", name, "is", (json_t *)fact));
}

static int write_packed(const char *file, const struct buf *text, int level, struct error *err)
{
    size_t room = ZSTD_compressBound(text->len), n;
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    char *packed = malloc(room);
    int rc;

    if (!packed || !zstd)
        fatal("out of memory");
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    n = ZSTD_compress2(zstd, packed, room, text->data, text->len);
    if (ZSTD_isError(n))
        rc = error_set(err, "cannot write %s: %s", file, ZSTD_getErrorName(n));
    else
        rc = fs_write(file, packed, n, err);
    ZSTD_freeCCtx(zstd);
    free(packed);
    return rc;
}

int journal_export(const struct journal *j, const char *file, bool compact, struct error *err)
{
    struct writer w = {.flags = JSON_COMPACT, .err = err};

    if (compact)
        w.flags |= JSON_REAL_PRECISION(DIGITS);
    buf_init(&w.text, JOURNAL_RECORDING_MAX);
    add_line(&w, json_pack("{s:i, s:I, s:I}", "ksearch_recording", FORMAT, "facts",
                           (json_int_t)json_object_size(j->facts), "steps", (json_int_t)j->nsteps));
    journal_each(j, "", add_fact, &w);
    for (size_t i = 0; i < j->nsteps; i++)
        add_line(&w, json_pack("{s:s, s:f}", "step", j->steps[i].name, "at", j->steps[i].seconds));
    if (w.rc == 0 && w.text.full)
        w.rc = error_set(err,
                         "cannot write %s: a recording has at most %zu bytes before it is "
                         "compressed",
                         file, JOURNAL_RECORDING_MAX);
    if (w.rc == 0)
        w.rc = write_packed(file, &w.text, compact ? COMPACT_LEVEL : LEVEL, err);
    buf_release(&w.text);
    return w.rc;
}

/* ---- import --------------------------------------------------------------------------------- */

struct reader {
    const char *file;
    size_t line;
    struct journal *j;
    size_t facts, steps; /* that the first line promises */
    struct error *err;
};

static int wrong(const struct reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int wrong(const struct reader *r, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(r->err, "%s:%zu: %s", r->file, r->line, text);
}

/* a string without NUL in it; NULL when it is none */
static const char *member_text(const json_t *line, const char *name)
{
    const json_t *value = json_object_get(line, name);
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static int take_count(struct reader *r, const json_t *line, const char *name, size_t *count)
{
    const json_t *value = json_object_get(line, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        json_integer_value(value) > (json_int_t)JOURNAL_RECORDING_MAX)
        return wrong(r, "\"%s\" must say how many there are", name);
    *count = (size_t)json_integer_value(value);
    return 0;
}

static int take_first(struct reader *r, const json_t *line)
{
    const json_t *format = json_object_get(line, "ksearch_recording");

    if (!json_is_integer(format) || json_integer_value(format) < 1)
        return wrong(r, "this is no recording of a search: it must begin "
                        "{\"ksearch_recording\":1,...}");
    if (json_integer_value(format) > FORMAT)
        return wrong(r, "this recording is of a later version (%lld, this is %d)",
                     (long long)json_integer_value(format), FORMAT);
    if (take_count(r, line, "facts", &r->facts) < 0)
        return -1;
    return take_count(r, line, "steps", &r->steps);
}

static int take_fact(struct reader *r, const json_t *line)
{
    const char *name = member_text(line, "fact");
    json_t *fact = json_object_get(line, "is");
    struct error why = {""};

    if (!name || journal_check_name(name, strlen(name), &why) < 0)
        return wrong(r, "%s", name ? why.text : "\"fact\" must be a name");
    if (!fact)
        return wrong(r, "the fact %.200s has no \"is\"", name);
    if (json_object_get(r->j->facts, name))
        return wrong(r, "the fact %.200s is there twice", name);
    return json_object_set(r->j->facts, name, fact);
}

static int take_step(struct reader *r, const json_t *line)
{
    const char *name = member_text(line, "step");
    const json_t *at = json_object_get(line, "at");

    if (!name || !json_object_get(r->j->facts, name))
        return wrong(r, "\"step\" must be the name of a fact above");
    if (!json_is_number(at) || json_number_value(at) < 0)
        return wrong(r, "\"at\" must be seconds, not negative");
    journal_push_step(r->j, json_number_value(at), name);
    return 0;
}

static int take_line(struct reader *r, const char *text, size_t n)
{
    json_error_t why;
    json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    size_t members = r->line == 1 ? 3 : 2;
    int rc;

    if (!line)
        return wrong(r, "this is no JSON: %s (byte %d)", why.text, why.position);
    if (json_object_size(line) != members)
        rc =
            wrong(r, "a line must have %zu members, this has %zu", members, json_object_size(line));
    else if (r->line == 1)
        rc = take_first(r, line);
    else if (json_object_get(line, "fact"))
        rc = take_fact(r, line);
    else
        rc = take_step(r, line);
    json_decref(line);
    return rc;
}

static int take_text(struct reader *r, const char *text, size_t n)
{
    const char *at = text, *end = text + n, *eol;

    for (; at < end; at = eol + 1) {
        r->line++;
        eol = memchr(at, '\n', (size_t)(end - at));
        if (!eol)
            return wrong(r, "the recording is cut short in this line");
        if (take_line(r, at, (size_t)(eol - at)) < 0)
            return -1;
    }
    r->line++;
    if (r->line == 1)
        return wrong(r, "this is no recording of a search: it is empty");
    if (json_object_size(r->j->facts) != r->facts || r->j->nsteps != r->steps)
        return wrong(r,
                     "the recording ends with %zu facts and %zu steps; its first line says %zu "
                     "and %zu",
                     json_object_size(r->j->facts), r->j->nsteps, r->facts, r->steps);
    return 0;
}

static int unpack(const char *file, const void *bytes, size_t n, struct buf *text,
                  struct error *err)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    size_t room = ZSTD_DStreamOutSize(), rc = 1;
    ZSTD_inBuffer in = {bytes, n, 0};
    char *chunk = malloc(room);

    if (!zstd || !chunk)
        fatal("out of memory");
    ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    while (!text->full) {
        ZSTD_outBuffer out = {chunk, room, 0};
        rc = ZSTD_decompressStream(zstd, &out, &in);
        if (ZSTD_isError(rc))
            break;
        buf_add(text, chunk, out.pos);
        if (in.pos == n && out.pos < room) /* all is read, and nothing is held back */
            break;
    }
    if (ZSTD_isError(rc))
        error_set(err, "%s cannot be unpacked: %s", file, ZSTD_getErrorName(rc));
    else if (text->full)
        error_set(err, "%s cannot be read: unpacked it has more than %zu bytes", file, text->limit);
    else if (rc != 0)
        error_set(err, "%s cannot be unpacked: it is cut short", file);
    ZSTD_freeDCtx(zstd);
    free(chunk);
    return rc == 0 && !text->full ? 0 : -1;
}

struct journal *journal_import_bytes(const char *file, const void *bytes, size_t n,
                                     struct error *err)
{
    static const unsigned char packed[4] = {0x28, 0xb5, 0x2f, 0xfd}; /* RFC 8878 */
    struct reader r = {.file = file, .err = err, .j = journal_new(file, JOURNAL_WRITE)};
    struct buf text;
    int rc;

    buf_init(&text, JOURNAL_RECORDING_MAX);
    if (n >= sizeof packed && memcmp(bytes, packed, sizeof packed) == 0)
        rc = unpack(file, bytes, n, &text, err) < 0 ? -1 : take_text(&r, buf_text(&text), text.len);
    else
        rc = take_text(&r, bytes, n);
    buf_release(&text);
    if (rc == 0)
        return r.j;
    journal_close(r.j);
    return NULL;
}

struct journal *journal_import(const char *file, struct error *err)
{
    struct journal *j = NULL;
    struct buf b;

    buf_init(&b, JOURNAL_RECORDING_MAX);
    if (fs_read(file, &b, err) == 0)
        j = journal_import_bytes(file, buf_text(&b), b.len, err);
    buf_release(&b);
    return j;
}
