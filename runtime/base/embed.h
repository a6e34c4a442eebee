/* runtime/base/embed.h - files that are carried inside a program.
 *
 * The Makefile makes an object of each by embed.S; the name is the file's, with '_' for '.'. The
 * bytes are aligned to 16 and followed by a NUL, which the size does not count: a text can be used
 * as a string. */
#ifndef KS_EMBED_H
#define KS_EMBED_H

#include <stdint.h>

/* declares embed_NAME and embed_NAME_size, at file scope */
#define EMBED_DECLARE(name)           \
    extern const char embed_##name[]; \
    extern const uint64_t embed_##name##_size

#endif
