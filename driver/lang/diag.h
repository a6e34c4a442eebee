/* driver/lang/diag.h - located errors in the compiler's own format:
 *
 *     path:row:column: error: ksearch: text
 *     the source line
 *           ^
 *     path:row:column: note: text
 *     ...
 *
 * Errors are collected, so that one run reports all of them, in the order of the file. What hostile
 * or generated text could make of that is cut: a thousand messages are kept and the others counted,
 * and of long texts and source lines a part is shown. */
#ifndef KS_DIAG_H
#define KS_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "driver/lang/source.h"

struct arena;
struct buf;
struct json_t;

enum diag_kind { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_message {
    enum diag_kind kind;
    const struct source *src;
    size_t at;
    const char *text; /* without "ksearch: " */
};

struct diag {
    struct arena *arena;
    struct diag_message *messages; /* a note belongs to the error or warning before it */
    size_t nmessages;
    size_t nerrors;
    size_t nmore; /* errors and warnings that were dropped */
};

void diag_init(struct diag *d, struct arena *a);
/* always return -1, so that a parser can `return diag_error(...)` */
int diag_error(struct diag *d, const struct source *src, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int diag_errorv(struct diag *d, const struct source *src, size_t at, const char *format,
                va_list args) __attribute__((format(printf, 4, 0)));
void diag_warning(struct diag *d, const struct source *src, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_note(struct diag *d, const struct source *src, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* further messages are only counted: what makes one helpful need not be looked for */
bool diag_full(const struct diag *d);
/* appends the text form of all messages */
void diag_text(const struct diag *d, struct buf *out);
/* the same to standard error */
void diag_print(const struct diag *d);
/* a new array of {kind, file, row, column, text, notes: [...]} */
struct json_t *diag_json(const struct diag *d);
/* the nearest of the n names within a third of its length, for "did you mean"; NULL if none is */
const char *diag_nearest(const char *word, const char *const *names, size_t n);

#endif
