/* driver/build/usage.c
 *
 * ptxas -v writes, for each kernel:
 *
 *   ptxas info    : Compiling entry function '_Z4vaddPf' for 'sm_90'
 *   ptxas info    : Function properties for _Z4vaddPf
 *       0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
 *   ptxas info    : Used 10 registers, used 1 barriers, 512 bytes smem
 *
 * Functions that are called and not inlined have properties of their own behind those of a kernel;
 * they are counted to the one they stand behind. */
#include "driver/build/usage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/cubin.h"

bool usage_matters(const struct spec *spec)
{
    return spec->require.regs >= 0 || spec->require.smem >= 0 || spec->require.spills >= 0;
}

static void keep_most(int64_t *most, int64_t value)
{
    *most = value > *most ? value : *most;
}

/* the number in front of `what` in a line of len bytes; -1 when that is not in it */
static int64_t number_before(const char *line, size_t len, const char *what)
{
    const char *at = memmem(line, len, what, strlen(what)), *p = at;

    while (p && p > line && p[-1] >= '0' && p[-1] <= '9')
        p--;
    return p && p < at ? strtoll(p, NULL, 10) : -1;
}

/* is the line the head of a kernel, and of one of ours? */
static bool is_head(const char *line, size_t len, const char *const *idents, size_t n, bool *ours)
{
    static const char word[] = "Compiling entry function '";
    const char *at = memmem(line, len, word, sizeof word - 1);
    char symbol[4096];
    size_t length;

    if (!at)
        return false;
    at += sizeof word - 1;
    length = strcspn(at, "'\n");
    *ours = false;
    if (length >= sizeof symbol)
        return true;
    memcpy(symbol, at, length);
    symbol[length] = '\0';
    for (size_t i = 0; i < n; i++)
        *ours |= strcmp(symbol, idents[i]) == 0 || cubin_holds(symbol, idents[i]);
    return true;
}

struct usage usage_read(const char *messages, const char *const *idents, size_t n)
{
    struct usage u = {-1, -1, -1, -1};
    bool ours = false;

    for (const char *line = messages; *line;) {
        size_t len = strcspn(line, "\n");
        if (!is_head(line, len, idents, n, &ours) && ours) {
            int64_t regs = number_before(line, len, " registers");
            keep_most(&u.regs, regs);
            keep_most(&u.spills, number_before(line, len, " bytes spill stores"));
            keep_most(&u.stack, number_before(line, len, " bytes stack frame"));
            if (regs >= 0) /* the line says nothing of shared memory when there is none */
                keep_most(&u.smem, number_before(line, len, " bytes smem"));
            if (regs >= 0)
                keep_most(&u.smem, 0);
        }
        line += len + (line[len] == '\n');
    }
    return u;
}

static int check_one(int64_t value, int64_t limit, const char *name, const char *unit,
                     struct error *err)
{
    if (limit < 0 || (value >= 0 && value <= limit))
        return 0;
    if (value < 0)
        return error_set(err,
                         "ptxas does not say how many %s it uses, and require(%s <= %" PRId64
                         ") limits them",
                         unit, name, limit);
    return error_set(err, "it uses %" PRId64 " %s, and require(%s <= %" PRId64 ") allows no more",
                     value, unit, name, limit);
}

int usage_check(const struct usage *u, const struct spec *spec, struct error *err)
{
    if (check_one(u->regs, spec->require.regs, "regs", "registers a thread", err) ||
        check_one(u->spills, spec->require.spills, "spills", "bytes of spilled registers", err) ||
        check_one(u->smem, spec->require.smem, "smem", "bytes of shared memory a block", err))
        return -1;
    return 0;
}
