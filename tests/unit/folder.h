/* tests/unit/folder.h - the same with a folder to write into. */
#ifndef KS_TEST_FOLDER_H
#define KS_TEST_FOLDER_H

#include "tests/unit/fixture.h"

#include "runtime/base/fs.h"

static char *dir;

static inline int make_dir(void **state)
{
    setup(state);
    dir = fs_tempdir("ksearch-test-", NULL);
    return dir ? 0 : -1;
}

static inline int remove_dir(void **state)
{
    fs_remove(dir);
    free(dir);
    return teardown(state);
}

static inline const char *in_dir(const char *name)
{
    return arena_printf(arena, "%s/%s", dir, name);
}

#endif
