/* driver/build/run.c
 *
 * A plan's steps run one after the other, and what they say comes out at the end, so a failing
 * compile says and returns what nvcc's own would; or says nothing, when its caller will have nvcc
 * say it. nvcc leaves a failed step's output to the tool that
 * failed; so do we. Only when we ourselves stop (a refused check, a signal) is an output of ours
 * removed: it would be newer than its sources and wrong. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver/build/depfile.h"
#include "driver/build/fixed.h"
#include "driver/build/messages.h"
#include "driver/build/plan.h"
#include "driver/build/said.h"
#include "driver/build/splice.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

struct run {
    struct arena *a;
    const struct plan *p;
    const struct command *c;
    const struct splice *splices;
    size_t nsplices;
    bool copies; /* the texts have copies in them: what is said of these is the user's original's */
    int (*check)(void *arg, const struct step *ptxas, struct error *err);
    void *arg;
    struct said *said;
    struct error *err;
};

static const struct splice *splice_of(const struct run *r, const char *source)
{
    for (size_t i = 0; source && i < r->nsplices; i++) {
        if (strcmp(r->splices[i].source, source) == 0)
            return &r->splices[i];
    }
    return NULL;
}

static int run_tool(const struct run *r, const struct step *s)
{
    struct proc_spec spec = {.argv = s->argv, .env = r->p->env};
    struct proc_result result;
    int status;

    if (fixed_before(r->p, s, &spec.dir, r->err) < 0 || proc_run(&spec, &result, r->err) < 0)
        return -1;
    status = splice_status(&result);
    if (r->copies && s->tool != TOOL_PTXAS) {
        messages_add(&r->said->out, buf_text(&result.out), result.out.len);
        messages_add(&r->said->err, buf_text(&result.err), result.err.len);
    } else {
        fixed_said(r->p, s, buf_text(&result.out), &r->said->out);
        fixed_said(r->p, s, buf_text(&result.err), &r->said->err);
    }
    if (WIFSIGNALED(result.status) && !proc_interrupted())
        buf_addf(&r->said->err, "nvcc error   : '%s' died due to signal %d\n", fs_base(s->argv[0]),
                 WTERMSIG(result.status));
    proc_result_release(&result);
    return status == 0 ? fixed_after(r->p, s, r->err) : status;
}

/* the passes over the source that was preprocessed last before step `at` */
static int run_depfile(const struct run *r, size_t at)
{
    struct words passes = {0};
    const char *source = NULL;

    for (size_t i = at; i-- > 0 && !source;) {
        if (r->p->steps[i].tool <= TOOL_CPP_DEVICE)
            source = r->p->steps[i].input;
    }
    for (size_t i = 0; source && i < at; i++) {
        const struct step *s = &r->p->steps[i];
        if (s->tool <= TOOL_CPP_DEVICE && s->input && strcmp(s->input, source) == 0 && s->output)
            words_add(r->a, &passes, s->output);
    }
    if (!source)
        return error_set(r->err, "the plan writes a depfile of nothing");
    const struct splice *splice = splice_of(r, source), plain = {.source = source};
    return depfile_write(r->c, r->p->steps[at].output, splice ? splice : &plain, passes.word,
                         passes.n, r->err);
}

static int run_step(const struct run *r, size_t at)
{
    const struct step *s = &r->p->steps[at];
    const struct splice *splice;
    int status;

    switch (s->tool) {
    case TOOL_DEPFILE:
        return run_depfile(r, at);
    case TOOL_REMOVE:
        for (size_t i = 1; s->argv[i]; i++)
            unlink(s->argv[i]);
        return 0;
    case TOOL_CPP_HOST:
    case TOOL_CPP_DEVICE:
        splice = splice_of(r, s->input);
        return splice ? splice_run(r->a, r->p, s, splice->text, false, s->output, r->said, r->err)
                      : run_tool(r, s);
    case TOOL_PTXAS:
        status = run_tool(r, s);
        if (status == 0 && r->check && s->output && r->check(r->arg, s, r->err) != 0)
            return error_set(r->err, "the machine code of %s was refused", s->output);
        return status;
    default:
        return run_tool(r, s);
    }
}

/* the step wrote a file that outlives the compile */
static bool is_result(const struct plan *p, const struct step *s)
{
    size_t n = strlen(p->keep_dir);

    return s->output && s->tool != TOOL_DEPFILE &&
           !(strncmp(s->output, p->keep_dir, n) == 0 && s->output[n] == '/');
}

/* a device or a pipe that was named as the output is nobody's to remove */
static void remove_result(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

int plan_run(struct plan *p, const struct command *c, const struct splice *splices, size_t n,
             int (*check)(void *arg, const struct step *ptxas, struct error *err), void *arg,
             bool quiet_failure, struct error *err)
{
    struct said said;
    struct run r = {arena_new(), p, c, splices, n, false, check, arg, &said, err};
    int status = 0;
    size_t i;

    for (i = 0; i < n; i++)
        r.copies |= strstr(splices[i].text, "__ks_") != NULL;

    buf_init(&said.out, BUF_LIMIT);
    buf_init(&said.err, BUF_LIMIT);
    buf_adds(&said.err, p->messages);
    for (i = 0; i < p->n && status == 0; i++)
        status = run_step(&r, i);
    if (status == -1 || proc_interrupted()) {
        for (size_t k = 0; k < i; k++) {
            if (is_result(p, &p->steps[k]))
                remove_result(p->steps[k].output);
        }
    }
    if (status == 0 || !quiet_failure) {
        fwrite(buf_text(&said.out), 1, said.out.len, stdout);
        fwrite(buf_text(&said.err), 1, said.err.len, stderr);
        fflush(stdout);
        if (p->out)
            buf_add(p->out, buf_text(&said.out), said.out.len);
        if (p->err)
            buf_add(p->err, buf_text(&said.err), said.err.len);
    }
    if (status > 0) {
        const char *why = said_error(r.a, buf_text(&said.err));
        error_set(err, "%s", why ? why : "a tool failed without an error message");
    }
    buf_release(&said.out);
    buf_release(&said.err);
    arena_free(r.a);
    return status;
}

/* ---- for keys -------------------------------------------------------------------------------- */

static int read_back(const char *path, struct buf *out, struct error *err)
{
    int rc = fs_read(path, out, err);

    unlink(path);
    return rc;
}

/* the step as it is, but for the file it writes, and an option more (may be NULL) */
static int run_plain(struct arena *a, const struct plan *p, const struct step *s,
                     const char *option, const char *output, struct error *err)
{
    struct proc_result result;
    struct words w = {0};
    int status;

    for (size_t i = 0; s->argv[i]; i++) {
        words_add(a, &w, i && strcmp(s->argv[i - 1], "-o") == 0 ? output : s->argv[i]);
        if (i == 0 && option)
            words_add(a, &w, option);
    }
    if (proc_run(&(struct proc_spec){.argv = words_end(a, &w), .env = p->env}, &result, err) < 0)
        return -1;
    status = splice_status(&result);
    if (status)
        error_set(err, "the preprocessor failed: %.500s", buf_text(&result.err));
    proc_result_release(&result);
    return status;
}

/* a preprocessor step's output, with `text` (may be NULL) in the source's place, settled as
 * splice_run() has it or not, or `option` (may be NULL) on its command line */
static int preprocess(const struct plan *p, const struct step *s, const char *text, bool settled,
                      const char *option, struct buf *out, struct error *err)
{
    struct arena *a = arena_new();
    /* a name of this process's own: a compiler that outlived one of ours that was killed may still
     * be writing to the name that that one had */
    const char *file = arena_printf(a, "%s/ks-pass.%d.ii", p->keep_dir, (int)getpid());
    int rc = text ? splice_run(a, p, s, text, settled, file, NULL, err)
                  : run_plain(a, p, s, option, file, err);

    if (rc == 0)
        rc = read_back(file, out, err);
    arena_free(a);
    return rc == 0 ? 0 : -1;
}

int plan_preprocess(const struct plan *p, const char *source, int major, int minor,
                    const char *text, struct buf *out, struct error *err)
{
    const struct step *s = plan_cpp(p, source, major, minor);

    return s ? preprocess(p, s, text, false, NULL, out, err)
             : error_set(err, "nvcc's plan has no such pass over %s", source);
}

int plan_settled(const struct plan *p, const struct step *s, const char *text, struct buf *out,
                 struct error *err)
{
    return preprocess(p, s, text, true, NULL, out, err);
}

int plan_defines(const struct plan *p, const char *source, struct buf *out, struct error *err)
{
    const struct step *s = plan_cpp(p, source, 0, 0);

    for (size_t i = 0; i < p->n && !s; i++)
        if (p->steps[i].tool == TOOL_CPP_DEVICE)
            s = plan_cpp(p, source, p->steps[i].major, p->steps[i].minor);
    return s ? preprocess(p, s, NULL, false, "-dD", out, err)
             : error_set(err, "nvcc's plan has no pass over %s", source);
}

/* options that name files, or that say nothing about the code; value: in the next word */
static const struct {
    const char *prefix;
    bool value;
} silent[] = {
    {"-o", true},
    {"--orig_src_file_name", true},
    {"--orig_src_path_name", true},
    {"--include_file_name", true},
    {"--module_id_file_name", true},
    {"--gen_module_id_file", false},
    {"--gen_c_file_name", true},
    {"--stub_file_name", true},
    {"--gen_device_file_name", true},
    {"--display_error_number", false},
    /* the host compiler's version: a lockfile holds on machines with another one. What its headers
     * change is in the preprocessed text, and emission compares the machine code */
    {"--gnu_version", false},
    {"--no_display_error_number", false},
    {"--diag_suppress", true},
    {"--diag_error", true},
    {"--diag_warning", true},
    {"--diag_", false},
    {"-warn", false},
    {"--warn-", false},
    {"-split-compile", true}, /* how many threads do it */
    {"-split-compile=", false},
    {"-jobserver", false},
    /* asked for by architecture; records know which they are of */
    {"-arch", true},
    {"-arch=", false},
    /* the host compiler's: what these do is in the preprocessed text */
    {"-isystem", true},
    {"-iquote", true},
    {"-idirafter", true},
    {"-include", true},
    {"-D", false},
    {"-U", false},
    {"-I", false},
    {"-W", false},
};

/* words to pass over at argv[i]; 0 when it shapes code */
static size_t silent_words(const struct step *s, size_t i)
{
    const char *word = s->argv[i];

    if (word == s->input || strcmp(word, "-v") == 0 || strcmp(word, "-w") == 0)
        return 1;
    if (word[0] != '-') /* files; values of options are no paths and have no suffix of ours */
        return strchr(word, '/') || strstr(word, ".ii") || strstr(word, ".cudafe1.") ? 1 : 0;
    for (size_t k = 0; k < sizeof silent / sizeof *silent; k++) {
        bool same = silent[k].value
                        ? strcmp(word, silent[k].prefix) == 0
                        : strncmp(word, silent[k].prefix, strlen(silent[k].prefix)) == 0;
        /* "-D X" as two words, "-DX" as one */
        bool next = silent[k].value || (word[1] && !word[2] && strchr("DUI", word[1]));
        if (same)
            return next && s->argv[i + 1] ? 2 : 1;
    }
    return 0;
}

static void hash_step(struct hasher *h, const struct step *s)
{
    hasher_number(h, s->tool);
    hasher_string(h, fs_base(s->argv[0]));
    for (size_t i = 1; s->argv[i];) {
        size_t skip = silent_words(s, i);
        if (!skip)
            hasher_string(h, s->argv[i]);
        i += skip ? skip : 1;
    }
}

/* the first step of the tool, of that architecture; every input's has the same options */
static void hash_tool(struct hasher *h, const struct plan *p, enum tool tool, int major, int minor)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->tool == tool && s->major == major && s->minor == minor) {
            hash_step(h, s);
            return;
        }
    }
}

struct hash plan_flags_hash(const struct plan *p, int major, int minor)
{
    struct hasher *h = hasher_new();

    hash_tool(h, p, TOOL_CICC, major, minor);
    hash_tool(h, p, TOOL_PTXAS, major, minor);
    return hasher_end(h);
}

char *plan_flags_text(struct arena *a, const struct plan *p, int major, int minor)
{
    static const enum tool tools[] = {TOOL_CICC, TOOL_PTXAS};
    char *text = arena_dup(a, "");

    for (size_t k = 0; k < 2; k++) {
        const struct step *s = NULL;
        for (size_t i = 0; i < p->n && !s; i++)
            if (p->steps[i].tool == tools[k] && p->steps[i].major == major &&
                p->steps[i].minor == minor)
                s = &p->steps[i];
        for (size_t i = 1; s && s->argv[i];) {
            size_t skip = silent_words(s, i);
            if (!skip)
                text = arena_printf(a, "%s%s%s", text, *text ? " " : "", s->argv[i]);
            i += skip ? skip : 1;
        }
    }
    return text;
}
