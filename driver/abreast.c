/* driver/abreast.c
 *
 * In nvcc's plan cudafe++ writes the name of the module to a file (--gen_module_id_file), which
 * cicc reads. Without that option cudafe++ reads it as well.
 *
 * Before the host's linker nvcc runs the device's, also where all device code was compiled whole
 * and there is nothing to link: its four steps make an object of an empty image. It is left out. */
#include "driver/abreast.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cache/hash.h"
#include "driver/build/plan.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define AT_ONCE 4 /* steps; there is never work for more */

/* "_5f3a..._harness_cu": no other file may have it that is linked with this one */
static char *module_name(struct arena *a, const char *file)
{
    struct hasher *h = hasher_new();
    char hex[65], *base = arena_dup(a, fs_base(file));

    hasher_string(h, file);
    struct hash hash = hasher_end(h);
    hash_hex(&hash, hex);
    for (char *c = base; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return arena_printf(a, "_%.16s_%s", hex, base);
}

/* names the module that the step would name */
static int name_module(struct arena *a, struct step *s, struct error *err)
{
    const char *file, *const *given = step_module_given(a, s, &file);

    if (!given)
        return 0;
    s->argv = given;
    const char *name = module_name(a, file);
    return fs_write(file, name, strlen(name), err);
}

/* from the device's linker up to the host's, whose words then lack what the last of them made.
 * A plan that looks otherwise stays */
static void leave_device_link(struct arena *a, struct plan *p)
{
    size_t from = 0, to;
    const char *const *argv;

    while (from < p->n && p->steps[from].tool != TOOL_NVLINK)
        from++;
    for (to = from; to < p->n && p->steps[to].tool != TOOL_LINK;)
        to++;
    if (to == p->n || p->steps[to - 1].tool != TOOL_HOST_CC || !p->steps[to - 1].output)
        return;
    argv = words_without(a, p->steps[to].argv, p->steps[to - 1].output);
    if (!argv)
        return;
    p->steps[to].argv = argv;
    memmove(p->steps + from, p->steps + to, (p->n - to) * sizeof *p->steps);
    p->n -= to - from;
}

static int compile(struct arena *a, const char *const *words, const char *keep, struct error *err)
{
    struct command c;
    struct plan plan;

    if (command_parse(a, words, &c, err) < 0 || plan_make(a, &c, keep, &plan, err) < 0)
        return -1;
    for (size_t i = 0; i < plan.n; i++)
        if (name_module(a, &plan.steps[i], err) < 0)
            return -1;
    if (!c.relocatable)
        leave_device_link(a, &plan);
    c.threads = AT_ONCE;
    return plan_run(&plan, &c, NULL, 0, NULL, NULL, true, err) == 0 ? 0 : -1;
}

int abreast_compile(const char *const *words)
{
    struct arena *a = arena_new();
    struct error err = {""};
    char *keep = fs_tempdir("ksearch-keep-", &err);
    int rc = keep ? compile(a, words, keep, &err) : -1;

    if (keep)
        fs_remove(keep);
    free(keep);
    arena_free(a);
    proc_end_by_signal();
    if (rc == 0)
        return 0;
    log_debug("nvcc goes on alone: %s", err.text);
    proc_become(words);
    return 1;
}
