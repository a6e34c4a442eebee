/* driver/main.c - ksearch-engine: everything behind the front.
 *
 *     ksearch-engine compile -- NVCC ARGS...   one compile of a file that may be annotated
 *     ksearch-engine behind NVCC ARGS...       one compile for a launcher behind us (behind.h)
 *     ksearch-engine abreast NVCC ARGS...      one compile, its halves at once (abreast.h)
 *     ksearch-engine command NAME ARGS...      a command of the user's: explain, cache, ...
 *
 * Users type only ksnvcc; see driver/front.c. */
#include <stdio.h>
#include <string.h>

#include "driver/abreast.h"
#include "driver/behind.h"
#include "driver/build/units.h"
#include "driver/commands.h"
#include "driver/compile.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"

int main(int argc, char **argv)
{
    static const char *const abreast[] = {"/proc/self/exe", "abreast", NULL};
    proc_init();
    if (argc > 2 && !strcmp(argv[1], "abreast"))
        return abreast_compile((const char *const *)argv + 2);
    shared_through(abreast);
    if (argc > 3 && !strcmp(argv[1], "compile") && !strcmp(argv[2], "--"))
        return compile_run((const char *const *)argv + 3);
    if (argc > 2 && !strcmp(argv[1], "behind"))
        return behind_compile((const char *const *)argv + 2);
    if (argc > 2 && !strcmp(argv[1], "command"))
        return command_run(argc - 2, argv + 2);
    fputs("ksearch-engine is started by ksnvcc; see ksnvcc --help\n", stderr);
    return EXIT_USAGE;
}
