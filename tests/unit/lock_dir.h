/* tests/unit/lock_dir.h - locks in a folder of the test's own, for a group of tests. */
#ifndef KS_TEST_LOCK_DIR_H
#define KS_TEST_LOCK_DIR_H

#include <stdlib.h>

#include "runtime/base/error.h"
#include "runtime/base/fs.h"

static char *dir;

static inline int set_up(void **state)
{
    struct error err = {""};

    (void)state;
    dir = fs_tempdir("lock-test", &err);
    return dir ? setenv("KSEARCH_LOCK_DIR", dir, 1) : -1;
}

static inline int tear_down(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

#endif
