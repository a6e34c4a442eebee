/* driver/build/command.c
 *
 * Reads a command line into items by the table of option.c, then says what the items amount to.
 * What nvcc itself would refuse, or the table does not know, is "not understood": the caller hands
 * the command over untouched, and nvcc has the last word. Reading too little is therefore safe;
 * taking a value for an input is not, and a word that is no option must look like an input by its
 * suffix. */
#include "driver/build/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/build/arch.h"
#include "driver/build/option.h"
#include "driver/build/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

enum { DEPTH_MOST = 16 };

/* ---- items ----------------------------------------------------------------------------------- */

struct reader {
    struct arena *a;
    struct command_item *items;
    size_t n;
    bool is_env;
    struct error *err;
};

static int read_words(struct reader *r, const char *const *words, int depth);

static int read_file(struct reader *r, const char *path, int depth)
{
    struct words words = {0};
    struct buf text;
    int rc = -1;

    if (depth >= DEPTH_MOST)
        return error_set(r->err, "the options files of '%s' never end", path);
    buf_init(&text, (size_t)16 << 20);
    if (fs_read(path, &text, r->err) == 0 &&
        words_split(r->a, buf_text(&text), false, &words, r->err) == 0)
        rc = read_words(r, words_end(r->a, &words), depth + 1);
    buf_release(&text);
    return rc;
}

static int read_files(struct reader *r, const char *list, int depth)
{
    struct words paths = {0};

    words_list(r->a, list, &paths);
    for (size_t i = 0; i < paths.n; i++) {
        if (read_file(r, paths.word[i], depth) < 0)
            return -1;
    }
    return 0;
}

static int read_words(struct reader *r, const char *const *words, int depth)
{
    for (size_t i = 0; words[i]; i++) {
        struct command_item *item = arena_push(r->a, r->items, r->n);
        const char *value = NULL;

        item->word = words[i];
        item->is_env = r->is_env;
        item->depth = depth;
        item->is_input = words[i][0] != '-' || !words[i][1];
        if (item->is_input)
            continue;
        item->option = option_find(words[i], &value);
        if (item->option && item->option->value && !value) {
            value = item->next = words[++i];
            if (!value)
                return error_set(r->err, "%s has no value", item->word);
        }
        item->value = value;
        if (item->option && item->option->id == OPT_FILE && read_files(r, value, depth) < 0)
            return -1;
    }
    return 0;
}

static int read_env(struct reader *r, const char *name)
{
    const char *text = getenv(name);
    struct words words = {0};
    int rc;

    if (!text)
        return 0;
    r->is_env = true;
    rc = words_split(r->a, text, true, &words, r->err);
    if (rc == 0)
        rc = read_words(r, words_end(r->a, &words), 0);
    r->is_env = false;
    return rc;
}

/* ---- what they amount to --------------------------------------------------------------------- */

static const char *suffix_of(const char *path)
{
    const char *base = fs_base(path), *dot = strrchr(base, '.');

    return dot ? dot : "";
}

/* files that nvcc only links or hands to the host compiler */
static bool is_other_input(const char *path)
{
    static const char *const suffixes[] = {".c",   ".cc",  ".cpp",   ".cxx",    ".o",    ".obj",
                                           ".a",   ".lib", ".so",    ".ptx",    ".i",    ".ii",
                                           ".gpu", ".res", ".cubin", ".fatbin", ".ltoir"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (strcmp(suffix_of(path), suffixes[i]) == 0)
            return true;
    }
    return strstr(fs_base(path), ".so.") != NULL;
}

struct meaning { /* options whose last or only occurrence counts, while they are gathered */
    const char *arch, *odir, *mf, *mt, *lang, *unknown;
    bool forward, md, mmd, lto;
    struct words codes;
    struct archs archs;
};

static int take_phase(const struct option *o, struct command *c)
{
    static const struct {
        enum option_id id;
        enum phase phase;
    } phases[] = {
        {OPT_COMPILE, PHASE_C}, {OPT_DC, PHASE_DC},       {OPT_DW, PHASE_DW},
        {OPT_PTX, PHASE_PTX},   {OPT_CUBIN, PHASE_CUBIN}, {OPT_FATBIN, PHASE_FATBIN},
        {OPT_LINK, PHASE_LINK}, {OPT_LIB, PHASE_OTHER},
    };

    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        if (phases[i].id == o->id)
            c->phase = phases[i].phase;
    }
    if (o->id == OPT_DC || o->id == OPT_DW)
        c->relocatable = o->id == OPT_DC;
    return 0;
}

/* options about the depfile; others are passed over */
static void take_depfile(const struct command_item *item, struct meaning *m, struct command *c)
{
    switch (item->option->id) {
    case OPT_MD:
        m->md = true;
        break;
    case OPT_MMD: /* wins over -MD */
        m->md = m->mmd = true;
        break;
    case OPT_MF:
        m->mf = item->value;
        break;
    case OPT_MT:
        m->mt = item->value;
        break;
    case OPT_MP:
        c->depphony = true;
        break;
    default:
        break;
    }
}

/* as many as there are processors for 0 */
static int threads_of(const char *value)
{
    int n = atoi(value);

    return n > 0 ? n : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int take_option(struct arena *a, const struct command_item *item, struct meaning *m,
                       struct command *c, struct error *err)
{
    const struct option *o = item->option;

    if (o->class == OPTION_QUERY) {
        c->query = true;
        return error_set(err, "%s: nothing is compiled that could hold a winner", item->word);
    }
    if (o->class == OPTION_PHASE)
        return take_phase(o, c);
    switch (o->id) {
    case OPT_OUTPUT:
        c->output = item->value;
        break;
    case OPT_ODIR:
        m->odir = item->value;
        break;
    case OPT_X:
        m->lang = item->value;
        break;
    case OPT_ARCH:
        m->arch = item->value;
        break;
    case OPT_CODE:
        words_add(a, &m->codes, item->value);
        break;
    case OPT_GENCODE:
        return archs_gencode(a, &m->archs, item->value, err);
    case OPT_RDC:
        c->relocatable = strcmp(item->value, "true") == 0;
        break;
    case OPT_EWP:
        c->relocatable = true;
        break;
    case OPT_LTO:
        m->lto = true;
        break;
    case OPT_FORWARD:
        m->forward = true;
        break;
    case OPT_KEEP:
    case OPT_KEEP_DIR:
        c->keeps |= o->id == OPT_KEEP;
        break;
    case OPT_TIME:
        c->times = true;
        break;
    case OPT_THREADS:
        c->jobserver |= !item->value;
        if (item->value)
            c->threads = threads_of(item->value);
        break;
    case OPT_VERBOSE:
        c->verbose = true;
        break;
    default:
        take_depfile(item, m, c);
        break;
    }
    return 0;
}

static int take_input(struct arena *a, const char *path, const char *lang, struct command *c,
                      struct error *err)
{
    if (lang ? strcmp(lang, "cu") == 0 : strcmp(suffix_of(path), ".cu") == 0)
        *arena_push(a, c->inputs, c->ninputs) = path;
    else if (!lang && !is_other_input(path))
        return error_set(err, "'%s' is no input that ksnvcc knows", path);
    return 0;
}

static int settle_inputs(struct arena *a, const struct meaning *m, struct command *c,
                         struct error *err)
{
    for (size_t i = 0; i < c->nitems; i++) {
        if (c->items[i].is_input && take_input(a, c->items[i].word, m->lang, c, err) < 0)
            return -1;
    }
    return c->ninputs ? 0 : error_set(err, "no .cu file among the inputs");
}

static int settle_archs(struct arena *a, struct meaning *m, struct command *c, struct error *err)
{
    if (m->codes.n && !m->arch)
        return error_set(err, "-code is given, but no -arch");
    for (size_t i = 0; i < m->codes.n; i++) {
        if (archs_codes(a, &m->archs, m->codes.word[i], err) < 0)
            return -1;
    }
    if (m->arch && !m->codes.n && archs_alone(a, &m->archs, m->arch, err) < 0)
        return -1;
    if (m->lto || m->archs.lto)
        return error_set(err, "with link-time optimisation the device code is made by the linker");
    /* what nvcc 13 compiles for when it is not told */
    if (!m->archs.n && !m->archs.native && archs_name(a, &m->archs, "sm_75", true, err) < 0)
        return -1;
    c->archs = m->archs.arch;
    c->narchs = m->archs.n;
    c->native = m->archs.native;
    return 0;
}

/* "dir/a.x.cu" -> "a.x" */
static char *stem_of(struct arena *a, const char *path)
{
    const char *base = fs_base(path);

    return arena_copy(a, base, strlen(base) - strlen(suffix_of(path)));
}

char *command_default_output(struct arena *a, const struct command *c, enum phase phase)
{
    const char *suffix = phase == PHASE_PTX      ? ".ptx"
                         : phase == PHASE_CUBIN  ? ".cubin"
                         : phase == PHASE_FATBIN ? ".fatbin"
                                                 : ".o";
    const char *odir = NULL;

    for (size_t i = 0; i < c->nitems; i++) {
        if (c->items[i].option && c->items[i].option->id == OPT_ODIR)
            odir = c->items[i].value;
    }
    if (phase == PHASE_LINK || phase == PHASE_OTHER)
        return arena_dup(a, "a.out");
    return arena_printf(a, "%s%s%s%s", odir ? odir : "", odir ? "/" : "", stem_of(a, c->inputs[0]),
                        suffix);
}

static void settle_depfile(struct arena *a, const struct meaning *m, struct command *c)
{
    const char *from = c->output ? c->output : command_default_output(a, c, PHASE_C);

    c->deptarget = m->mt;
    c->depsystem = m->md && !m->mmd;
    if (!m->md)
        return;
    if (m->mf)
        c->depfile = m->mf;
    else
        c->depfile = arena_printf(a, "%.*s.d", (int)(strlen(from) - strlen(suffix_of(from))), from);
}

static int settle(struct arena *a, struct command *c, struct error *err)
{
    struct meaning m = {0};

    for (size_t i = 0; i < c->nitems; i++) {
        const struct command_item *item = &c->items[i];
        if (item->option && take_option(a, item, &m, c, err) < 0)
            return -1;
        if (!item->option && !item->is_input && !m.unknown)
            m.unknown = item->word;
    }
    if (m.unknown && !m.forward)
        return error_set(
            err, "'%s' is no option of nvcc that ksnvcc knows%s", m.unknown,
            strncmp(m.unknown, "--ks-", 5) == 0 ? "; ksnvcc's own stand first, before nvcc" : "");
    if (settle_inputs(a, &m, c, err) < 0 || settle_archs(a, &m, c, err) < 0)
        return -1;
    settle_depfile(a, &m, c);
    return 0;
}

/* index of the compiler: the first word before any option whose name is nvcc's, else the first word
 */
static size_t find_nvcc(const char *const *words)
{
    for (size_t i = 0; words[i] && words[i][0] != '-'; i++) {
        const char *base = fs_base(words[i]);
        if (strcmp(base, "nvcc") == 0 || strncmp(base, "nvcc-", 5) == 0 ||
            strncmp(base, "nvcc.", 5) == 0)
            return i;
    }
    return 0;
}

int command_parse(struct arena *a, const char *const *words, struct command *out, struct error *err)
{
    struct reader r = {.a = a, .err = err};
    struct words launcher = {0};
    size_t at = words[0] ? find_nvcc(words) : 0;

    *out = (struct command){.phase = PHASE_LINK};
    if (!words[0] || words[at][0] == '-')
        return error_set(err, "there is no compiler in the command");
    for (size_t i = 0; i < at; i++)
        words_add(a, &launcher, words[i]);
    out->launcher = words_end(a, &launcher);
    out->nvcc = words[at];
    out->args = words + at + 1;
    while (out->args[out->nargs])
        out->nargs++;
    if (read_env(&r, "NVCC_PREPEND_FLAGS") < 0 || read_words(&r, out->args, 0) < 0 ||
        read_env(&r, "NVCC_APPEND_FLAGS") < 0)
        return -1;
    out->items = r.items;
    out->nitems = r.n;
    return settle(a, out, err);
}
