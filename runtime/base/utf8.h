/* runtime/base/utf8.h - texts that came from outside and go into JSON, files and terminals. */
#ifndef KS_UTF8_H
#define KS_UTF8_H

#include <stddef.h>

/* the offset of the first byte that a plain text does not hold: what is not UTF-8 (RFC 3629), NUL,
 * and control characters but tab and newline. n when there is none */
size_t utf8_plain(const char *text, size_t n);

#endif
