/* runtime/capture/book.h - the trace of this process (trace.h), and which launches are captured.
 *
 * All calls are safe from any thread. Where a file cannot be written, that is said once and the
 * program goes on. */
#ifndef KS_CAPTURE_BOOK_H
#define KS_CAPTURE_BOOK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "runtime/capture/launch.h"

struct text { /* lines that are being put together; a line that finds no memory sets `lost` */
    char *data;
    size_t len, cap;
    bool lost;
};

void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* opens the trace in the folder; false after saying what is wrong */
bool book_open(const char *dir);
bool book_is_open(void);
/* what is captured: kernels that match (NULL: all), the nth launch only (0: the first of each
 * geometry), nothing but counts */
bool book_choose(const char *kernel_regex, unsigned long nth, bool list);

struct choice {
    bool capture;
    int group;            /* -1: not counted */
    unsigned long launch; /* number of the captured launch */
    unsigned long nth;    /* of the kernel's */
};
/* counts the launch and decides */
struct choice book_launch(const struct launch *launch);
/* a chosen launch could not be captured: the next of its kind may be */
void book_retry(int group);
/* adds to the time of the class of this name and geometry */
void book_time(const char *name, const unsigned grid[3], const unsigned block[3],
               unsigned long long nanoseconds);

/* appends the lines and empties t */
void book_write(struct text *t);
/* says it on standard error, and in the trace, unless it was said before */
void book_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* path of a file of array a of the launch: "" or ".after" */
void book_raw_path(char *path, size_t size, unsigned long launch, size_t a, const char *suffix);

#endif
