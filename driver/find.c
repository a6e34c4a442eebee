/* driver/find.c
 *
 * What a user set for us comes first, then what the toolkits' own conventions say, then PATH. A
 * place that leads to ksnvcc (a symbolic link named nvcc, CUDACXX=ksnvcc) is passed over, so that
 * ksnvcc can stand in any of them. */
#include "driver/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

struct place {
    const char *variable;
    const char *below;   /* the program under the folder that the variable names; "": itself */
    bool may_be_another; /* the variable may well name another compiler */
};

static const struct place places[] = {
    {"KSEARCH_NVCC", "", false},
    {"CUDACXX", "", true},
    {"CUDA_HOME", "/bin/nvcc", false},
    {"CUDA_PATH", "/bin/nvcc", false},
};

bool find_is_same(const char *a, const char *b)
{
    struct stat sa, sb;

    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

static void tried_add(struct buf *tried, const char *format, const char *a, const char *b)
{
    if (!tried)
        return;
    if (tried->len)
        buf_adds(tried, "; ");
    buf_addf(tried, format, a, b);
}

static char *look_in(const struct place *p, const char *self, struct buf *tried)
{
    const char *value = getenv(p->variable);
    char *name, *path;

    if (!value || !*value) {
        tried_add(tried, "%s is not set%s", p->variable, "");
        return NULL;
    }
    if (p->may_be_another && !strstr(fs_base(value), "nvcc")) {
        tried_add(tried, "%s names another compiler, %s", p->variable, value);
        return NULL;
    }
    if (asprintf(&name, "%s%s", value, p->below) < 0)
        fatal("out of memory");
    path = fs_which(name, NULL);
    if (!path) {
        tried_add(tried, "%s: %s is no program", p->variable, name);
    } else if (find_is_same(path, self)) {
        tried_add(tried, "%s: %s is ksnvcc itself", p->variable, name);
        free(path);
        path = NULL;
    }
    free(name);
    return path;
}

char *find_nvcc(const char *self, struct buf *tried)
{
    char *path;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if ((path = look_in(&places[i], self, tried)))
            return path;
    path = fs_which("nvcc", self);
    if (!path)
        tried_add(tried, "%s has no nvcc%s", "PATH", "");
    return path;
}
