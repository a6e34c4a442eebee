/* runtime/base/utf8.h - texts that came from outside and go into JSON, files and terminals.
 *
 * Sources, file names, and what compilers and servers say may be in any encoding, and JSON takes
 * UTF-8 alone: jansson makes no string, and of an object with one in it nothing at all, of others.
 * So what came from outside becomes JSON by utf8_json. */
#ifndef KS_UTF8_H
#define KS_UTF8_H

#include <stddef.h>

struct buf;
struct json_t;

/* the offset of the first byte that a plain text does not hold: what is not UTF-8 (RFC 3629), NUL,
 * and control characters but tab and newline. n when there is none */
size_t utf8_plain(const char *text, size_t n);
/* appends n bytes as valid UTF-8 without NUL: U+FFFD stands for every sequence that is not */
void utf8_add(struct buf *b, const char *bytes, size_t n);
/* a new JSON string of a text, likewise; NULL is "" */
struct json_t *utf8_json(const char *text);

#endif
