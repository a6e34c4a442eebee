/* runtime/base/error.h - what went wrong, for a caller to keep or show.
 *
 * A library function that fails returns -1 (or NULL) and fills *err; the first error wins, so
 * unwinding code may report again without hiding the cause. err may be NULL where the caller
 * does not care. */
#ifndef KS_ERROR_H
#define KS_ERROR_H

struct error {
    char text[1024]; /* one sentence, no newline; "" when nothing went wrong */
};

/* sets err->text unless it is set already; always returns -1 */
int error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* the same, with ": " and the text of errno behind it */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
