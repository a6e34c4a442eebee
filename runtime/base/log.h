/* runtime/base/log.h - what ksnvcc says while it works, on standard error.
 *
 * Every line begins "ksnvcc: ". On a terminal, progress overwrites one line, that of one process at
 * a time; elsewhere, and for others beside it, it is a line each KSEARCH_PROGRESS seconds (60; 0:
 * never). KSEARCH_QUIET=1 silences all but warnings; KSEARCH_DEBUG=1 adds log_debug lines. */
#ifndef KS_LOG_H
#define KS_LOG_H

#include <stdbool.h>

struct buf;

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* what all lines are about from here on, "scale.cu": it stands before them. It must stay; NULL:
 * nothing */
void log_about(const char *what);
/* what log_line and log_warn say from here on is appended to *copy (NULL: nowhere) as well, or with
 * `only` in the place of being said */
void log_copy(struct buf *copy, bool only);
/* replaces the progress line on a terminal, see above. log_line clears it first */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_progress_end(void);
bool log_is_debug(void);
/* for an impossible environment: says so and exits with EXIT_INTERNAL of runtime/base/status.h */
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
