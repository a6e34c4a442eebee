/* driver/build/reads.c
 *
 * Headers come from the line markers of all passes, host and architectures, as in nvcc's -MD; so a
 * header that only one architecture's pass enters counts. Beside them count
 *
 *   - names of headers that are not there, but would be taken: __has_include asks for them, and a
 *     folder that is searched earlier may get one. The folders are the preprocessor's own (-v);
 *   - nvcc, its profile, and every program that its plan runs, with the ones behind the host
 *     compiler; and that no earlier folder of PATH has one of that name;
 *   - what cudafe++ puts into its output for the host compiler to include. */
#include "driver/build/reads.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "driver/build/depfile.h"
#include "driver/build/option.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

/* ---- commands -------------------------------------------------------------------------------- */

/* options of the host compiler that read or write files beside those that are known, or make gcc
 * a wrapper of something else; beginnings of words */
static const char *const host_refused[] = {
    "@",
    "-M",
    "-Wp,",
    "-Wa,",
    "-B",
    "-specs",
    "--specs",
    "-wrapper",
    "-save-temps",
    "--save-temps",
    "-imacros",
    "-fprofile",
    "-fauto-profile",
    "-fbranch-prob",
    "-fcoverage",
    "-ftest-cov",
    "--coverage",
    "-coverage",
    "-fplugin",
    "-fdump",
    "-d",
    "-fstack-usage",
    "-fcallgraph",
    "-fopt-info",
    "-fsave-opt",
    "-fmodule",
    "-fpch",
    "-fdiagnostics-format",
    "-fsanitize-",
    "-fcrash",
    "-ftime",
    "-fembed",
    "-gsplit",
    "-gdwarf-split",
    "-aux-info",
    "-o",
    "-S",
    "-E",
    "-Xpreprocessor",
    "-Xassembler",
    "-Xclang",
    "--sysroot",
    "-isysroot",
    "--config",
    "-include-pch",
    "-working-directory",
    "-ivfsoverlay",
    "-fthinlto",
};

static bool is_refused(const char *word)
{
    for (size_t i = 0; i < sizeof host_refused / sizeof *host_refused; i++)
        if (strncmp(word, host_refused[i], strlen(host_refused[i])) == 0)
            return true;
    return false;
}

/* a word for the host compiler; a value of an option is a word too, and may be a path */
static int check_host_word(const char *word, struct error *err)
{
    return is_refused(word) ? error_set(err, "%s may read or write other files", word) : 0;
}

static int check_host_list(struct arena *a, const char *list, struct error *err)
{
    struct words words = {0};

    words_list(a, list, &words);
    for (size_t i = 0; i < words.n; i++)
        if (check_host_word(words.word[i], err) < 0)
            return -1;
    return 0;
}

static bool option_named(const struct command_item *item, const char *name)
{
    return item->option && strcmp(item->option->name, name) == 0;
}

static int check_item(struct arena *a, const struct command_item *item, struct error *err)
{
    static const char *const tools[] = {"ptxas-options", "cicc-options", "cudafe-options",
                                        "fatbin-options", "nvlink-options"};

    if (strstr(item->word, "__DATE__") || strstr(item->word, "__TIME") ||
        (item->value && (strstr(item->value, "__DATE__") || strstr(item->value, "__TIME"))))
        return error_set(err, "the command line mentions the day or time");
    if (!item->option)
        return item->is_input ? 0 : check_host_word(item->word, err);
    if (option_named(item, "compiler-options"))
        return check_host_list(a, item->value, err);
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (option_named(item, tools[i]) &&
            (strchr(item->value, '/') || strstr(item->value, "-o") || strstr(item->value, "file")))
            return error_set(err, "%s %s may read or write other files", item->word, item->value);
    if (option_named(item, "qpp-config") || option_named(item, "sanitize") ||
        option_named(item, "archiver-binary"))
        return error_set(err, "%s may read other files", item->word);
    return 0;
}

int reads_possible(const struct command *c, struct error *err)
{
    struct arena *a = arena_new();
    size_t inputs = 0;
    int rc = 0;

    if (c->phase == PHASE_LINK || c->phase == PHASE_OTHER)
        rc = error_set(err, "it links");
    else if (c->keeps || c->times)
        rc = error_set(err, "it writes other files");
    else if (c->launcher[0])
        rc = error_set(err, "%s stands before the compiler", c->launcher[0]);
    else if (getenv("DEPENDENCIES_OUTPUT") || getenv("SUNPRO_DEPENDENCIES"))
        rc = error_set(err, "DEPENDENCIES_OUTPUT or SUNPRO_DEPENDENCIES is set");
    for (size_t i = 0; rc == 0 && i < c->nitems; i++) {
        rc = check_item(a, &c->items[i], err);
        inputs += c->items[i].is_input;
    }
    if (rc == 0 && inputs != 1)
        rc = error_set(err, "it has several inputs");
    arena_free(a);
    return rc;
}

/* ---- in the texts ---------------------------------------------------------------------------- */

static bool holds(const char *text, size_t n, const char *word)
{
    return memmem(text, n, word, strlen(word)) != NULL;
}

/* the text behind a line's "#define" and its blanks, or NULL */
static const char *behind_define(const char *line, const char *end)
{
    while (line < end && isspace((unsigned char)*line))
        line++;
    if (line >= end || *line++ != '#')
        return NULL;
    while (line < end && isspace((unsigned char)*line))
        line++;
    if (end - line < 7 || memcmp(line, "define", 6) != 0)
        return NULL;
    for (line += 6; line < end && isspace((unsigned char)*line);)
        line++;
    return line;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* `at` is at "has_include" in any case, in a word that may be a macro around it. Takes the name it
 * asks for; with one that cannot be told, any may matter. The definition of such a macro asks
 * nothing */
static void take_probe(struct manifest *m, const char *text, const char *at, const char *end)
{
    const char *line = at, *p = at, *macro;

    while (line > text && line[-1] != '\n')
        line--;
    while (p < end && in_word(*p))
        p++;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    if (p == end || *p++ != '(')
        return;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    if (p < end && (*p == '<' || *p == '"')) {
        char close = *p == '<' ? '>' : '"';
        const char *to = memchr(p + 1, close, (size_t)(end - p) - 1);
        if (to && !memchr(p, '\n', (size_t)(to - p)))
            manifest_name(m, arena_copy(m->arena, p + 1, (size_t)(to - p) - 1));
        return;
    }
    macro = behind_define(line, end);
    for (; macro && macro <= at && in_word(*macro); macro++)
        if (strncasecmp(macro, "has_include", 11) == 0)
            return;
    m->every_name = true;
}

static void take_probes(struct manifest *m, const char *text, size_t n)
{
    const char *end = text + n;

    for (const char *at = text; (size_t)(end - at) >= 11; at++) {
        at = memchr(at, '_', (size_t)(end - at)); /* of has_include */
        if (!at)
            return;
        if (at - text >= 3 && end - at >= 8 && strncasecmp(at, "_include", 8) == 0 &&
            strncasecmp(at - 3, "has", 3) == 0)
            take_probe(m, text, at - 3, end);
    }
}

static int add_source(struct manifest *m, const char *path, struct error *err)
{
    bool epoch = getenv("SOURCE_DATE_EPOCH") != NULL;
    struct buf text;
    int rc;

    buf_init(&text, BUF_LIMIT);
    rc = manifest_file(m, path, &text, err);
    if (rc == 0 && !m->files[m->nfiles - 1].there)
        rc = error_set(err, "%s was read, and is not there", path);
    if (rc == 0 && text.len) {
        if (holds(text.data, text.len, "__TIMESTAMP__") ||
            (!epoch &&
             (holds(text.data, text.len, "__DATE__") || holds(text.data, text.len, "__TIME__"))))
            rc = error_set(err, "%s mentions the day or time", path);
        take_probes(m, text.data, text.len);
    }
    buf_release(&text);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* all files that the passes enter, each once */
static int add_sources(struct manifest *m, const char *const *sources,
                       const struct reads_text *passes, size_t n, struct error *err)
{
    struct words all = {0};

    for (; *sources; sources++)
        if (add_source(m, *sources, err) < 0)
            return -1;
    for (size_t i = 0; i < n; i++) {
        const char *const *names = depfile_names(m->arena, passes[i].text, passes[i].len);
        if (holds(passes[i].text, passes[i].len, ".incbin") ||
            holds(passes[i].text, passes[i].len, "pch_preprocess"))
            return error_set(err, "it includes what the preprocessor does not name");
        for (; *names; names++)
            words_add(m->arena, &all, *names);
    }
    if (all.n)
        qsort(all.word, all.n, sizeof *all.word, compare_names);
    for (size_t i = 0; i < all.n; i++)
        if ((i == 0 || strcmp(all.word[i - 1], all.word[i]) != 0) &&
            add_source(m, all.word[i], err) < 0)
            return -1;
    return 0;
}

/* ---- programs -------------------------------------------------------------------------------- */

static const char *variable(const struct plan *p, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; p->env[i]; i++)
        if (strncmp(p->env[i], name, n) == 0 && p->env[i][n] == '=')
            return p->env[i] + n + 1;
    return "";
}

/* a program as a search through `path` finds it; those places before must stay without */
static int add_program(struct manifest *m, const char *path, const char *name, struct error *err)
{
    const char *at = path, *end;

    if (strchr(name, '/'))
        return manifest_program(m, name, err);
    for (; *at; at = *end ? end + 1 : end) {
        const char *candidate;
        end = strchrnul(at, ':');
        candidate = arena_printf(m->arena, "%.*s/%s", end > at ? (int)(end - at) : 1,
                                 end > at ? at : ".", name);
        if (manifest_program(m, candidate, err) < 0)
            return -1;
        if (fs_is_program(candidate))
            return 0;
    }
    return error_set(err, "%s is not found", name);
}

static bool is_known(const struct words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->word[i], word) == 0)
            return true;
    return false;
}

static int add_programs(struct manifest *m, const struct command *c, const struct plan *p,
                        struct error *err)
{
    const char *ours = getenv("PATH"), *path = variable(p, "PATH"), *here = variable(p, "_HERE_");
    const char *device = variable(p, "NVVMIR_LIBRARY_DIR");
    struct words known = {0};

    if (!*here || !*device)
        return error_set(err, "the plan does not say where the toolkit is");
    if (add_program(m, ours ? ours : "", c->nvcc, err) < 0 ||
        manifest_program(m, arena_printf(m->arena, "%s/nvcc", here), err) < 0 ||
        manifest_program(m, arena_printf(m->arena, "%s/nvcc.profile", here), err) < 0 ||
        manifest_program(m, arena_printf(m->arena, "%s/libdevice.10.bc", device), err) < 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->tool == TOOL_DEPFILE || s->tool == TOOL_REMOVE || is_known(&known, s->argv[0]))
            continue;
        words_add(m->arena, &known, s->argv[0]);
        if (add_program(m, path, s->argv[0], err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the preprocessor, asked where it looks ---------------------------------------------------
 */

struct places {
    struct words folders; /* that are searched, or would be were they there */
    const char *compiler; /* cc1plus; NULL where the driver is the compiler */
    const char *programs; /* COMPILER_PATH */
};

static void take_line(struct arena *a, const char *line, bool *listing, struct places *places)
{
    static const char missing[] = "ignoring nonexistent directory \"";

    if (strstr(line, "search starts here:"))
        *listing = true;
    else if (strncmp(line, "End of search list", 18) == 0)
        *listing = false;
    else if (strncmp(line, missing, sizeof missing - 1) == 0)
        words_add(
            a, &places->folders,
            arena_copy(a, line + sizeof missing - 1, strcspn(line + sizeof missing - 1, "\"")));
    else if (strncmp(line, "COMPILER_PATH=", 14) == 0)
        places->programs = line + 14;
    else if (*listing && *line == ' ')
        words_add(a, &places->folders, line + 1);
    else if (*line == ' ') {
        const char *word = arena_copy(a, line + 1, strcspn(line + 1, " "));
        if (strcmp(fs_base(word), "cc1plus") == 0 || strcmp(fs_base(word), "cc1") == 0)
            places->compiler = word;
    }
}

/* the step's command over nothing, with -v */
static const char *const *asking(struct arena *a, const struct step *s)
{
    struct words w = {0};

    for (size_t i = 0; s->argv[i]; i++) {
        const char *word = s->argv[i];
        bool last = !s->argv[i + 1];
        if (!last && strcmp(word, "-include") == 0) {
            i++;
        } else if (!last && strcmp(word, "-o") == 0) {
            words_add(a, &w, word);
            words_add(a, &w, "/dev/null");
            i++;
        } else {
            words_add(a, &w, s->input && strcmp(word, s->input) == 0 ? "/dev/null" : word);
        }
    }
    words_add(a, &w, "-v");
    return words_end(a, &w);
}

static int ask(struct arena *a, const struct plan *p, struct places *places, struct error *err)
{
    struct proc_result result;
    struct words env = {0};
    bool listing = false;
    char *text, *line;
    size_t at = 0;
    int rc = 0;

    while (at < p->n && p->steps[at].tool > TOOL_CPP_DEVICE)
        at++;
    if (at == p->n)
        return error_set(err, "the plan has no preprocessor");
    for (size_t i = 0; p->env[i]; i++)
        words_add(a, &env, p->env[i]);
    words_setenv(a, &env, "LC_ALL=C");
    if (proc_run(&(struct proc_spec){.argv = asking(a, &p->steps[at]), .env = words_end(a, &env)},
                 &result, err) < 0)
        return -1;
    text = arena_dup(a, buf_text(&result.err));
    while ((line = strsep(&text, "\n")))
        take_line(a, line, &listing, places);
    if (!proc_ok(&result) || !places->folders.n)
        rc = error_set(err, "the preprocessor does not say where it looks for headers");
    proc_result_release(&result);
    return rc;
}

/* what the host compiler includes when it compiles what cudafe++ wrote */
static int add_runtime(struct manifest *m, const struct places *places, struct error *err)
{
    static const char *const headers[] = {"crt/host_runtime.h", "crt/storage_class.h",
                                          "fatbinary_section.h"};

    for (size_t i = 0; i < places->folders.n; i++) {
        for (size_t k = 0; k < sizeof headers / sizeof *headers; k++) {
            const char *path = arena_printf(m->arena, "%s/%s", places->folders.word[i], headers[k]);
            if (fs_exists(path) && manifest_file(m, path, NULL, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* gcc reads a file of that name beside cc1plus; there is none, as a rule */
static int add_specs(struct manifest *m, const char *compiler, struct error *err)
{
    const char *base = fs_base(compiler);

    return manifest_program(
        m, arena_printf(m->arena, "%.*sspecs", (int)(base - compiler), compiler), err);
}

/* what runs, and what the programs read by themselves */
static int add_tools(struct manifest *m, const struct command *c, const struct plan *p,
                     struct places *places, struct error *err)
{
    *places = (struct places){.programs = ""};
    if (ask(m->arena, p, places, err) < 0 || add_programs(m, c, p, err) < 0 ||
        add_runtime(m, places, err) < 0)
        return -1;
    if (!places->compiler)
        return 0;
    return manifest_program(m, places->compiler, err) < 0 ||
                   add_specs(m, places->compiler, err) < 0 ||
                   add_program(
                       m, arena_printf(m->arena, "%s:%s", places->programs, variable(p, "PATH")),
                       "as", err) < 0
               ? -1
               : 0;
}

int reads_tools(struct manifest *m, const struct command *c, const struct plan *p,
                struct error *err)
{
    struct places places;

    return add_tools(m, c, p, &places, err);
}

int reads_add(struct manifest *m, const struct command *c, const struct plan *p,
              const char *const *sources, const struct reads_text *passes, size_t npasses,
              struct error *err)
{
    struct places places;

    for (size_t i = 0; i < c->nitems; i++) {
        const struct command_item *item = &c->items[i];
        const char *value = item->value ? item->value : "";
        m->exact_times |= option_named(item, "generate-line-info") ||
                          option_named(item, "device-debug") || option_named(item, "source-in-ptx");
        m->exact_times |= item->option && item->option->class == OPTION_DEVICE &&
                          (strstr(value, "line") || strstr(value, "-g"));
    }
    if (add_sources(m, sources, passes, npasses, err) < 0 || add_tools(m, c, p, &places, err) < 0)
        return -1;
    return manifest_folders(m, words_end(m->arena, &places.folders), err);
}
