/* tests/replan.c - runs an nvcc command through its own plan, for tests.
 *
 *   replan KEEP_DIR [--text FILE] [--refuse] [--flags] [--fixed] [--variant cubin|shared FILE OUT]
 * COMMAND...
 *
 * Every source is spliced: by its own text, or by FILE's. --refuse: refuses the first cubin.
 * --fixed: so that the output is the same everywhere. --flags: prints the hashes of the options
 * instead. --variant: prints the command for a variant of sm_90. Exits with what plan_run returned;
 * 99 stands for -1, 98 for a command that was not understood. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/fixed.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

static int refuse(void *arg, const struct step *ptxas, struct error *err)
{
    (void)arg;
    return error_set(err, "refused for sm_%d%d", ptxas->major, ptxas->minor);
}

static int fail(int status, const struct error *err)
{
    fprintf(stderr, "replan: %s\n", err->text);
    return status;
}

static void print_flags(const struct command *c, const struct plan *p)
{
    for (size_t i = 0; i < c->narchs; i++) {
        struct hash h = plan_flags_hash(p, c->archs[i].major, c->archs[i].minor);
        char hex[65];
        hash_hex(&h, hex);
        printf("%d%d %.16s\n", c->archs[i].major, c->archs[i].minor, hex);
    }
}

static int print_variant(struct arena *a, const struct command *c, char **args)
{
    enum variant_kind kind = strcmp(args[0], "cubin") == 0 ? VARIANT_CUBIN : VARIANT_SHARED;
    char *dir = fs_dir(c->inputs[0]);
    const char *const *argv = command_variant(a, c, kind, 9, 0, 0, dir, args[1], args[2]);

    for (; *argv; argv++)
        puts(*argv);
    free(dir);
    return 0;
}

static struct splice *splices_of(struct arena *a, const struct command *c, const char *text_path)
{
    struct splice *s = arena_array(a, struct splice, c->ninputs);

    for (size_t i = 0; i < c->ninputs; i++) {
        struct buf b;
        buf_init(&b, BUF_LIMIT);
        if (fs_read(text_path ? text_path : c->inputs[i], &b, NULL) < 0)
            fprintf(stderr, "replan: cannot read %s\n", c->inputs[i]);
        s[i] = (struct splice){.source = c->inputs[i], .text = arena_dup(a, buf_text(&b))};
        buf_release(&b);
    }
    return s;
}

static int replan(struct arena *a, char **argv, struct error *err)
{
    const char *keep = argv[1], *text = NULL;
    bool refuses = false, flags = false, fixed = false;
    char **variant = NULL;
    struct command c;
    struct plan p;
    int rc;

    for (argv += 2; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
        if (strcmp(*argv, "--text") == 0)
            text = *++argv;
        else if (strcmp(*argv, "--variant") == 0)
            variant = argv + 1, argv += 3;
        refuses |= strcmp(*argv, "--refuse") == 0;
        fixed |= strcmp(*argv, "--fixed") == 0;
        flags |= strcmp(*argv, "--flags") == 0;
    }
    if (command_parse(a, (const char *const *)argv, &c, err) < 0)
        return fail(98, err);
    if (variant)
        return print_variant(a, &c, variant);
    if (plan_make(a, &c, keep, &p, err) < 0)
        return fail(99, err);
    if (flags) {
        print_flags(&c, &p);
        return 0;
    }
    if (fixed && fixed_plan(a, &p, &c, err) < 0)
        return fail(99, err);
    rc = plan_run(&p, &c, splices_of(a, &c, text), c.ninputs, refuses ? refuse : NULL, NULL, false,
                  err);
    return rc < 0 ? fail(99, err) : rc;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct error err = {""};
    int rc;

    if (argc < 4)
        return 97;
    proc_init();
    rc = replan(a, argv, &err);
    arena_free(a);
    return rc;
}
