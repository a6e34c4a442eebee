/* tests/fake/launchlog.h - launches written down by the fake driver and the fake runtime, so that
 * what both were asked can be compared.
 *
 *   FAKE_SIZES  "split=888 merge=84m": the parameters of the kernels whose mangled names hold these
 *               names: 1, 2, 4 or 8 bytes, m: a tensor map. A kernel without an entry is not
 *               written down with its arguments
 *
 * A line is "split 4 1 1 / 128 1 1 / 0 / 0 0 0 : @7f00 @7f80 17": grid, block, dynamic shared
 * bytes, cluster, arguments; what is as large as an address is written as one. */
#ifndef KS_LAUNCHLOG_H
#define KS_LAUNCHLOG_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAUNCHLOG_MAP = 128 };

/* the sizes of a kernel's parameters, one a letter, and its short name; NULL: not told */
static inline const char *launchlog_sizes(const char *symbol, char name[64])
{
    const char *at = getenv("FAKE_SIZES");
    char sized[80];

    while (at && *at) {
        size_t n = strcspn(at, "=");
        if (n >= 64 || !at[n])
            return NULL;
        snprintf(name, 64, "%.*s", (int)n, at);
        snprintf(sized, sizeof sized, "%zu%s", n, name);
        if (strstr(symbol, sized) || strcmp(symbol, name) == 0)
            return at + n + 1;
        at += n + strcspn(at + n, " ");
        at += *at == ' ';
    }
    return NULL;
}

static inline size_t launchlog_size(char letter)
{
    return letter == 'm' ? (size_t)LAUNCHLOG_MAP : (size_t)(letter - '0');
}

static inline void launchlog_value(FILE *f, const void *at, char letter)
{
    uint64_t value = 0;

    if (letter == 'm') {
        fprintf(f, " map");
        for (int i = 0; i < LAUNCHLOG_MAP / 4; i++)
            fprintf(f, ".%u", ((const unsigned *)at)[i]);
        return;
    }
    memcpy(&value, at, launchlog_size(letter));
    if (value >> 36)
        fprintf(f, " @%llx", (unsigned long long)value);
    else
        fprintf(f, " %llu", (unsigned long long)value);
}

/* numbers: grid, block, cluster (0 0 0: none), dynamic shared bytes */
static inline void launchlog_write(FILE *f, const char *symbol, const unsigned numbers[10],
                                   void *const *params)
{
    const unsigned *g = numbers;
    char name[64];
    const char *sizes = launchlog_sizes(symbol, name);

    if (!sizes)
        return;
    fprintf(f, "%s %u %u %u / %u %u %u / %u / %u %u %u :", name, g[0], g[1], g[2], g[3], g[4], g[5],
            g[9], g[6], g[7], g[8]);
    for (int i = 0; sizes[i] && sizes[i] != ' '; i++)
        launchlog_value(f, params[i], sizes[i]);
    fprintf(f, "\n");
    fflush(f);
}

/* a tensor map as both write it: everything but the address */
static inline void launchlog_map(void *map, int type, unsigned rank, const unsigned long long *dims,
                                 const unsigned long long *strides, const unsigned *box,
                                 int swizzle)
{
    unsigned words[LAUNCHLOG_MAP / 4] = {0};

    words[0] = (unsigned)type;
    words[1] = rank;
    words[2] = (unsigned)swizzle;
    for (unsigned i = 0; i < rank && i < 5; i++) {
        words[3 + i] = (unsigned)dims[i];
        words[8 + i] = i + 1 < rank ? (unsigned)strides[i] : 0;
        words[13 + i] = box[i];
    }
    memcpy(map, words, sizeof words);
}

#endif
