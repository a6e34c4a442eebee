/* driver/build/flags.c
 *
 * Command lines made of a user's: the same words in the same order, but for those that the new
 * command has its own idea of. Options files and the environment's flags stay what they are where
 * nothing in them has to go (nvcc reads quotes differently there); else their words take their
 * place on the command line. */
#include "driver/build/command.h"

#include <string.h>
#include "driver/build/option.h"
#include "driver/build/words.h"
#include "runtime/base/buf.h"

typedef bool drop_rule(const struct command *c, const struct command_item *item);

static bool drops_any(const struct command *c, drop_rule *drop, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (drop(c, &c->items[i]))
            return true;
    }
    return false;
}

static bool drops_env(const struct command *c, drop_rule *drop)
{
    for (size_t i = 0; i < c->nitems; i++) {
        if (c->items[i].is_env && drop(c, &c->items[i]))
            return true;
    }
    return false;
}

/* one past the last item that came out of the options file at `at` */
static size_t file_end(const struct command *c, size_t at)
{
    size_t end = at + 1;

    while (end < c->nitems && c->items[end].depth > c->items[at].depth)
        end++;
    return end;
}

/* the kept words of c behind the compiler */
static void add_kept(struct arena *a, const struct command *c, drop_rule *drop, struct words *w)
{
    bool env = drops_env(c, drop);

    for (size_t i = 0; i < c->nitems; i++) {
        const struct command_item *item = &c->items[i];
        bool is_file = item->option && item->option->id == OPT_FILE;
        size_t end = is_file ? file_end(c, i) : i + 1;

        if (item->is_env && !env)
            continue; /* nvcc reads it by itself */
        if (is_file && drops_any(c, drop, i + 1, end))
            continue; /* its items follow */
        if (drop(c, item))
            continue;
        words_add(a, w, item->word);
        if (item->next)
            words_add(a, w, item->next);
        i = end - 1;
    }
}

/* the compiler, freed of the environment's flags where their words are given to it */
static void add_compiler(struct arena *a, const struct command *c, drop_rule *drop, struct words *w)
{
    static const char *const without[] = {"env", "-u", "NVCC_PREPEND_FLAGS", "-u",
                                          "NVCC_APPEND_FLAGS"};

    for (size_t i = 0; drops_env(c, drop) && i < sizeof without / sizeof *without; i++)
        words_add(a, w, without[i]);
    words_add(a, w, c->nvcc);
}

static bool drop_common(const struct command *c, const struct command_item *item)
{
    const struct option *o = item->option;

    (void)c;
    if (item->is_input)
        return true;
    if (!o)
        return false;
    switch (o->class) {
    case OPTION_PHASE:
    case OPTION_INPUT:
    case OPTION_OUTPUT:
    case OPTION_DEPEND:
    case OPTION_ARCH:
    case OPTION_SIDE:
    case OPTION_CHECK:
    case OPTION_QUERY:
        return true;
    default:
        return o->id == OPT_RDC;
    }
}

static bool drop_for_cubin(const struct command *c, const struct command_item *item)
{
    return drop_common(c, item) || (item->option && item->option->class == OPTION_LINK);
}

/* a value for -Xcompiler that survives nvcc's commas and the shell's blanks */
static const char *host_path(struct arena *a, const char *path)
{
    struct buf b;
    char *text;

    buf_init(&b, BUF_LIMIT);
    buf_addc(&b, '"');
    for (; *path; path++) {
        if (strchr("\"\\$`", *path))
            buf_addc(&b, '\\');
        buf_addc(&b, *path);
    }
    buf_addc(&b, '"');
    text = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return text;
}

const char *const *command_variant(struct arena *a, const struct command *c, enum variant_kind kind,
                                   int major, int minor, char suffix, const char *source_dir,
                                   const char *in, const char *out)
{
    static const char *const cubin[] = {"-cubin", NULL};
    static const char *const linked[] = {"-rdc=true", "-dlink", "-cubin", NULL};
    static const char *const unlinked[] = {"-rdc=true", "-cubin", NULL};
    static const char *const shared[] = {"-shared",    "-cudart", "static",
                                         "-Xcompiler", "-fPIC",   NULL};
    drop_rule *drop = kind == VARIANT_SHARED ? drop_common : drop_for_cubin;
    const char *end = suffix ? (char[2]){suffix, 0} : "";
    struct words w = {0};

    add_compiler(a, c, drop, &w);
    if (source_dir) {
        words_add(a, &w, "-Xcompiler");
        words_add(a, &w, arena_printf(a, "-iquote,%s", host_path(a, source_dir)));
    }
    add_kept(a, c, drop, &w);
    if (kind == VARIANT_SHARED)
        words_all(a, &w, shared);
    else
        words_all(a, &w, !c->relocatable ? cubin : kind == VARIANT_CUBIN ? linked : unlinked);
    if (kind == VARIANT_SHARED && c->relocatable)
        words_add(a, &w, "-rdc=true");
    words_add(a, &w, "-gencode");
    words_add(a, &w,
              arena_printf(a, "arch=compute_%d%d%s,code=sm_%d%d%s", major, minor, end, major, minor,
                           end));
    words_all(a, &w, (const char *const[]){"-w", "-x", "cu", in, "-o", out, NULL});
    return words_end(a, &w);
}

/* The plan is run step by step with its output passed through: no threads, and no other folder for
 * intermediate files. With --keep the user's own folder is where they belong. */
static bool drop_for_plan(const struct command *c, const struct command_item *item)
{
    const struct option *o = item->option;

    if (!o)
        return false;
    if (o->id == OPT_KEEP || o->id == OPT_KEEP_DIR)
        return !c->keeps;
    return o->id == OPT_THREADS || strcmp(o->brief, "objtemp") == 0;
}

const char *const *command_dryrun(struct arena *a, const struct command *c, const char *keep_dir)
{
    struct words w = {0};

    add_compiler(a, c, drop_for_plan, &w);
    words_add(a, &w, "--dryrun");
    if (!c->keeps)
        words_all(a, &w, (const char *const[]){"--keep", "--keep-dir", keep_dir, NULL});
    add_kept(a, c, drop_for_plan, &w);
    return words_end(a, &w);
}
