/* driver/front.c - ksnvcc: is there an annotated input? Otherwise become the compiler at once.
 *
 * Every compile of a project goes through here, annotated or not, so this program is small and
 * static and does one thing: it tells its own words from nvcc's, finds the real compiler, looks
 * for the word ksearch in the inputs, and then turns into nvcc or into the engine. Where anything
 * of ours is missing or odd, it turns into nvcc: a build must not fail because of us.
 *
 *   ksnvcc [--ks-...] LAUNCHER... nvcc ARGS    a launcher in front of a named compiler
 *   ksnvcc [--ks-...] ARGS                     in nvcc's place: it is found as find.h says
 *   nvcc ARGS                                  a link of that name: every word is nvcc's
 *   ksnvcc COMMAND ...                         the engine's commands
 *
 * The engine gets `compile -- WORDS` (launchers, compiler, arguments) or `command WORDS`. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "driver/find.h"
#include "driver/look.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"

#define ENGINE "ksearch-engine"

enum { DEPTH_LIMIT = 4 };

static const char help_text[] =
    "usage: ksnvcc [LAUNCHER...] nvcc ARGS   compile: put ksnvcc in front of the compiler\n"
    "       ksnvcc ARGS                      the same; nvcc is found by KSEARCH_NVCC, CUDACXX,\n"
    "                                        CUDA_HOME, CUDA_PATH or PATH\n"
    "       ksnvcc COMMAND ...               see below; each has --help and --json\n"
    "\n"
    "Compiles .cu files that carry `#pragma ksearch` to the fastest proven variant of the\n"
    "annotated code for the GPU; everything else is what nvcc makes of it.\n"
    "\n"
    "commands:\n"
    "  explain FILE...   what the annotations of a source say; what was put into an object\n"
    "  search FILE...    search outside of a build, with a budget of its own\n"
    "  profile FILE...   why an entry is as fast as it is, and what limits it\n"
    "  bench FILE...     is the winner on file faster, here and now?\n"
    "  diff FILE...      what the winners on file change in a source\n"
    "  cache             what is on file: ls, show KEY, stats, gc, verify, export, import, clear;\n"
    "                    and shared: keygen, keys, push, pull\n"
    "  lock              a lockfile: show, check (does it fit the sources?), prune, merge\n"
    "  capture -- PROGRAM    its kernels' arguments and arrays, and annotations to paste\n"
    "  report [RUN]      what a search did, and how far it is\n"
    "  doctor            is everything here that is needed?\n"
    "  help [COMMAND]    this, or a command's own\n"
    "\n"
    "options, as the first words:\n"
    "  --ks-mode=MODE --ks-lock=FILE --ks-budget=TIME --ks-headers    as the variables below\n"
    "  --help            this text (nvcc's own: ksnvcc nvcc --help)\n"
    "  --version         of ksnvcc and of nvcc\n"
    "\n"
    "environment:\n"
    "  KSEARCH_MODE      search, cached, require or off (default: search with a GPU\n"
    "                    and without CI set, else cached)\n"
    "  KSEARCH_BUDGET    time for the search of an entry, 90s, 10min\n"
    "  KSEARCH_LOCK      the lockfile (default: ksearch.lock in the source's folder or a parent)\n"
    "  KSEARCH_CACHE_DIR where winners are kept (default: ~/.cache/ksearch)\n"
    "  KSEARCH_REPRODUCIBLE  1: the same bytes in any folder, on any day; 0: as nvcc leaves them;\n"
    "                    annotated: of annotated files only (the default with CI set)\n"
    "  KSEARCH_REMOTE    a remote cache of records, http://, https:// or file:///\n"
    "  KSEARCH_GPU       the GPU to build for, \"NVIDIA H200\"\n"
    "  KSEARCH_ARCH_SPECIFIC=0  winners do without instructions that sm_90a has and sm_90 has not\n"
    "  KSEARCH_NVCC      the compiler, where it is not named\n"
    "  KSEARCH_HEADERS=1 annotations in headers that are included by quotes count too\n"
    "  KSEARCH_QUIET=1   warnings only; KSEARCH_DEBUG=1 says more\n"
    "The README has all of them.\n";

/* words that are ours as the first one */
static const char *const commands[] = {
    "search", "explain", "cache", "lock",    "doctor",  "report",
    "bench",  "diff",    "help",  "capture", "profile", NULL,
};

struct option { /* --ks-NAME=VALUE and the variable that it sets */
    const char *name, *variable;
};

static const struct option options[] = {
    {"--ks-mode=", "KSEARCH_MODE"},
    {"--ks-lock=", "KSEARCH_LOCK"},
    {"--ks-budget=", "KSEARCH_BUDGET"},
    {"--ks-headers", "KSEARCH_HEADERS"},
};

static _Noreturn void die(int status, const char *format, const char *a, const char *b)
{
    struct buf line;

    buf_init(&line, BUF_LIMIT);
    buf_adds(&line, "ksnvcc: error: ");
    buf_addf(&line, format, a, b);
    fprintf(stderr, "%s\n", buf_text(&line));
    exit(status);
}

static bool word_in(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static bool ends_with(const char *word, const char *end)
{
    size_t n = strlen(word), m = strlen(end);

    return n >= m && strcmp(word + n - m, end) == 0;
}

/* ---- our own words ---- */

static bool mode_is_off(void)
{
    const char *mode = getenv("KSEARCH_MODE");

    return mode && strcmp(mode, "off") == 0;
}

/* off in the environment stays: it is how a user takes ksnvcc out of a configured build */
static void mode_set(const char *value)
{
    static const char *const modes[] = {"search", "cached", "require", "off", NULL};

    if (!word_in(value, modes))
        die(EXIT_USAGE, "unknown mode '%s'%s: it is search, cached, require or off", value, "");
    if (!mode_is_off())
        setenv("KSEARCH_MODE", value, 1);
}

/* takes the --ks-... words off the front; returns the first word that is none */
static char **options_take(char **words)
{
    for (; *words && strncmp(*words, "--ks-", 5) == 0; words++) {
        size_t i, n = sizeof options / sizeof *options;
        const char *value;

        for (i = 0; i < n && strncmp(*words, options[i].name, strlen(options[i].name)) != 0; i++)
            ;
        if (i == n)
            die(EXIT_USAGE,
                "unknown option '%s'%s: there are --ks-mode=MODE, --ks-lock=FILE, "
                "--ks-budget=TIME and --ks-headers",
                *words, "");
        value = *words + strlen(options[i].name);
        if (strchr(options[i].name, '=') == NULL)
            value = *value ? NULL : "1";
        if (!value)
            die(EXIT_USAGE, "'%s'%s takes no value", *words, "");
        if (i == 0)
            mode_set(value);
        else
            setenv(options[i].variable, value, 1);
    }
    return words;
}

/* ---- becoming another program ---- */

/* counts ourselves in the environment: a chain of wrappers that call each other ends here */
static void depth_count(const char *compiler)
{
    const char *value = getenv("KSEARCH_DEPTH");
    int depth = value ? atoi(value) : 0;
    char text[16];

    if (depth >= DEPTH_LIMIT)
        die(EXIT_RECURSION,
            "ksnvcc is called by its own compiler, again and again: %s leads back to ksnvcc. "
            "Set KSEARCH_NVCC to the toolkit's own nvcc%s",
            compiler, "");
    snprintf(text, sizeof text, "%d", depth + 1);
    setenv("KSEARCH_DEPTH", text, 1);
}

/* KSEARCH_REPRODUCIBLE=1: the engine compiles the files without annotations, too */
static bool wants_all(void)
{
    static const char *const others[] = {"", "0", "annotated", NULL};
    const char *asked = getenv("KSEARCH_REPRODUCIBLE");

    return asked && !word_in(asked, others);
}

/* becomes the shell for a program without "#!", as a shell's command would. glibc's execvp does
 * this by itself, musl's does not */
static void become_script(char **words)
{
    char *path = fs_which(words[0], NULL), **argv;
    size_t n = 0;

    while (words[n])
        n++;
    argv = path ? calloc(n + 2, sizeof *argv) : NULL;
    if (argv) {
        argv[0] = (char *)"/bin/sh";
        argv[1] = path;
        memcpy(argv + 2, words + 1, n * sizeof *argv);
        execv(argv[0], argv);
    }
    free(argv);
    free(path);
    errno = ENOEXEC;
}

static void become(char **words)
{
    execvp(words[0], words);
    if (errno == ENOEXEC)
        become_script(words);
    die(EXIT_NO_NVCC, "cannot run %s: %s", words[0], strerror(errno));
}

/* becomes the engine with a verb and the words behind it; returns, with errno, when it cannot */
static char *become_engine(const char *verb, const char *mark, char **words)
{
    const char *dir = getenv("KSEARCH_LIBEXEC");
    size_t n = 0, at = 0;
    char *path, **argv;

    if (!dir || !*dir)
        path = fs_beside_self("../libexec/ksearch/" ENGINE);
    else if (asprintf(&path, "%s/" ENGINE, dir) < 0)
        path = NULL;
    while (words[n])
        n++;
    argv = calloc(n + 4, sizeof *argv);
    if (!path || !argv)
        fatal("out of memory");
    argv[at++] = path;
    argv[at++] = (char *)verb;
    if (mark)
        argv[at++] = (char *)mark;
    memcpy(argv + at, words, n * sizeof *argv);
    execv(path, argv);
    free(argv);
    return path;
}

/* ---- the compiler ---- */

/* A path of this program: the one that the kernel started it by, for the usual. To follow /proc's,
 * the kernel has to make that folder first, and a compile has no other use for it. */
static const char *self(void)
{
    unsigned long name = getauxval(AT_EXECFN);

    return name && strncmp((const char *)name, "/dev/", 5) != 0 ? (const char *)name
                                                                : "/proc/self/exe";
}

static char *nvcc_or_die(void)
{
    struct buf tried;
    char *path;

    buf_init(&tried, BUF_LIMIT);
    path = find_nvcc(self(), &tried);
    if (!path)
        die(EXIT_NO_NVCC, "no nvcc found (%s)%s", buf_text(&tried), "");
    buf_release(&tried);
    return path;
}

/* is word an input of nvcc rather than a program, by its name? */
static bool is_input_name(const char *word)
{
    static const char *const ends[] = {".cu", ".c",   ".cc",    ".cxx",    ".cpp", ".ptx",
                                       ".i",  ".ii",  ".cubin", ".fatbin", ".o",   ".obj",
                                       ".a",  ".lib", ".res",   ".so",     ".gpu", ".ltoir"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(word, ends[i]))
            return true;
    return false;
}

/* A word that leads to ksnvcc is dropped where another program follows, else it becomes the real
 * nvcc. A word that is no program is left: running the one before it will tell. */
static size_t programs_clean(char **words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *path = fs_which(words[i], NULL);
        bool is_self = path && find_is_same(path, self());
        size_t behind = 1;

        if (i == 0 && !path)
            die(EXIT_NO_NVCC,
                "cannot find the compiler '%s'%s, nor is it a command (ksnvcc --help lists them)",
                words[i], strchr(words[i], '/') ? "" : " in PATH");
        free(path);
        if (is_self && i + 1 == n)
            words[i] = nvcc_or_die();
        if (!is_self || i + 1 == n)
            continue;
        while (words[i + behind])
            behind++;
        memmove(words + i, words + i + 1, behind * sizeof *words);
        n--;
        i--;
    }
    return n;
}

/* words: launchers and compiler (the first n), then arguments */
static int compile(char **words, size_t n)
{
    char *engine;

    depth_count(words[n - 1]);
    if (!mode_is_off() && (wants_all() || look_for_annotations(words + n))) {
        engine = become_engine("compile", "--", words);
        log_warn("cannot run %s: %s; compiling with plain nvcc", engine, strerror(errno));
    }
    become(words);
    return EXIT_NO_NVCC;
}

/* the words are nvcc's arguments alone: puts the compiler before them. There is always room for
 * one word before argv[1] */
static int compile_in_place(char **args)
{
    args[-1] = nvcc_or_die();
    return compile(args - 1, 1);
}

/* the programs at the head of words: up to the first option or input */
static size_t programs_count(char **words)
{
    size_t n = 0;

    while (words[n] && *words[n] != '-' && !is_input_name(words[n])) {
        n++;
        if (strncmp(fs_base(words[n - 1]), "nvcc", 4) == 0)
            break;
    }
    return n;
}

/* ---- forms of call ---- */

static int version(char **words)
{
    printf("ksnvcc " KS_VERSION "\n");
    fflush(stdout);
    words[0] = (char *)"--version";
    return compile_in_place(words);
}

static int command(char **words)
{
    char *engine = become_engine("command", NULL, words);

    die(EXIT_INTERNAL,
        "cannot run %s: %s. It comes with ksnvcc: reinstall, or name its folder by "
        "KSEARCH_LIBEXEC",
        engine, strerror(errno));
    return EXIT_INTERNAL;
}

/* `ksnvcc cache ...` is ours even if there is a program of that name, unless a compiler follows */
static bool is_command(char **words)
{
    return word_in(words[0], commands) && !(words[1] && strncmp(fs_base(words[1]), "nvcc", 4) == 0);
}

static int help(char **words)
{
    if (words[1])
        words[0] = (char *)"help";
    else if (fputs(help_text, stdout) != EOF && fflush(stdout) != EOF)
        return 0;
    return words[1] ? command(words) : EXIT_INTERNAL;
}

static int dispatch(char **words)
{
    static const char *const help_words[] = {"--help", "-h", "help", NULL};
    static const char *const version_words[] = {"--version", "-V", NULL};
    size_t n;

    if (!words[0]) {
        fputs(help_text, stderr);
        return EXIT_USAGE;
    }
    if (word_in(words[0], help_words))
        return help(words);
    if (word_in(words[0], version_words)) {
        if (!words[1] || strcmp(words[1], "--json") != 0)
            return version(words);
        words[0] = (char *)"version";
        return command(words);
    }
    if (is_command(words))
        return command(words);
    if (*words[0] == '-' || is_input_name(words[0]))
        return compile_in_place(words);
    n = programs_clean(words, programs_count(words));
    return compile(words, n);
}

int main(int argc, char **argv)
{
    if (argc < 1)
        return EXIT_USAGE;
    if (strcmp(fs_base(argv[0]), "nvcc") == 0)
        return compile_in_place(argv + 1);
    return dispatch(options_take(argv + 1));
}
