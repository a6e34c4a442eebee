/* driver/keep.c
 *
 * A folder that a killed compile left is taken again, but one that we did not make is left alone:
 * it has no file of our name in it. */
#include "driver/keep.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define OURS ".ksearch"

/* will a folder beside this path be beside a file? Nothing of ours belongs into /dev */
static bool is_ordinary(const char *output)
{
    struct stat st;

    return stat(output, &st) < 0 || S_ISREG(st.st_mode);
}

/* makes the folder, or takes one of ours */
static bool keep_take(const char *path)
{
    struct stat st;
    bool fresh = lstat(path, &st) < 0, ours;
    char *mark;

    if (asprintf(&mark, "%s/" OURS, path) < 0)
        fatal("out of memory");
    ours = fresh ? mkdir(path, 0777) == 0 && fs_write(mark, "", 0, NULL) == 0
                 : S_ISDIR(st.st_mode) && fs_exists(mark);
    if (fresh && !ours)
        rmdir(path);
    free(mark);
    return ours;
}

char *keep_open(const char *output, struct error *err)
{
    char *path;

    if (asprintf(&path, "%s.ks", output) < 0)
        fatal("out of memory");
    if (is_ordinary(output) && keep_take(path))
        return path;
    free(path);
    return fs_tempdir("ksearch-keep-", err);
}
