/* driver/reproducible.c - one environment variable, and what follows from it. */
#include "driver/reproducible.h"

#include <stdlib.h>
#include <string.h>

#include "cache/lock.h"
#include "driver/build/command.h"
#include "driver/mode.h"
#include "runtime/base/fs.h"

enum reproducible reproducible_asked(const char **word)
{
    const char *asked = getenv("KSEARCH_REPRODUCIBLE");

    if (word)
        *word = NULL;
    if (!asked || !*asked)
        return mode_is_ci() ? REPRODUCIBLE_ANNOTATED : REPRODUCIBLE_NO;
    if (strcmp(asked, "0") == 0)
        return REPRODUCIBLE_NO;
    if (strcmp(asked, "annotated") == 0)
        return REPRODUCIBLE_ANNOTATED;
    if (word && strcmp(asked, "1") != 0)
        *word = asked;
    return REPRODUCIBLE_ALL;
}

/* -arch=native means the machine's GPU, which is then as much a part of the flags as any */
bool reproducible_hermetic(const struct command *c)
{
    struct error err = {""};
    bool given, there;
    char *lock;

    if (reproducible_asked(NULL) == REPRODUCIBLE_NO || mode_read(&given, &err) == MODE_SEARCH ||
        c->native || !c->ninputs)
        return false;
    lock = lock_find(c->inputs[0], NULL);
    there = lock && fs_exists(lock);
    free(lock);
    return there;
}
