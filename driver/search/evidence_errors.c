/* evidence_errors.c - messages of tools, made short and without a place's name.
 *
 * A prompt leaves the machine: of a path only the file's name is kept. A path is taken for one when
 * it begins with '/' at a place where no name or number could stand before it and has two '/' or
 * more; "a / b" is arithmetic, "/tmp/x/y.cu" is not. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/prompt_text.h"
#include "driver/search/evidence.h"

/* bytes of the path at p, which begins with '/'; 0: it is none */
static size_t path_length(const char *p)
{
    size_t n = 0, slashes = 0;

    while (isalnum((unsigned char)p[n]) || (p[n] && strchr("/._-+~@%=", p[n])) ||
           (unsigned char)p[n] >= 0x80) {
        slashes += p[n] == '/' && p[n + 1] != '/';
        n++;
    }
    return slashes >= 2 && (isalnum((unsigned char)p[1]) || p[1] == '.' || p[1] == '_') ? n : 0;
}

/* may a path begin at line[i]? At a word's beginning, behind a bracket or the like, or in an
 * option, -I/usr/include */
static bool may_begin(const char *line, size_t i)
{
    size_t first = i;

    while (first > 0 && !isspace((unsigned char)line[first - 1]))
        first--;
    return i == first || line[first] == '-' || strchr("\"'`(<[{=,:;|", line[i - 1]);
}

static void add_line(struct buf *out, const char *line, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t length = line[i] == '/' && may_begin(line, i) ? path_length(line + i) : 0;
        if (length > n - i)
            length = n - i;
        while (length && line[i + length - 1] == '/') /* of a folder, its name */
            length--;
        if (length) {
            const char *base = memrchr(line + i, '/', length);
            buf_add(out, base + 1, (size_t)(line + i + length - base - 1));
            i += length;
            i += line[i] == '/' && i < n;
        } else {
            buf_addc(out, line[i++]);
        }
    }
    buf_addc(out, '\n');
}

/* the first line that says error; the text when none does */
static const char *first_error(const char *text)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        if (memmem(line, n, "error", 5) || memmem(line, n, "Error", 5))
            return line;
        line += n + (line[n] == '\n');
    }
    return text;
}

static size_t lines_in(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n' || text[1] == '\0';
    return n;
}

void evidence_errors(const char *text, size_t most, struct buf *out)
{
    const char *line = first_error(text);
    struct buf one;

    buf_init(&one, BUF_LIMIT);
    for (size_t used = 0; *line; used += one.len) {
        size_t n = strcspn(line, "\n");
        buf_clear(&one);
        add_line(&one, line, n);
        if (used + one.len > most)
            break;
        buf_add(out, one.data, one.len);
        line += n + (line[n] == '\n');
    }
    buf_release(&one);
    if (*line)
        buf_addf(out, "... %zu more line%s\n", lines_in(line), lines_in(line) == 1 ? "" : "s");
}

void evidence_failure(const char *what, const char *text, size_t most, struct buf *out)
{
    struct buf errors;

    buf_init(&errors, BUF_LIMIT);
    evidence_errors(text, most, &errors);
    buf_addf(out, "%s:\n\n", what);
    prompt_text_fence(out, "text", buf_text(&errors));
    buf_release(&errors);
}

/* --- wrong results --- */

/* a number as the worker sends it, or the string that stands for it */
static void add_value(struct buf *out, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) : NULL;

    if (json_is_string(value))
        buf_adds(out, json_string_value(value));
    else
        buf_adds(out, text ? text : "?");
    free(text);
}

static void add_element(struct buf *out, const char *array, const json_t *one)
{
    const json_t *index, *lane = json_object_get(one, "lane");
    size_t i;

    buf_adds(out, array);
    json_array_foreach(json_object_get(one, "index"), i, index)
        buf_addf(out, "[%" JSON_INTEGER_FORMAT "]", json_integer_value(index));
    if (lane)
        buf_addf(out, " lane %" JSON_INTEGER_FORMAT, json_integer_value(lane));
    buf_adds(out, ": expected ");
    add_value(out, json_object_get(one, "expected"));
    buf_adds(out, ", got ");
    add_value(out, json_object_get(one, "got"));
    buf_addc(out, '\n');
}

void evidence_wrong(const json_t *reply, struct buf *out)
{
    const char *text = json_string_value(json_object_get(reply, "text"));
    const char *array = json_string_value(json_object_get(reply, "array"));
    const json_t *one;
    size_t i;

    buf_addf(out, "%s\n", text ? text : "the results are wrong");
    json_array_foreach(json_object_get(reply, "first"), i, one)
        add_element(out, array ? array : "?", one);
}
