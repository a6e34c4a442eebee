#include "driver/model/reply.h"

#include <string.h>
#include "driver/model/anchor.h"
#include "driver/model/fence.h"
#include "runtime/base/arena.h"
#include "runtime/base/utf8.h"

enum { OBJECTS = 16 }; /* places at which a bare object is looked for */

static size_t row_of(const char *text, size_t at)
{
    size_t row = 1;

    for (size_t i = 0; i < at; i++)
        row += text[i] == '\n';
    return row;
}

/* Carriage returns before newlines are the line ends of some servers. What else is no plain text
 * (utf8.h) could not be shown, kept or compiled. The reply without them, or NULL */
static const char *check_bytes(struct arena *a, const char *reply, size_t *len, struct buf *errors)
{
    char *text;
    size_t n = 0, plain;

    if (*len > REPLY_LIMIT) {
        buf_addf(errors, "the reply has %zu bytes: more than %d are not read\n", *len, REPLY_LIMIT);
        return NULL;
    }
    text = arena_alloc(a, *len + 1);
    for (size_t i = 0; i < *len; i++)
        if (reply[i] != '\r' || i + 1 == *len || reply[i + 1] != '\n')
            text[n++] = reply[i];
    plain = utf8_plain(text, n);
    if (plain < n) {
        buf_addf(
            errors,
            "line %zu of the reply: the byte 0x%02x is no plain text (UTF-8 without controls)\n",
            row_of(text, plain), (unsigned char)text[plain]);
        return NULL;
    }
    *len = n;
    return text;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

/* ---- structures ---- */

enum use { PROSE, WHOLE, EDITS };

static enum use use_of(const struct fence *f)
{
    static const char *const code[] = {"",    "cuda", "cpp", "c++", "cu",
                                       "cuh", "c",    "cc",  "cxx", NULL};

    if (strcmp(f->language, "edit") == 0)
        return EDITS;
    if (!is_one_of(f->language, code))
        return PROSE;
    return anchors_in(f->text, f->len) ? EDITS : WHOLE;
}

/* the fences that are used so, in all[0 .. the result) */
static size_t keep(struct arena *a, const struct fence *fences, size_t n, enum use use,
                   struct fence **all)
{
    size_t count = 0;

    *all = arena_array(a, struct fence, n + 1);
    for (size_t i = 0; i < n; i++)
        if (use_of(&fences[i]) == use)
            (*all)[count++] = fences[i];
    return count;
}

static int check_closed(const struct fence *fences, size_t n, struct buf *errors)
{
    for (size_t i = 0; i < n; i++) {
        if (fences[i].closed)
            continue;
        buf_addf(errors,
                 "the block that begins in line %zu of the reply is never closed: the reply was "
                 "cut off, send a shorter one\n",
                 fences[i].row - 1);
        return -1;
    }
    return 0;
}

static const struct fence *choose_whole(const struct fence *fences, size_t n)
{
    const struct fence *chosen = fences;
    size_t longest = 0;

    for (size_t i = 0; i < n; i++)
        longest = fences[i].len > longest ? fences[i].len : longest;
    for (size_t i = 0; i < n; i++)
        if (fences[i].len >= longest - longest / 2)
            chosen = &fences[i];
    return chosen;
}

static int check_text(const struct buf *text, struct buf *errors)
{
    if (text->len > REPLY_TEXT_LIMIT)
        buf_addf(errors, "the structure has %zu bytes: at most %d are taken\n", text->len,
                 REPLY_TEXT_LIMIT);
    else if (strspn(buf_text(text), " \t\n") == text->len)
        buf_adds(errors, "the structure is empty\n");
    else
        return 0;
    return -1;
}

/* the edits of all blocks at once */
static int edit(struct arena *a, const struct fence *fences, size_t n, const char *parent,
                struct buf *text, struct buf *errors)
{
    struct anchors e = {.arena = a, .errors = errors};
    size_t len = strlen(parent);

    for (size_t i = 0; i < n; i++) {
        if (!anchors_in(fences[i].text, fences[i].len)) {
            buf_addf(
                errors,
                "the block of edits that begins in line %zu of the reply has no <<<<<<< line\n",
                fences[i].row - 1);
            e.nerrors++;
        }
        anchors_read(&e, fences[i].text, fences[i].len, fences[i].row);
    }
    if (anchors_apply(&e, parent, len, text))
        return -1;
    if (text->len != len || memcmp(buf_text(text), parent, len) != 0)
        return 0;
    buf_adds(errors, "the edits change nothing\n");
    return -1;
}

static int read_structure(struct arena *a, const struct fence *fences, size_t n, const char *parent,
                          struct buf *text, struct buf *errors)
{
    struct fence *edits, *wholes;
    size_t nedits = keep(a, fences, n, EDITS, &edits), nwholes = keep(a, fences, n, WHOLE, &wholes);

    if (nedits && parent)
        return check_closed(edits, nedits, errors) || edit(a, edits, nedits, parent, text, errors)
                   ? -1
                   : 0;
    if (nwholes) {
        const struct fence *f = choose_whole(wholes, nwholes);
        buf_add(text, f->text, f->len);
        return check_closed(wholes, nwholes, errors);
    }
    buf_adds(errors, nedits ? "there is no text that edits could be of, as the parent is the "
                              "original code of a host function: send the whole structure in one "
                              "```cuda block\n"
                     : parent
                         ? "the reply has no structure: send a whole one in one ```cuda block, "
                           "or edits in ```edit blocks\n"
                         : "the reply has no structure: send a whole one in one ```cuda block\n");
    return -1;
}

int reply_structure(const char *reply, size_t len, const char *parent, struct buf *out,
                    struct buf *errors)
{
    struct arena *a = arena_new();
    const char *text = check_bytes(a, reply, &len, errors);
    struct buf found;
    int rc = -1;

    buf_init(&found, BUF_LIMIT);
    if (text) {
        size_t n;
        const struct fence *fences = fences_read(a, text, len, &n);
        rc = read_structure(a, fences, n, parent, &found, errors);
    }
    if (rc == 0)
        rc = check_text(&found, errors);
    if (rc == 0)
        buf_add(out, found.data, found.len);
    buf_release(&found);
    arena_free(a);
    return rc;
}

/* ---- JSON ---- */

/* flags: of jansson */
static json_t *load(const char *text, size_t len, size_t flags, size_t row, struct buf *errors)
{
    json_error_t why;
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | flags, &why);

    if (json_is_object(value))
        return value;
    if (value)
        buf_addf(errors, "line %zu of the reply: this JSON is no object\n", row);
    else
        buf_addf(errors, "line %zu, column %d of the reply: %s\n", row + (size_t)why.line - 1,
                 why.column, why.text);
    json_decref(value);
    return NULL;
}

/* does an object begin at p, as far as the bytes before it tell: it is the first of its line? */
static bool begins_line(const char *text, const char *p)
{
    while (p > text && (p[-1] == ' ' || p[-1] == '\t'))
        p--;
    return p == text || p[-1] == '\n';
}

/* the first of the places that look like the beginning of an object from which one can be read;
 * what is wrong with the first place where none can */
static json_t *bare_object(const char *text, size_t len, struct buf *errors)
{
    const char *end = text + len, *p = text;
    struct buf first, other;
    json_t *value = NULL;
    size_t tries = 0;

    buf_init(&first, BUF_LIMIT);
    buf_init(&other, BUF_LIMIT);
    for (; !value && tries < OBJECTS && (p = memchr(p, '{', (size_t)(end - p))); p++)
        if (tries == 0 || begins_line(text, p))
            value = load(p, (size_t)(end - p), JSON_DISABLE_EOF_CHECK,
                         row_of(text, (size_t)(p - text)), tries++ ? &other : &first);
    if (tries == 0)
        buf_adds(&first, "the reply has no JSON object: send one in a ```json block\n");
    if (!value)
        buf_adds(errors, buf_text(&first));
    buf_release(&other);
    buf_release(&first);
    return value;
}

json_t *reply_json(const char *reply, size_t len, struct buf *errors)
{
    static const char *const languages[] = {"json", "jsonc", "json5", NULL};
    struct arena *a = arena_new();
    const char *text = check_bytes(a, reply, &len, errors);
    const struct fence *block = NULL;
    json_t *value = NULL;
    size_t n = 0;

    if (text) {
        const struct fence *fences = fences_read(a, text, len, &n);
        for (size_t i = 0; i < n; i++)
            if (is_one_of(fences[i].language, languages))
                block = &fences[i];
        value = block ? load(block->text, block->len, 0, block->row, errors)
                      : bare_object(text, len, errors);
    }
    arena_free(a);
    return value;
}
