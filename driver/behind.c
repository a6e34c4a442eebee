/* driver/behind.c
 *
 * The program is a script, since each kind of launcher knows another thing of a compiler: ccache
 * its name and, when told so, its content; sccache its content, and its kind by what it does with
 * -E. It lies in the cache folder, under a name that says what is in it, and stays there: sccache
 * looks at a compiler once.
 *
 * A launcher may have its own ways. One that asks for nvcc's plan to run it by itself (sccache
 * since 0.10 does) would end up with nvcc's own output, so that question is answered by a failure.
 * Any failure leads to the compile that there would have been without a launcher. */
#include "driver/behind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/manifest.h"
#include "cache/store.h"
#include "driver/build/reads.h"
#include "driver/build/roots.h"
#include "driver/build/words.h"
#include "driver/emission.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define SELF "/proc/self/exe"

/* ---- what the output depends on, beside arguments and sources -------------------------------- */

/* the programs, wherever they lie, and ourselves */
static int hash_tools(struct hasher *h, struct inspection *in, const char *memo_dir,
                      struct error *err)
{
    struct manifest m;

    manifest_init(&m, in->arena, memo_dir);
    if (manifest_program(&m, SELF, err) < 0 || reads_tools(&m, &in->command, &in->plan, err) < 0)
        return -1;
    for (size_t i = 0; i < m.nfiles; i++)
        if (m.files[i].there)
            hasher_field(h, m.files[i].hash.byte, sizeof m.files[i].hash.byte);
    return 0;
}

/* the folders that are left out of the output, as seen from the one we are in: "..", "./src" */
static void hash_roots(struct hasher *h, struct inspection *in)
{
    struct roots roots;

    roots_find(in->arena, &in->command, NULL, &roots);
    for (size_t i = 0; i < roots.n; i++) {
        const char *folder = roots.folder[i], *here = roots.here ? roots.here : "";
        long long up = 0;
        for (const char *at = fs_is_below(here, folder) ? here + strlen(folder) : ""; *at; at++)
            up += *at == '/';
        hasher_number(h, up);
        hasher_string(h, up ? "" : roots_path(in->arena, &(struct roots){&here, 1, NULL}, folder));
    }
    hasher_number(h, (long long)roots.n);
}

static int identify(struct inspection *in, const char *memo_dir, struct hash *out,
                    struct error *err)
{
    static const char *const variables[] = {"NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS",
                                            "SOURCE_DATE_EPOCH"};
    struct hasher *h = hasher_new();
    int rc = hash_tools(h, in, memo_dir, err);

    hasher_string(h, "ksearch behind 1 " KS_VERSION);
    hash_roots(h, in);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        hasher_string(h, getenv(variables[i]));
    *out = hasher_end(h);
    return rc;
}

/* ---- the program ----------------------------------------------------------------------------- */

static void add_quoted(struct buf *out, const char *word)
{
    buf_addc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            buf_adds(out, "'\\'");
        buf_addc(out, *word);
    }
    buf_addc(out, '\'');
}

static int script_text(const struct inspection *in, const struct hash *id, struct buf *out,
                       struct error *err)
{
    char *self = realpath(SELF, NULL), hex[65];

    if (!self)
        return error_set(err, "our own program is not found");
    hash_hex(id, hex);
    buf_addf(out,
             "#!/bin/sh\n# nvcc with outputs that are the same everywhere. They depend on\n# %s\n"
             "exec ",
             hex);
    add_quoted(out, self);
    buf_adds(out, " behind ");
    add_quoted(out, in->command.nvcc);
    buf_adds(out, " \"$@\"\n");
    free(self);
    return 0;
}

static bool is_there(const char *path, const struct buf *text)
{
    struct buf have;
    bool same;

    buf_init(&have, 1 << 20);
    same = fs_read(path, &have, NULL) == 0 && have.len == text->len &&
           memcmp(buf_text(&have), buf_text(text), have.len) == 0;
    buf_release(&have);
    return same && access(path, X_OK) == 0;
}

/* the program as a file, which is called nvcc; NULL with *err */
static const char *script_path(struct inspection *in, struct error *err)
{
    char *cache = store_default_dir(), hex[65];
    const char *dir = NULL, *path = NULL;
    struct hash id, content;
    struct buf text;

    buf_init(&text, 1 << 20);
    if (!cache)
        error_set(err, "no cache folder is known");
    else if (identify(in, cache, &id, err) == 0 && script_text(in, &id, &text, err) == 0) {
        content = hash_bytes(buf_text(&text), text.len);
        hash_hex(&content, hex);
        dir = arena_printf(in->arena, "%s/behind/%.16s", cache, hex);
        path = arena_printf(in->arena, "%s/nvcc", dir);
    }
    if (path && !is_there(path, &text) &&
        (fs_mkdirs(dir, err) < 0 || fs_write(path, buf_text(&text), text.len, err) < 0 ||
         chmod(path, 0755) < 0))
        path = NULL;
    buf_release(&text);
    free(cache);
    return path;
}

/* ---- through the launcher -------------------------------------------------------------------- */

static const char *const *launch_words(struct inspection *in, const char *program)
{
    struct words w = {0};

    words_all(in->arena, &w, in->command.launcher);
    words_add(in->arena, &w, program);
    for (size_t i = 0; i < in->command.nargs; i++)
        words_add(in->arena, &w, in->command.args[i]);
    return words_end(in->arena, &w);
}

bool behind_run(struct inspection *in, struct proc_result *said)
{
    struct error err = {""};
    const char *program;
    bool done = false;
    char why[80];

    *said = (struct proc_result){0};
    if (!*in->command.launcher || in->command.keeps || in->command.times)
        return false;
    program = inspection_plan(in, &err) == 0 ? script_path(in, &err) : NULL;
    if (program && proc_run(&(struct proc_spec){.argv = launch_words(in, program),
                                                .env = words_environ(
                                                    in->arena, "CCACHE_COMPILERCHECK=content"),
                                                .terminal = true},
                            said, &err) == 0) {
        done = proc_ok(said);
        if (!done)
            error_set(&err, "it %s: %.300s", proc_describe(said, why), buf_text(&said->err));
    }
    if (!done) {
        log_debug("not through %s: %s", in->command.launcher[0], err.text);
        proc_result_release(said);
        return false;
    }
    fwrite(buf_text(&said->out), 1, said->out.len, stdout);
    fwrite(buf_text(&said->err), 1, said->err.len, stderr);
    fflush(stdout);
    return true;
}

static bool asks_for_plan(const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, "--dryrun") == 0 || strcmp(*words, "-dryrun") == 0)
            return true;
    return false;
}

int behind_compile(const char *const *words)
{
    struct inspection in = {.arena = arena_new()};
    struct error err = {""};
    int status = 1;
    char *keep;

    if (command_parse(in.arena, words, &in.command, &err) < 0) {
        if (in.command.query && !asks_for_plan(words))
            proc_become(words);
    } else if ((keep = fs_tempdir("ksearch-keep-", &err))) {
        in.keep_dir = arena_dup(in.arena, keep);
        free(keep);
        status = emission_fixed(&in, &err) ? 0 : 1;
    }
    if (status)
        fprintf(stderr, "ksnvcc: %s\n", err.text);
    inspection_release(&in);
    proc_end_by_signal();
    return status;
}
