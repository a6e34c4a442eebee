/* runtime/base/terminal.h - children that find a terminal where we have one, so that compilers show
 * the colours that they would show without us; and texts with such colours. */
#ifndef KS_TERMINAL_H
#define KS_TERMINAL_H

#include <stddef.h>

struct buf;

/* Where fd is a terminal of ours: a pair of ends of another, of the same width, that changes no
 * byte on its way: [0] is to be read, [1] is for a child; both are closed on exec. -1 where fd is
 * none, or none can be had */
int terminal_pair(int fd, int pair[2]);
/* Compilers cut their lines to the width of the terminal that is their standard input. A child
 * whose input is another is told by "COLUMNS=80", which this returns; NULL where there is nothing
 * to tell. Valid until the next call */
const char *terminal_columns(void);
/* bytes of the escape sequence that begins the text: a colour, a link; 0 when none does */
size_t terminal_escape(const char *text, size_t len);
/* the text without them */
void terminal_plain(const char *text, size_t len, struct buf *out);

#endif
