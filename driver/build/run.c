/* driver/build/run.c
 *
 * A plan's steps run one after the other, or side by side where the command has -t, and what they
 * say comes out at the end and in the plan's order, so a failing compile says and returns what
 * nvcc's own would; or says nothing, when its caller will have nvcc say it. nvcc leaves a failed
 * step's output to the tool that failed; so do we. Only when we ourselves stop (a refused check, a
 * signal) is an output of ours removed: it would be newer than its sources and wrong. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver/build/depfile.h"
#include "driver/build/fixed.h"
#include "driver/build/jobs.h"
#include "driver/build/messages.h"
#include "driver/build/order.h"
#include "driver/build/plan.h"
#include "driver/build/said.h"
#include "driver/build/splice.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"
#include "runtime/base/terminal.h"

struct work { /* a step of the plan, while it is run */
    bool started, ended;
    struct proc *proc;
    struct said said;
    int status; /* once it has ended: its exit status, or -1 */
};

struct run {
    struct arena *a;
    const struct plan *p;
    const struct command *c;
    const struct splice *splices;
    size_t nsplices;
    bool copies; /* the texts have copies in them: what is said of these is the user's original's */
    int (*check)(void *arg, const struct step *ptxas, struct error *err);
    void *arg;
    struct work *work; /* one a step */
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

static struct proc *start_tool(const struct run *r, const struct step *s)
{
    struct proc_spec spec = {.argv = s->argv, .env = r->p->env, .terminal = true};

    return fixed_before(r->p, s, &spec.dir, r->err) < 0 ? NULL : proc_start(&spec, r->err);
}

static int end_tool(const struct run *r, const struct step *s, struct proc_result *result,
                    struct said *said)
{
    int status = splice_status(result);

    if (r->copies && s->tool != TOOL_PTXAS) {
        messages_add(&said->out, buf_text(&result->out), result->out.len);
        messages_add(&said->err, buf_text(&result->err), result->err.len);
    } else {
        fixed_said(r->p, s, buf_text(&result->out), &said->out);
        fixed_said(r->p, s, buf_text(&result->err), &said->err);
    }
    if (WIFSIGNALED(result->status) && !proc_interrupted())
        buf_addf(&said->err, "nvcc error   : '%s' died due to signal %d\n", fs_base(s->argv[0]),
                 WTERMSIG(result->status));
    proc_result_release(result);
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

/* the text that the step reads in its source's place; NULL: none */
static const struct splice *step_splice(const struct run *r, const struct step *s)
{
    return s->tool <= TOOL_CPP_DEVICE ? splice_of(r, s->input) : NULL;
}

/* starts a step; one that is ours to do has ended then */
static void start_step(const struct run *r, size_t at)
{
    const struct step *s = &r->p->steps[at];
    const struct splice *splice = step_splice(r, s);
    struct work *w = &r->work[at];

    w->started = true;
    if (s->tool == TOOL_DEPFILE) {
        w->status = run_depfile(r, at);
    } else if (s->tool == TOOL_REMOVE) {
        for (size_t i = 1; s->argv[i]; i++)
            unlink(s->argv[i]);
    } else {
        w->proc = splice ? splice_start(r->a, r->p, s, splice->text, false, s->output, true, r->err)
                         : start_tool(r, s);
        w->status = w->proc ? 0 : -1;
    }
    w->ended = !w->proc;
}

/* takes what a step that runs has said; true once it has ended */
static bool poll_step(const struct run *r, size_t at)
{
    const struct step *s = &r->p->steps[at];
    struct work *w = &r->work[at];
    struct proc_result result;

    if (!proc_poll(w->proc, &result))
        return false;
    w->proc = NULL;
    w->ended = true;
    w->status = step_splice(r, s) ? splice_end(r->a, r->p, s, s->output, &result, &w->said, r->err)
                                  : end_tool(r, s, &result, &w->said);
    if (s->tool == TOOL_PTXAS && w->status == 0 && r->check && s->output &&
        r->check(r->arg, s, r->err) != 0)
        w->status = error_set(r->err, "the machine code of %s was refused", s->output);
    return true;
}

static bool is_ready(const struct run *r, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!r->work[i].ended && order_waits(&r->p->steps[i], &r->p->steps[at]))
            return false;
    return true;
}

/* how many steps may run at once */
static size_t steps_most(const struct run *r)
{
    return r->c->threads > 1 ? (size_t)r->c->threads : 1;
}

/* with --jobserver a step more needs a token of make's, which is given back when it has ended */
static bool may_start(const struct run *r, size_t running)
{
    return running < steps_most(r) && (!r->c->jobserver || jobs_take());
}

static void wait_steps(const struct run *r)
{
    struct proc **procs = arena_array(r->a, struct proc *, r->p->n);
    size_t n = 0;

    for (size_t i = 0; i < r->p->n; i++)
        if (r->work[i].proc)
            procs[n++] = r->work[i].proc;
    if (n)
        proc_wait_any(procs, n, n < steps_most(r) && r->c->jobserver ? 20 : 60 * 1000);
}

static void step_ended(const struct run *r, size_t at, size_t *failed)
{
    if (r->c->jobserver)
        jobs_give();
    if (r->work[at].status && at < *failed)
        *failed = at;
}

/* ends what has ended; returns how many still run */
static size_t end_steps(const struct run *r, size_t *failed)
{
    size_t running = 0;

    for (size_t i = 0; i < r->p->n; i++) {
        struct work *w = &r->work[i];
        if (!w->proc)
            continue;
        if (i > *failed) {
            proc_kill(w->proc);
            w->proc = NULL;
            w->ended = true;
        } else if (!poll_step(r, i)) {
            running++;
            continue;
        }
        step_ended(r, i, failed);
    }
    return running;
}

/* starts what may start; returns how many run then */
static size_t start_steps(const struct run *r, size_t running, size_t *failed)
{
    for (size_t i = 0; i < *failed && !proc_interrupted(); i++) {
        if (r->work[i].started || !is_ready(r, i))
            continue;
        if (!may_start(r, running))
            break;
        start_step(r, i);
        if (r->work[i].ended)
            step_ended(r, i, failed);
        else
            running++;
    }
    return running;
}

static bool are_done(const struct run *r, size_t failed)
{
    for (size_t i = 0; i < failed && !proc_interrupted(); i++)
        if (!r->work[i].ended)
            return false;
    return true;
}

/* Runs the steps. The first that failed, in the plan's order, is *failed: nothing behind it counts.
 * Returns its status; 0 when none did */
static int run_steps(const struct run *r, size_t *failed)
{
    size_t running = 0;

    *failed = r->p->n;
    do {
        running = start_steps(r, end_steps(r, failed), failed);
        if (running)
            wait_steps(r);
    } while (running || !are_done(r, *failed));
    return *failed < r->p->n ? r->work[*failed].status : 0;
}

/* the step wrote a file that outlives the compile */
static bool is_result(const struct plan *p, const struct step *s)
{
    return s->output && s->tool != TOOL_DEPFILE && !fs_is_below(s->output, p->keep_dir);
}

/* a device or a pipe that was named as the output is nobody's to remove */
static void remove_result(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

/* what the steps said up to and with the one that failed, in order */
static void join_said(const struct run *r, size_t failed, struct said *out)
{
    for (size_t i = 0; i < r->p->n; i++) {
        struct said *said = &r->work[i].said;
        if (i <= failed) {
            buf_add(&out->out, buf_text(&said->out), said->out.len);
            buf_add(&out->err, buf_text(&said->err), said->err.len);
        }
        buf_release(&said->out);
        buf_release(&said->err);
    }
}

int plan_run(struct plan *p, const struct command *c, const struct splice *splices, size_t n,
             int (*check)(void *arg, const struct step *ptxas, struct error *err), void *arg,
             bool quiet_failure, struct error *err)
{
    struct said said;
    struct run r = {arena_new(), p, c, splices, n, false, check, arg, NULL, err};
    size_t failed;
    int status;

    for (size_t i = 0; i < n; i++)
        r.copies |= strstr(splices[i].text, "__ks_") != NULL;
    r.work = arena_array(r.a, struct work, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        buf_init(&r.work[i].said.out, BUF_LIMIT);
        buf_init(&r.work[i].said.err, BUF_LIMIT);
    }

    buf_init(&said.out, BUF_LIMIT);
    buf_init(&said.err, BUF_LIMIT);
    buf_adds(&said.err, p->messages);
    status = run_steps(&r, &failed);
    if (status == 0 && proc_interrupted())
        status = 128 + proc_interrupted();
    if (status == -1 || proc_interrupted()) {
        for (size_t k = 0; k < p->n; k++) {
            if (r.work[k].started && is_result(p, &p->steps[k]))
                remove_result(p->steps[k].output);
        }
    }
    join_said(&r, failed, &said);
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
        struct buf plain;
        buf_init(&plain, BUF_LIMIT);
        terminal_plain(buf_text(&said.err), said.err.len, &plain);
        const char *why = said_error(r.a, buf_text(&plain));
        error_set(err, "%s", why ? why : "a tool failed without an error message");
        buf_release(&plain);
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
        said_failure(err, "the preprocessor failed", buf_text(&result.err));
    proc_result_release(&result);
    return status;
}

/* a name of this process's own: a compiler that outlived one of ours that was killed may still be
 * writing to the name that that one had */
static const char *pass_file(struct arena *a, const struct plan *p, size_t number)
{
    return arena_printf(a, "%s/ks-pass.%d.%zu.ii", p->keep_dir, (int)getpid(), number);
}

/* a preprocessor step's output, with `text` (may be NULL) in the source's place or `option` (may be
 * NULL) on its command line */
static int preprocess(const struct plan *p, const struct step *s, const char *text,
                      const char *option, struct buf *out, struct error *err)
{
    struct arena *a = arena_new();
    const char *file = pass_file(a, p, 0);
    int rc = text ? splice_run(a, p, s, text, file, err) : run_plain(a, p, s, option, file, err);

    if (rc == 0)
        rc = read_back(file, out, err);
    arena_free(a);
    return rc == 0 ? 0 : -1;
}

int plan_preprocess(const struct plan *p, const char *source, int major, int minor,
                    const char *text, struct buf *out, struct error *err)
{
    const struct step *s = plan_cpp(p, source, major, minor);

    return s ? preprocess(p, s, text, NULL, out, err)
             : error_set(err, "nvcc's plan has no such pass over %s", source);
}

struct pass { /* a step that runs */
    const char *file;
    struct proc *proc;
};

static int pass_begin(struct arena *a, const struct plan *p, const struct step *s, size_t number,
                      const char *text, struct pass *x, struct error *err)
{
    x->file = pass_file(a, p, number);
    x->proc = splice_start(a, p, s, text, true, x->file, false, err);
    if (x->proc)
        return 0;
    jobs_give();
    return -1;
}

static int pass_end(struct arena *a, const struct plan *p, const struct step *s, struct pass *x,
                    struct buf *out, struct error *err)
{
    struct proc_result result;

    proc_await(x->proc, &result);
    jobs_give();
    return splice_end(a, p, s, x->file, &result, NULL, err) ? -1 : read_back(x->file, out, err);
}

int plan_settled(const struct plan *p, const struct step *const *steps, size_t n, const char *text,
                 struct buf *out, struct error *err)
{
    struct arena *a = arena_new();
    struct pass *pass = arena_array(a, struct pass, n + 1);
    size_t begun = 0, ended = 0;
    int rc = 0;

    while (rc == 0 && ended < n) {
        if (begun == ended)
            jobs_wait();
        else if (begun == n || !jobs_take()) {
            rc = pass_end(a, p, steps[ended], &pass[ended], &out[ended], err);
            ended++;
            continue;
        }
        rc = pass_begin(a, p, steps[begun], begun, text, &pass[begun], err);
        begun += rc == 0;
    }
    for (; ended < begun; ended++) {
        proc_kill(pass[ended].proc);
        jobs_give();
    }
    arena_free(a);
    return rc;
}

int plan_defines(const struct plan *p, const char *source, struct buf *out, struct error *err)
{
    const struct step *s = plan_cpp(p, source, 0, 0);

    for (size_t i = 0; i < p->n && !s; i++)
        if (p->steps[i].tool == TOOL_CPP_DEVICE)
            s = plan_cpp(p, source, p->steps[i].major, p->steps[i].minor);
    return s ? preprocess(p, s, NULL, "-dD", out, err)
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
