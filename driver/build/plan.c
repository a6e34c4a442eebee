/* driver/build/plan.c
 *
 * `nvcc --dryrun` prints lines of three kinds: "#$ NAME=value" sets a variable for what follows,
 * "#$ command" is a step, and anything else is a message. Steps are told apart by the name of their
 * program, and those of the host compiler (whose name may be anything) by -E and -c. A line that
 * needs more of a shell than words and variables makes the plan odd, and an odd plan is refused:
 * plain nvcc then does the compile. */
#include "driver/build/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"
#include "runtime/base/terminal.h"

/* ---- steps ----------------------------------------------------------------------------------- */

static const char *after_word(const char *const *argv, const char *word)
{
    for (size_t i = 0; argv[i]; i++) {
        if (strcmp(argv[i], word) == 0)
            return argv[i + 1];
    }
    return NULL;
}

static const char *with_prefix(const char *const *argv, const char *prefix)
{
    for (size_t i = 0; argv[i]; i++) {
        if (strncmp(argv[i], prefix, strlen(prefix)) == 0)
            return argv[i] + strlen(prefix);
    }
    return NULL;
}

static bool has_word(const char *const *argv, const char *word)
{
    for (size_t i = 0; argv[i]; i++) {
        if (strcmp(argv[i], word) == 0)
            return true;
    }
    return false;
}

static enum tool tool_of(const char *const *argv)
{
    static const struct {
        const char *name;
        enum tool tool;
    } tools[] = {
        {"cicc", TOOL_CICC}, {"cudafe++", TOOL_CUDAFE},     {"ptxas", TOOL_PTXAS},
        {"rm", TOOL_REMOVE}, {"fatbinary", TOOL_FATBINARY}, {"nvlink", TOOL_NVLINK},
    };
    const char *base = fs_base(argv[0]);

    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (strcmp(base, tools[i].name) == 0)
            return tools[i].tool;
    }
    if (has_word(argv, "-E"))
        return with_prefix(argv, "-D__CUDA_ARCH__=") ? TOOL_CPP_DEVICE : TOOL_CPP_HOST;
    if (has_word(argv, "-c"))
        return TOOL_HOST_CC;
    return has_word(argv, "-o") ? TOOL_LINK : TOOL_OTHER;
}

/* "90a" */
static void set_arch(struct step *s, const char *text)
{
    char *end;
    long number = text ? strtol(text, &end, 10) : 0;

    if (number <= 0)
        return;
    s->major = (int)number / 10;
    s->minor = (int)number % 10;
    s->suffix = isalpha((unsigned char)*end) ? *end : 0;
}

static const char *behind(const char *text, const char *mark)
{
    const char *at = text ? strstr(text, mark) : NULL;

    return at ? at + strlen(mark) : NULL;
}

static void read_arch(struct step *s)
{
    const char *value;

    switch (s->tool) {
    case TOOL_CICC:
        set_arch(s, behind(after_word(s->argv, "-arch"), "compute_"));
        break;
    case TOOL_PTXAS:
        set_arch(s, behind(with_prefix(s->argv, "-arch="), "_"));
        break;
    case TOOL_CPP_DEVICE:
        value = with_prefix(s->argv, "-D__CUDA_ARCH__=");
        s->major = atoi(value) / 100;
        s->minor = atoi(value) / 10 % 10;
        if (with_prefix(s->argv, "-D__CUDA_ARCH_FAMILY_SPECIFIC__"))
            s->suffix = with_prefix(s->argv, "-D__CUDA_ARCH_SPECIFIC__") ? 'a' : 'f';
        break;
    default:
        break;
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* the argument that is an input of nvcc's, which may be one for the host compiler alone, or has the
 * suffix; the last one, as nvcc puts its own options first */
static const char *find_input(const struct step *s, const struct command *c, const char *suffix)
{
    const char *found = NULL;

    for (size_t i = 1; s->argv[i]; i++) {
        if (strcmp(s->argv[i - 1], "-o") == 0)
            continue;
        for (size_t k = 0; !suffix && k < c->nitems; k++) {
            if (c->items[k].is_input && strcmp(s->argv[i], c->items[k].word) == 0)
                found = s->argv[i];
        }
        if (suffix && s->argv[i][0] != '-' && ends_with(s->argv[i], suffix))
            found = s->argv[i];
    }
    return found;
}

static void step_read(struct step *s, const struct command *c)
{
    s->tool = tool_of(s->argv);
    s->output = after_word(s->argv, "-o");
    read_arch(s);
    switch (s->tool) {
    case TOOL_CPP_HOST:
    case TOOL_CPP_DEVICE:
        s->input = find_input(s, c, NULL);
        break;
    case TOOL_CICC:
    case TOOL_CUDAFE:
        s->input = find_input(s, c, ".ii");
        break;
    case TOOL_PTXAS:
        s->input = find_input(s, c, ".ptx");
        break;
    default:
        break;
    }
}

/* ---- the text -------------------------------------------------------------------------------- */

struct reader {
    struct arena *a;
    const struct command *c;
    struct plan *p;
    struct words env;
    struct buf messages;
    struct error *err;
};

static size_t name_length(const char *line)
{
    size_t n = 0;

    if (isdigit((unsigned char)line[0]))
        return 0;
    while (isalnum((unsigned char)line[n]) || line[n] == '_')
        n++;
    return line[n] == '=' ? n : 0;
}

static void set_variable(struct reader *r, const char *line, size_t n)
{
    /* nvcc shows what it read from there, with quotes around; the tools must see what the user
     * wrote */
    if (strncmp(line, "NVCC_PREPEND_FLAGS=", n + 1) == 0 ||
        strncmp(line, "NVCC_APPEND_FLAGS=", n + 1) == 0)
        return;
    words_setenv(r->a, &r->env, line);
}

/* With -split-compile nvcc collects the output of a step in two files of its own and shows it
 * afterwards; steps that run one after the other need none of that. */
static void cut_redirections(char *line)
{
    char *err = strstr(line, "_stderr"), *out;

    if (!err || err[7 + strspn(err + 7, " ")])
        return;
    while (err > line && strncmp(err, " 2>", 3) != 0)
        err--;
    for (out = err; out > line && strncmp(out, " > ", 3) != 0;)
        out--;
    if (out > line && err > line && !memchr(out, '"', (size_t)(err - out)))
        *out = 0;
}

/* -lib: the archiver's name is a question to the host compiler, which takes a shell, as nvcc has
 * one for every step */
static bool is_archiver(const char *line)
{
    return *line == '"' && line[1] == '`' && strstr(line, "print-prog-name=ar`\" ");
}

static void add_archiver(struct reader *r, const char *line)
{
    struct step *s = arena_push(r->a, r->p->steps, r->p->n);
    struct words argv = {0};

    words_add(r->a, &argv, "sh");
    words_add(r->a, &argv, "-c");
    words_add(r->a, &argv, arena_dup(r->a, line));
    s->argv = words_end(r->a, &argv);
    s->tool = TOOL_LINK;
}

static int add_step(struct reader *r, char *line)
{
    static const char depfile[] = "-- Filter Dependencies -- > ";
    struct words argv = {0};
    struct step *s;

    if (is_archiver(line)) {
        add_archiver(r, line);
        return 0;
    }

    if (strncmp(line, depfile, strlen(depfile)) == 0) {
        s = arena_push(r->a, r->p->steps, r->p->n);
        s->tool = TOOL_DEPFILE;
        s->output = arena_dup(r->a, line + strlen(depfile));
        words_add(r->a, &argv, s->output);
        s->argv = words_end(r->a, &argv);
        return 0;
    }
    cut_redirections(line);
    if (words_shell(r->a, line, &r->env, &argv, r->err) < 0)
        return -1;
    if (!argv.n)
        return 0;
    s = arena_push(r->a, r->p->steps, r->p->n);
    s->argv = words_end(r->a, &argv);
    step_read(s, r->c);
    if (s->tool == TOOL_OTHER)
        return error_set(r->err, "the plan has a step of '%s', which ksnvcc does not know",
                         s->argv[0]);
    return 0;
}

static int read_line(struct reader *r, char *line)
{
    size_t n;

    bool is_plan = strncmp(line, "#$ ", 3) == 0;

    if (*line && (!is_plan || r->c->verbose))
        buf_addf(&r->messages, "%s\n", line);
    if (!is_plan)
        return 0;
    line += 3;
    n = name_length(line);
    if (n) {
        set_variable(r, line, n);
        return 0;
    }
    return add_step(r, line);
}

/* every input is preprocessed and compiled, and the output is somebody's */
static int plan_check(const struct plan *p, const struct command *c, struct error *err)
{
    bool compiled = false, written = !c->output;

    for (size_t i = 0; i < c->ninputs; i++) {
        bool found = false;
        for (size_t k = 0; k < p->n; k++)
            found |= p->steps[k].input && strcmp(p->steps[k].input, c->inputs[i]) == 0 &&
                     p->steps[k].tool <= TOOL_CPP_DEVICE && p->steps[k].output;
        if (!found)
            return error_set(err, "nvcc's plan does not preprocess %s", c->inputs[i]);
    }
    for (size_t k = 0; k < p->n; k++) {
        compiled |= p->steps[k].tool == TOOL_CICC;
        for (size_t i = 0; c->output && p->steps[k].argv[i]; i++)
            written |= strstr(p->steps[k].argv[i], c->output) != NULL;
    }
    if (!compiled)
        return error_set(err, "nvcc's plan compiles no device code");
    return written ? 0 : error_set(err, "nvcc's plan does not write %s", c->output);
}

static int read_plan(struct reader *r, const char *text)
{
    char *all = arena_dup(r->a, text), *save = NULL;

    for (char **e = environ; *e; e++)
        words_add(r->a, &r->env, *e);
    if (terminal_columns())
        words_add(r->a, &r->env, arena_dup(r->a, terminal_columns()));
    for (char *line = strtok_r(all, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (read_line(r, line) < 0)
            return -1;
    }
    r->p->env = words_end(r->a, &r->env);
    r->p->messages = arena_dup(r->a, buf_text(&r->messages));
    return plan_check(r->p, r->c, r->err);
}

int plan_make(struct arena *a, const struct command *c, const char *keep_dir, struct plan *out,
              struct error *err)
{
    const char *const *argv = command_dryrun(a, c, keep_dir);
    struct proc_spec spec = {
        .argv = argv,
        .env = words_environ(a, arena_printf(a, "TMPDIR=%s", keep_dir)),
        .timeout_ms = 60000,
    };
    struct reader r = {.a = a, .c = c, .p = out, .err = err};
    struct proc_result result;
    char why[80];
    int rc = -1;

    *out = (struct plan){.keep_dir = arena_dup(a, keep_dir)};
    if (c->times)
        return error_set(err,
                         "only nvcc itself can write what --time and -fdevice-time-trace ask for");
    if (fs_mkdirs(keep_dir, err) < 0 || proc_run(&spec, &result, err) < 0)
        return -1;
    buf_init(&r.messages, BUF_LIMIT);
    out->refused = !proc_ok(&result);
    if (!out->refused)
        rc = read_plan(&r, buf_text(&result.err));
    else
        error_set(err, "'nvcc --dryrun' %s: %.300s", proc_describe(&result, why),
                  buf_text(&result.err));
    buf_release(&r.messages);
    proc_result_release(&result);
    return rc;
}

const char *const *step_module_given(struct arena *a, const struct step *s, const char **file)
{
    *file = s->tool == TOOL_CUDAFE ? after_word(s->argv, "--module_id_file_name") : NULL;
    return *file ? words_without(a, s->argv, "--gen_module_id_file") : NULL;
}

const struct step *plan_cpp(const struct plan *p, const char *source, int major, int minor)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->tool == (major ? TOOL_CPP_DEVICE : TOOL_CPP_HOST) && s->major == major &&
            s->minor == minor && s->input && strcmp(s->input, source) == 0)
            return s;
    }
    return NULL;
}
