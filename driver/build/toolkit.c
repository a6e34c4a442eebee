/* driver/build/toolkit.c
 *
 * `nvcc --version` costs a few milliseconds, and every annotated file asks: the answer is kept in a
 * small file named after what identifies the program (path, size, time, inode). */
#include "driver/build/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cache/hash.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

enum { VERSION_MOST = 64 };

/* "13.0.88" out of "... release 13.0, V13.0.88"; NULL when it is not there */
static char *version_in(struct arena *a, const char *text)
{
    const char *at = strstr(text, "release "), *end;

    at = at ? strstr(at, ", V") : NULL;
    if (!at)
        return NULL;
    at += 3;
    end = at + strspn(at, "0123456789.");
    return end > at && end - at < VERSION_MOST ? arena_copy(a, at, (size_t)(end - at)) : NULL;
}

static char *ask(struct arena *a, const struct command *c, struct error *err)
{
    const char *const argv[] = {
        "env", "-u", "NVCC_PREPEND_FLAGS", "-u", "NVCC_APPEND_FLAGS", c->nvcc, "--version", NULL};
    struct proc_spec spec = {.argv = argv, .timeout_ms = 60000};
    struct proc_result result;
    char *version = NULL, why[80];

    if (proc_run(&spec, &result, err) < 0)
        return NULL;
    if (proc_ok(&result))
        version = version_in(a, buf_text(&result.out));
    if (!proc_ok(&result))
        error_set(err, "'%s --version' %s", c->nvcc, proc_describe(&result, why));
    else if (!version)
        error_set(err, "'%s --version' does not say which nvcc it is", c->nvcc);
    proc_result_release(&result);
    return version;
}

/* the file to remember the answer in; NULL when the program is not found */
static char *memo_path(struct arena *a, const struct command *c, const char *memo_dir)
{
    char *path = strchr(c->nvcc, '/') ? strdup(c->nvcc) : fs_which(c->nvcc, NULL);
    char *real = path ? realpath(path, NULL) : NULL;
    struct hasher *h;
    struct hash id;
    struct stat st;
    char hex[65];

    free(path);
    if (!real || stat(real, &st) < 0) {
        free(real);
        return NULL;
    }
    h = hasher_new();
    hasher_string(h, real);
    hasher_number(h, st.st_size);
    hasher_number(h, st.st_mtim.tv_sec);
    hasher_number(h, st.st_mtim.tv_nsec);
    hasher_number(h, (long long)st.st_ino);
    id = hasher_end(h);
    free(real);
    hash_hex(&id, hex);
    return arena_printf(a, "%s/nvcc-%.16s", memo_dir, hex);
}

static char *recall(struct arena *a, const char *memo)
{
    char *version = NULL;
    struct buf b;

    buf_init(&b, VERSION_MOST);
    if (fs_read(memo, &b, NULL) == 0 && b.len && b.data[b.len - 1] == '\n' &&
        strspn(b.data, "0123456789.") == b.len - 1 && isdigit((unsigned char)b.data[0]))
        version = arena_copy(a, b.data, b.len - 1);
    buf_release(&b);
    return version;
}

char *command_toolkit(struct arena *a, const struct command *c, const char *memo_dir,
                      struct error *err)
{
    char *memo = memo_dir ? memo_path(a, c, memo_dir) : NULL;
    char *version = memo ? recall(a, memo) : NULL;

    if (version)
        return version;
    version = ask(a, c, err);
    /* a memo that cannot be written costs the next compile a few milliseconds, and nothing else */
    if (version && memo && fs_mkdirs(memo_dir, NULL) == 0) {
        char *line = arena_printf(a, "%s\n", version);
        fs_write(memo, line, strlen(line), NULL);
    }
    return version;
}

const char *toolkit_program(struct arena *a, const char *nvcc, const char *name)
{
    static const char *const places[] = {"", "../compute-sanitizer/"};
    char *found = strchr(nvcc, '/') ? strdup(nvcc) : fs_which(nvcc, NULL);
    char *real = found ? realpath(found, NULL) : NULL, *dir = real ? fs_dir(real) : NULL;
    const char *program = NULL;

    for (size_t i = 0; dir && !program && i < sizeof places / sizeof *places; i++) {
        program = arena_printf(a, "%s/%s%s", dir, places[i], name);
        if (!fs_is_program(program))
            program = NULL;
    }
    free(found);
    free(real);
    free(dir);
    if (!program && (found = fs_which(name, NULL))) {
        program = arena_dup(a, found);
        free(found);
    }
    return program;
}
