/* driver/build/fixed.c
 *
 * Two of the tools need more than other options. cicc with -G writes the current folder into what a
 * debugger reads, and puts it before relative names; it is run in "/", on a text whose line markers
 * name files below "." already, so that every name begins with "/./" whoever runs it. Its PTX names
 * the files that lines belong to, and ptxas adds each one's time and size unless they stand there
 * (zeros do not count): they are written there.
 *
 * ptxas keeps its own command line in the code, so it runs beside its input under bare names. */
#include "driver/build/fixed.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cache/hash.h"
#include "driver/build/marker.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"
#include "runtime/base/terminal.h"

#define CURRENT "/proc/self/cwd"

struct renamed { /* a file as the text for cicc names it, and as the user does */
    const char *name, *original;
};

struct fixed {
    struct arena *a;
    struct roots roots;
    const char *keep; /* the folder of intermediate files, absolute */
    const char *date, *time, *timestamp;
    const char *const *env;
    const char *module;   /* module_path of the source whose steps are changed */
    const char **options; /* for the host compiler: the roots */
    size_t noptions;
    struct renamed *renamed;
    size_t nrenamed;
};

/* ---- names ----------------------------------------------------------------------------------- */

const char *fixed_path(struct arena *a, const struct plan *p, const char *path)
{
    return p->fixed ? roots_path(a, &p->fixed->roots, path) : path;
}

/* in the text for cicc, relative names begin with "./", too: it puts its folder before them */
static const char *dotted_path(const struct fixed *f, const char *path)
{
    const char *name = roots_path(f->a, &f->roots, path);
    bool bare = *name == '/' || *name == '<' || strcmp(name, ".") == 0 || !strncmp(name, "./", 2);

    return bare ? name : arena_printf(f->a, "./%s", name);
}

/* the source's name and text in a few digits: what nvcc makes a checksum of in place of the real
 * path, so it has to differ for all sources of a program */
static const char *module_path(struct fixed *f, const char *path, struct error *err)
{
    const char *name = roots_path(f->a, &f->roots, path);
    struct buf text;
    char hex[65];

    buf_init(&text, BUF_LIMIT);
    if (fs_read(path, &text, err) < 0) {
        buf_release(&text);
        return NULL;
    }
    struct hash h = hash_bytes(buf_text(&text), text.len);
    hash_hex(&h, hex);
    buf_release(&text);
    return arena_printf(f->a, "%.16s/%s", hex, name);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static bool has_word(const struct step *s, const char *word)
{
    for (size_t i = 1; s->argv[i]; i++)
        if (strcmp(s->argv[i], word) == 0)
            return true;
    return false;
}

/* cicc for -G: with what a debugger reads */
static bool is_debug(const struct step *s)
{
    return s->tool == TOOL_CICC && has_word(s, "-g");
}

static bool has_lines(const struct step *s)
{
    return is_debug(s) || (s->tool == TOOL_CICC && has_word(s, "-generate-line-info"));
}

static bool is_kept(const struct plan *p, const char *path)
{
    return path && fs_is_below(path, p->keep_dir) && !strchr(path + strlen(p->keep_dir) + 1, '/');
}

/* Where ptxas writes what is no intermediate file (-cubin) and the name says where that is, it
 * writes beside its input, and the file is moved; but only onto a file */
static bool is_moved(const struct plan *p, const struct step *s)
{
    struct stat st;

    return s->tool == TOOL_PTXAS && s->output && *s->output == '/' && !is_kept(p, s->output) &&
           (stat(s->output, &st) < 0 || S_ISREG(st.st_mode));
}

static bool is_ptxas_here(const struct plan *p, const struct step *s)
{
    return s->tool == TOOL_PTXAS && is_kept(p, s->input) &&
           (is_kept(p, s->output) || is_moved(p, s));
}

static const char *const *host_argv(struct fixed *f, const struct step *s, struct error *err)
{
    bool preprocesses = s->tool <= TOOL_CPP_DEVICE;
    struct words w = {0};

    if (preprocesses && s->input && !(f->module = module_path(f, s->input, err)))
        return NULL;

    words_add(f->a, &w, s->argv[0]);
    for (size_t i = 0; i < f->noptions; i++)
        words_add(f->a, &w, f->options[i]);
    if (preprocesses) {
        words_add(f->a, &w, "-Wno-builtin-macro-redefined");
        words_add(f->a, &w, arena_printf(f->a, "-D__DATE__=\"%s\"", f->date));
        words_add(f->a, &w, arena_printf(f->a, "-D__TIME__=\"%s\"", f->time));
        words_add(f->a, &w, arena_printf(f->a, "-D__TIMESTAMP__=\"%s\"", f->timestamp));
    } else if (f->module) {
        words_add(f->a, &w, arena_printf(f->a, "-frandom-seed=%s", f->module));
    }
    for (size_t i = 1; s->argv[i]; i++)
        words_add(f->a, &w, s->argv[i]);
    return words_end(f->a, &w);
}

/* one word of cudafe++, cicc, ptxas or fatbinary behind the word `before`; NULL with *err */
static const char *tool_word(struct fixed *f, const struct plan *p, const struct step *s,
                             const char *before, const char *word, struct error *err)
{
    static const char ident[] = "--ident=";

    if (strcmp(before, "--orig_src_path_name") == 0)
        return s->tool == TOOL_CUDAFE ? module_path(f, word, err) : dotted_path(f, word);
    if (strcmp(before, "--orig_src_file_name") == 0)
        return roots_path(f->a, &f->roots, word);
    if (s->tool == TOOL_FATBINARY && strncmp(word, ident, sizeof ident - 1) == 0)
        return arena_printf(f->a, "%s%s", ident,
                            roots_path(f->a, &f->roots, word + sizeof ident - 1));
    if (is_debug(s) && word == s->input)
        return arena_printf(f->a, "%s/%s.fixed.ii", f->keep, fs_base(word));
    if (is_debug(s) && is_kept(p, word))
        return arena_printf(f->a, "%s/%s", f->keep, fs_base(word));
    if (is_ptxas_here(p, s) && (word == s->input || word == s->output))
        return fs_base(word);
    return word;
}

static const char *const *tool_argv(struct fixed *f, const struct plan *p, const struct step *s,
                                    struct error *err)
{
    struct words w = {0};

    words_add(f->a, &w, s->argv[0]);
    for (size_t i = 1; s->argv[i]; i++) {
        const char *word = tool_word(f, p, s, s->argv[i - 1], s->argv[i], err);
        if (!word)
            return NULL;
        words_add(f->a, &w, word);
    }
    return words_end(f->a, &w);
}

static const char *const *fixed_argv(struct fixed *f, const struct plan *p, const struct step *s,
                                     struct error *err)
{
    switch (s->tool) {
    case TOOL_CPP_HOST:
    case TOOL_CPP_DEVICE:
    case TOOL_HOST_CC:
        return host_argv(f, s, err);
    case TOOL_CUDAFE:
    case TOOL_CICC:
    case TOOL_PTXAS:
    case TOOL_FATBINARY:
        return tool_argv(f, p, s, err);
    default:
        return s->argv;
    }
}

/* ---- the plan -------------------------------------------------------------------------------- */

static void add_option(struct fixed *f, const char *option)
{
    *arena_push(f->a, f->options, f->noptions) = option;
}

/* Later options count first, so the longest root comes last. With a slash at the end no other
 * folder is meant whose name only begins so. The current folder itself, which debug information
 * names, has none: gcc takes it by the name in $PWD, which fix_environment sets. The folder of
 * intermediate files is named after the output, and objects of other names are the same */
static void fix_options(struct fixed *f, const char *keep_dir)
{
    add_option(f, "-fdebug-prefix-map=" CURRENT "=.");
    for (size_t i = 0; i < f->roots.n; i++)
        add_option(f, arena_printf(f->a, "-ffile-prefix-map=%s/=./", f->roots.folder[i]));
    if (!strchr(f->keep, '=')) {
        add_option(f, arena_printf(f->a, "-ffile-prefix-map=%s=.", keep_dir));
        add_option(f, arena_printf(f->a, "-ffile-prefix-map=%s=.", f->keep));
    }
}

static char *time_text(struct arena *a, const char *format, const struct tm *tm)
{
    char text[40];

    strftime(text, sizeof text, format, tm);
    return arena_dup(a, text);
}

/* clang before 16 does not know SOURCE_DATE_EPOCH, and no compiler minds it for __TIMESTAMP__ */
static void fix_environment(struct fixed *f, const struct plan *p)
{
    const char *given = getenv("SOURCE_DATE_EPOCH");
    struct words env = {0};
    char *end = NULL;
    struct tm tm;
    time_t t = given ? (time_t)strtoll(given, &end, 10) : 0;

    if (!end || end == given || *end || !gmtime_r(&t, &tm)) {
        t = 0;
        gmtime_r(&t, &tm);
    }
    f->date = time_text(f->a, "%b %e %Y", &tm);
    f->time = time_text(f->a, "%H:%M:%S", &tm);
    f->timestamp = time_text(f->a, "%a %b %e %H:%M:%S %Y", &tm);
    for (size_t i = 0; p->env[i]; i++)
        words_add(f->a, &env, p->env[i]);
    words_setenv(f->a, &env, arena_printf(f->a, "SOURCE_DATE_EPOCH=%lld", (long long)t));
    words_setenv(f->a, &env, "PWD=" CURRENT);
    f->env = words_end(f->a, &env);
}

int fixed_plan(struct arena *a, struct plan *p, const struct command *c, struct error *err)
{
    struct fixed *f = arena_alloc(a, sizeof *f);
    struct step *steps = arena_array(a, struct step, p->n + 1);
    char *keep = realpath(p->keep_dir, NULL);

    if (p->fixed)
        return 0;
    f->a = a;
    f->keep = arena_dup(a, keep);
    free(keep);
    if (!f->keep)
        return error_set(err, "%s: %s", p->keep_dir, strerror(errno));
    roots_find(a, c, *p->keep_dir == '/' ? p->keep_dir : NULL, &f->roots);
    fix_options(f, p->keep_dir);
    fix_environment(f, p);
    for (size_t i = 0; i < p->n; i++) {
        steps[i] = p->steps[i];
        steps[i].argv = fixed_argv(f, p, &p->steps[i], err);
        if (!steps[i].argv)
            return -1;
    }
    for (size_t i = 0; i < p->n; i++)
        p->steps[i].argv = steps[i].argv;
    p->env = f->env;
    p->fixed = f;
    return 0;
}

/* ---- the text for cicc ----------------------------------------------------------------------- */

static void add_renamed(struct fixed *f, const char *name, const char *original)
{
    for (size_t i = 0; i < f->nrenamed; i++)
        if (strcmp(f->renamed[i].name, name) == 0)
            return;
    *arena_push(f->a, f->renamed, f->nrenamed) = (struct renamed){name, original};
}

/* preprocessed text with all its markers below "." */
static void fix_markers(struct fixed *f, const char *text, size_t len, struct buf *out)
{
    const char *end = text + len, *after;

    for (const char *at = text; at < end; at = after) {
        struct marker m;
        after = memchr(at, '\n', (size_t)(end - at));
        after = after ? after + 1 : end;
        if (marker_read(at, after, &m)) {
            const char *name = marker_name(f->a, &m), *fixed = dotted_path(f, name);
            if (strcmp(name, fixed) != 0)
                add_renamed(f, fixed, name);
            buf_add(out, at, (size_t)(m.name - at));
            marker_quote(out, fixed);
            at = m.name + m.name_len;
        }
        buf_add(out, at, (size_t)(after - at));
    }
}

/* ---- PTX ------------------------------------------------------------------------------------- */

/* `.file 1 "NAME"` at line start, blanks before it: where NAME begins and ends; false for others */
static bool read_file_line(const char *at, const char *end, const char **name, const char **close)
{
    while (at < end && isblank((unsigned char)*at))
        at++;
    if (end - at < 8 || strncmp(at, ".file", 5) != 0 || !isblank((unsigned char)at[5]))
        return false;
    *name = memchr(at, '"', (size_t)(end - at));
    if (!*name)
        return false;
    ++*name;
    *close = memchr(*name, '"', (size_t)(end - *name));
    return *close != NULL;
}

static void fix_ptx(struct fixed *f, const char *text, size_t len, struct buf *out)
{
    const char *end = text + len, *after, *name, *close;

    for (const char *at = text; at < end; at = after) {
        after = memchr(at, '\n', (size_t)(end - at));
        after = after ? after + 1 : end;
        if (!read_file_line(at, after, &name, &close)) {
            buf_add(out, at, (size_t)(after - at));
            continue;
        }
        const char *path = arena_copy(f->a, name, (size_t)(close - name));
        path = strncmp(path, "/./", 3) == 0 ? path + 1 : roots_path(f->a, &f->roots, path);
        buf_add(out, at, (size_t)(name - at));
        buf_addf(out, "%s\", 1, 1\n", path);
    }
}

/* the file `from` through `edit` into the file `to` */
static int edit_file(struct fixed *f, const char *from, const char *to,
                     void (*edit)(struct fixed *, const char *, size_t, struct buf *),
                     struct error *err)
{
    struct buf text, out;
    int rc;

    buf_init(&text, BUF_LIMIT);
    buf_init(&out, BUF_LIMIT);
    rc = fs_read(from, &text, err);
    if (rc == 0) {
        edit(f, buf_text(&text), text.len, &out);
        rc = out.full ? error_set(err, "%s is too long", from)
                      : fs_write(to, buf_text(&out), out.len, err);
    }
    buf_release(&text);
    buf_release(&out);
    return rc;
}

/* ---- the module's name ----------------------------------------------------------------------- */

/* how much of "_<checksum>_4_n_cu_<checksum of the current folder>_<process id>" comes before
 * these; 0: it has none */
static size_t before_process(const char *id, size_t n)
{
    size_t digits = 0, hex = 0;

    while (digits < n && isdigit((unsigned char)id[n - 1 - digits]))
        digits++;
    if (digits == 0 || digits == n || id[n - 1 - digits] != '_')
        return 0;
    n -= digits + 1;
    while (hex < n && isxdigit((unsigned char)id[n - 1 - hex]))
        hex++;
    return hex == 8 && n > 9 && id[n - 9] == '_' ? n - 9 : 0;
}

static int text_hash(struct fixed *f, const char *path, char hex[65], struct error *err)
{
    size_t renamed = f->nrenamed;
    struct buf text, out;
    int rc;

    buf_init(&text, BUF_LIMIT);
    buf_init(&out, BUF_LIMIT);
    rc = fs_read(path, &text, err);
    if (rc == 0) {
        fix_markers(f, buf_text(&text), text.len, &out);
        struct hash h = hash_bytes(buf_text(&out), out.len);
        hash_hex(&h, hex);
        f->nrenamed = renamed;
    }
    buf_release(&text);
    buf_release(&out);
    return rc;
}

/* cudafe++ again, now with the name that is in the file */
static int take_module(const struct plan *p, const char *const *given, struct error *err)
{
    struct proc_result result;
    struct proc_spec spec = {.argv = given, .env = p->env};
    int rc;

    if (proc_run(&spec, &result, err) < 0)
        return -1;
    rc = proc_ok(&result) ? 0 : error_set(err, "cudafe++ does not take the name of a module");
    proc_result_release(&result);
    return rc;
}

/* A source without a name that other files see has a module that is named after the folder and
 * cudafe++'s process */
static int fix_module(struct fixed *f, const struct plan *p, const struct step *s, const char *path,
                      const char *const *given, struct error *err)
{
    struct buf id;
    char hex[65];
    size_t n;
    int rc;

    buf_init(&id, BUF_LIMIT);
    rc = fs_read(path, &id, err);
    n = rc == 0 ? before_process(buf_text(&id), id.len) : 0;
    if (n > 0 && (rc = text_hash(f, s->input, hex, err)) == 0) {
        const char *own = arena_printf(f->a, "%.*s_%.16s", (int)n, buf_text(&id), hex);
        rc = fs_write(path, own, strlen(own), err);
        if (rc == 0)
            rc = take_module(p, given, err);
    }
    buf_release(&id);
    return rc;
}

/* ---- around a step --------------------------------------------------------------------------- */

int fixed_before(const struct plan *p, const struct step *s, const char **dir, struct error *err)
{
    struct fixed *f = p->fixed;

    *dir = NULL;
    if (f && is_ptxas_here(p, s))
        *dir = f->keep;
    if (!f || !is_debug(s))
        return 0;
    *dir = "/";
    return edit_file(f, s->input, arena_printf(f->a, "%s/%s.fixed.ii", f->keep, fs_base(s->input)),
                     fix_markers, err);
}

int fixed_after(const struct plan *p, const struct step *s, struct error *err)
{
    struct fixed *f = p->fixed;

    if (!f)
        return 0;
    const char *module, *const *given = step_module_given(f->a, s, &module);
    if (given)
        return fix_module(f, p, s, module, given, err);
    if (has_lines(s) && s->output)
        return edit_file(f, s->output, s->output, fix_ptx, err);
    if (is_ptxas_here(p, s) && is_moved(p, s)) {
        const char *from = arena_printf(f->a, "%s/%s", f->keep, fs_base(s->output));
        if (rename(from, s->output) < 0)
            return error_set(err, "cannot write %s: %s", s->output, strerror(errno));
    }
    return 0;
}

static bool is_path_byte(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._-/+~", c));
}

/* the longest renamed file that the text names at `at` */
static const struct renamed *renamed_at(const struct fixed *f, const char *text, const char *at)
{
    const struct renamed *best = NULL;

    if (at > text && is_path_byte(at[-1]))
        return NULL;
    for (size_t i = 0; i < f->nrenamed; i++) {
        const struct renamed *r = &f->renamed[i];
        size_t n = strlen(r->name);
        if (strncmp(at, r->name, n) == 0 && !is_path_byte(at[n]) &&
            (!best || n > strlen(best->name)))
            best = r;
    }
    return best;
}

void fixed_said(const struct plan *p, const struct step *s, const char *text, struct buf *out)
{
    const struct fixed *f = p->fixed;
    const char *end = text + strlen(text);
    const char *from = text; /* where the text begins, or goes on behind a colour */

    for (const char *at = text; *at;) {
        const struct renamed *r = f && is_debug(s) ? renamed_at(f, from, at) : NULL;
        size_t escape = terminal_escape(at, (size_t)(end - at));
        if (r) {
            buf_adds(out, r->original);
            at += strlen(r->name);
        } else if (escape) {
            buf_add(out, at, escape);
            from = at += escape;
        } else {
            buf_addc(out, *at++);
        }
    }
}
