/* prompt_file.c - see prompt_file.h. */
#include "driver/model/prompt_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/fs.h"

static char *file_name(const char *dir, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s%s%s.md", dir, *dir ? "/" : "", name) < 0 ? NULL : path;
}

int prompt_file(const char *name, const char *carried, struct buf *out, char **path,
                struct error *err)
{
    const char *dir = getenv("KSEARCH_PROMPTS");
    char *own = dir && *dir ? file_name(dir, name) : NULL;
    int rc = carried ? 1 : 0;

    if (own && fs_exists(own)) {
        rc = fs_read(own, out, err) < 0 ? -1 : 1;
        if (rc == 1 && memchr(buf_text(out), 0, out->len))
            rc = error_set(err, "%s holds a NUL byte", own);
    } else {
        free(own);
        own = file_name("", name);
        if (carried)
            buf_adds(out, carried);
    }
    if (path)
        *path = own;
    else
        free(own);
    return rc;
}
