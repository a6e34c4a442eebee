/* driver/build/specific.c
 *
 * ptxas has the last word, in one of two ways. An instruction:
 *
 *     ptxas a.ptx, line 58; error   : Instruction 'wgmma.fence' not supported on .target 'sm_90'
 *
 * or, where a header of the toolkit knows better (cuda::ptx), a function that is nowhere:
 *
 *     ptxas fatal   : Unresolved extern function '__cuda_ptx_..._is_not_supported_before_SM_90a__'
 */
#include "driver/build/specific.h"

#include <stdio.h>
#include <string.h>
#include "runtime/base/arena.h"

#define LEAST 90 /* sm_90a is the first of its kind */

bool specific_exists(int major, int minor)
{
    return 10 * major + minor >= LEAST;
}

const char *specific_name(struct arena *a, int major, int minor)
{
    return arena_printf(a, "sm_%d%d%c", major, minor, SPECIFIC_SUFFIX);
}

const char *specific_macro(struct arena *a, int major, int minor)
{
    return arena_printf(a, "__CUDA_ARCH_FEAT_SM%d%d_ALL", major, minor);
}

/* does the line, up to its end, hold the text? */
static bool holds(const char *line, size_t n, const char *text)
{
    return memmem(line, n, text, strlen(text)) != NULL;
}

bool specific_is_refused(const char *said, int major, int minor)
{
    char target[24], wanted[24];

    snprintf(target, sizeof target, "'sm_%d%d'", major, minor);
    snprintf(wanted, sizeof wanted, "_SM_%d%da_", major, minor);
    for (const char *line = said; line && *line;) {
        size_t n = strcspn(line, "\n");
        bool refused = holds(line, n, "not supported on") || holds(line, n, "cannot be compiled");
        if ((refused && holds(line, n, target)) ||
            (holds(line, n, "'__cuda_ptx_") && holds(line, n, wanted)))
            return true;
        line += n + (line[n] == '\n');
    }
    return false;
}

bool specific_is_asked(const char *text)
{
    /* CUTLASS chooses by these macros in its own headers, and traps where they are not defined */
    static const char *const words[] = {"__CUDA_ARCH_FEAT_SM",
                                        "__CUDA_ARCH_SPECIFIC__",
                                        "__CUDA_ARCH_FAMILY_SPECIFIC__",
                                        "NV_HAS_FEATURE_SM_",
                                        "<cute/",
                                        "<cutlass/"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}
