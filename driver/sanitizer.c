/* driver/sanitizer.c - see sanitizer.h. */
#include "driver/sanitizer.h"

#include <stdlib.h>
#include <string.h>

#include "driver/build/command.h"
#include "driver/find.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

const char *sanitizer_find(struct arena *a, const char *nvcc)
{
    const char *given = getenv("KSEARCH_SANITIZER"), *program = NULL;
    char *found = nvcc ? NULL : find_nvcc("/proc/self/exe", NULL);

    if (!given || !*given)
        program =
            nvcc || found ? toolkit_program(a, nvcc ? nvcc : found, "compute-sanitizer") : NULL;
    else if (fs_is_program(given))
        program = given;
    else if (strcmp(given, "none") != 0)
        log_warn("KSEARCH_SANITIZER=%s is no program: winners are not run under it", given);
    free(found);
    return program;
}
