/* driver/commands.c
 *
 * A table of the commands with their help, and what they have in common: options may stand
 * anywhere, an option that is not known is refused with the nearest one there is. */
#include "driver/commands.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/find.h"
#include "driver/lang/diag.h"
#include "runtime/base/status.h"

#define SELF "/proc/self/exe"

struct command {
    const char *name, *usage, *summary, *more;
    int (*run)(const struct command_call *call);
};

static int command_help(const struct command_call *call);
static int command_version(const struct command_call *call);

static const struct command commands[] = {
    {"explain", "explain [--json] FILE... [-- FLAGS] | -- nvcc ARGS | --language",
     "what the annotations of a source say; what was put into an object",
     "A source: its entries, their arguments and sizes, the space, and whether a winner is on\n"
     "file, for a compile with FLAGS.\n"
     "An object, a static library or a program: the winners in it, with speed-up, GPU and key.\n"
     "--language: the words of the annotation language, as tables.\n",
     command_explain},
    {"search",
     "search [--json] [OPTIONS] FILE.cu... [-- FLAGS] | -p compile_commands.json [FILE.cu...]",
     "search outside of a build, with a budget of its own",
     "What is on file is not searched again. A search that was cut off goes on where it was.\n"
     "Ctrl-C ends a search with the best that can be proven so far; a second one at once.\n"
     "\n"
     "--budget TIME     of each entry: 90s, 10min, 2h\n"
     "--evals N         variants at most\n"
     "--exhaustive      every point of the tunables that are declared, and nothing else; as long "
     "as\n"
     "                  that takes, unless there is a --budget\n"
     "--tuner T         which points are next: surrogate (a model of the space, the default), ga "
     "(a\n"
     "                  genetic algorithm), random\n"
     "--t4 FILE         what was measured, in the format T4 of auto-tuning results; FILE.jsonl: a\n"
     "                  line a trial\n"
     "--model M         who writes structures: openai:NAME, anthropic:NAME, exec:COMMAND,\n"
     "                  mailbox:DIR, replay:FILE; several with commas take turns.\n"
     "                  As KSEARCH_MODEL\n"
     "--planner M       who edits the tree of ideas; the same models otherwise\n"
     "--tokens N        that models may use; --money X: that they may cost\n"
     "--step            with a mailbox: end, with status 106, when all that is left to do waits\n"
     "                  for replies; the same command goes on when they are written\n"
     "--finish          the same, but then what there is is judged, and the search is over\n"
     "--resume          go on with what was cut off, even where a result is on file since\n"
     "--run NAME        go on with that run (ksnvcc report lists them)\n"
     "--again           search although a result is on file\n"
     "--seed N          of everything that is drawn\n",
     command_search},
    {"diff", "diff [--json] FILE... [-- FLAGS] | -- nvcc ARGS",
     "what the winners on file change in a source",
     "As a patch, for a compile with FLAGS: constants that have another value, and as new files\n"
     "the structures that stand for an entry, with the winner's values in them. The source stays\n"
     "as it is.\n",
     command_diff},
    {"cache",
     "cache [--json] ls | show KEY | stats | gc [SIZE] | verify | export FILE|- [KEY...] |\n"
     "       import FILE | clear [objects] | keygen [NAME] | keys | push [KEY] | pull ...",
     "what is on file, and what is shared",
     "ls         every record: key, entry, GPU, speed-up\n"
     "show KEY   all of the records whose key begins so\n"
     "stats      how many there are, and how often builds used them\n"
     "gc         removes what is damaged and, least recently used first, what is more than SIZE\n"
     "           (KSEARCH_CACHE_SIZE, else 5G); builds do the second themselves. A database that\n"
     "           cannot be read is put aside, and what can be read of it kept\n"
     "verify     reads everything; the exit status is 1 when something is damaged\n"
     "export     writes records (all, or those whose keys begin so) to a file, - is the standard\n"
     "           output; it can be imported elsewhere, and committed as a ksearch.lock\n"
     "import     takes the records of an export or a lockfile, where none that is newer is here\n"
     "clear      removes all records and objects, or the objects alone; journals of searches stay\n"
     "The folder is KSEARCH_CACHE_DIR, else ksearch in XDG_CACHE_HOME, else ~/.cache/ksearch.\n"
     "\n"
     "With the remote cache that KSEARCH_REMOTE names:\n"
     "\n"
     "keygen [NAME]  makes the key that signs what is put there, and prints its public half\n"
     "keys           the key that signs, and those that are trusted\n"
     "push [KEY]     puts there what was measured here (all of it, or keys that begin so), unless\n"
     "               KSEARCH_REMOTE_MODE is read-only\n"
     "pull FILE... [-- FLAGS] | -p compile_commands.json [FILE...] | KEY...\n"
     "               gets what these compiles will look up, or what lies under whole keys\n",
     command_cache},
    {"lock",
     "lock [--json] show [LOCK] | check [LOCK] [COMPILES] | prune [LOCK] [COMPILES] | merge ...",
     "what a lockfile holds; does it fit the sources; one of two",
     "LOCK is KSEARCH_LOCK, else the ksearch.lock of this folder or a parent.\n"
     "\n"
     "show      its records\n"
     "check     does a build find a record for every annotated entry? Each is ok, stale (with "
     "what\n"
     "          changed since its search), missing, orphan (no source has it any more) or skipped\n"
     "          (with the reason). Needs nvcc, but no GPU. The exit status is 0 when all is well, "
     "1\n"
     "          when something is stale, missing or orphan, 2 when a compile cannot be read\n"
     "prune     takes the orphans out\n"
     "\n"
     "COMPILES says how the sources are compiled:\n"
     "-p FILE               a compile_commands.json, or a folder with one (default: here, in\n"
     "                      build, and beside LOCK); FILE.cu... behind it: only these\n"
     "FILE.cu... -- FLAGS   these files with these flags\n"
     "-- nvcc ARGS          this compile\n"
     "\n"
     "merge A B [-o OUT] [--base BASE]\n"
     "          the records of both, to OUT or standard output. Of two for the same entry and GPU\n"
     "          with the same key the one with the better proven speed-up is kept (a win before "
     "no\n"
     "          gain, then the higher lower end of the interval, then the newer), of two with\n"
     "          different keys the newer. With BASE, what only one side changed is as that side\n"
     "          has it, also where it removed a record\n"
     "merge LOCK\n"
     "          one with git's conflict markers, in place: both sides merged so\n"
     "As git's merge driver:\n"
     "  git config merge.ksearch.driver 'ksnvcc lock merge --base %O %A %B -o %A'\n"
     "  echo 'ksearch.lock merge=ksearch' >>.gitattributes\n",
     command_lock},
    {"doctor", "doctor [--json]", "is everything here that is needed?",
     "Looks for nvcc, the host compiler, a GPU, the programs and the cache, and says how to get\n"
     "what is missing. The exit status is 1 when a build cannot work.\n",
     command_doctor},
    {"capture", "capture [--json] [OPTIONS] -- PROGRAM ARGS",
     "run a program, keep what its kernels are launched with, and write their annotations",
     "Captured is the first launch of each geometry of each kernel: grid, block, shared memory,\n"
     "cluster, arguments, and the memory behind every pointer, before the launch and, where it\n"
     "changed, after it. The folder gets KERNEL.N.ARGUMENT.npy and .after.npy (NumPy's format),\n"
     "KERNEL.ks, an annotation to paste above the kernel, and index.json, which says it all.\n"
     "\n"
     "--source FILE.cu  where kernels are defined, for the names of parameters; may be repeated\n"
     "--kernel REGEX    only kernels whose name matches\n"
     "--launch N        only the Nth launch of each kernel\n"
     "--out DIR         the folder (default: ksearch-capture)\n"
     "--max-bytes N     keep no more of an array (default: 1G)\n"
     "--poison          fill new device memory, so that an array that nobody wrote before the\n"
     "                  launch is out(...) and not inout(...); not for programs that rely on\n"
     "                  fresh memory being zero\n"
     "--list            keep nothing: tell kernels, launches, geometry and time\n"
     "\n"
     "The program runs as it would without ksnvcc, and its exit status is ours. The report goes\n"
     "to standard error; with --json the program's output does, and the index to standard output.\n"
     "An array reaches from its pointer to the end of its allocation, or to the next argument in\n"
     "the same one. A large program has many kernels: --list them first, then name one.\n"
     "Not seen: host functions (annotate those by hand), kernels in CUDA graphs,\n"
     "what pointers in memory point to, __constant__ and __device__ variables.\n",
     command_capture},
    {"report", "report [--json] [--html FILE] [--export FILE] [--t4 FILE] [RUN | FILE]",
     "what a search did, and how far it is",
     "RUN is a search of the cache: the entry, whose newest one is meant, with its namespaces or\n"
     "without; the first letters of its own name; or its folder. FILE is a recording. Without\n"
     "either: all searches of the cache, the newest first.\n"
     "Shown are where the time went, the best so far against trials, the ideas with what they "
     "were\n"
     "expected to gain and what they gained, what became of the trials, and what models cost.\n"
     "\n"
     "--html FILE       the same as a page of its own\n"
     "--export FILE     a recording of it, with which KSEARCH_MODEL=replay:FILE searches again\n"
     "                  where there is neither GPU nor model\n"
     "--t4 FILE         its trials in the format T4 of auto-tuning results; FILE.jsonl: a line "
     "each\n",
     command_report},
    {"profile", "profile [--json] [--entry NAME] FILE.cu... [-- FLAGS]",
     "why an entry is as fast as it is, and what limits it",
     "On the GPU of this machine, of the original and of the winners on file, for each workload:\n"
     "its time as a search measures it, the bytes and operations that the hardware counted, both\n"
     "beside what this card was measured to do at most, what limits it with the figures that say\n"
     "so, and kernel by kernel geometry, registers, occupancy, instructions and counters; then a\n"
     "roofline. FLAGS are those of the compile.\n"
     "Counters need CUPTI and the driver's permission, instructions nvdisasm or cuobjdump; what\n"
     "cannot be had is said, and the rest is shown. Without a GPU the exit status is 107.\n"
     "\n"
     "--entry NAME      only that entry, as explain calls it, with its namespaces or without\n",
     command_profile},
    {"bench", "bench [--json] [--entry NAME] [--samples N] FILE.cu... [-- FLAGS]",
     "is the winner faster, here and now?",
     "The measurement with which a search proves a winner: pairs of the original and the winner "
     "on\n"
     "file, interleaved and on fresh inputs, every launch checked, and of the original and "
     "itself,\n"
     "which is the noise. Where nothing is on file the original alone is timed.\n"
     "Shown are median, quartiles and the 90th percentile of a launch, and how many times faster\n"
     "with its 99 % interval; --json has all samples. Without a GPU the exit status is 107.\n"
     "\n"
     "--entry NAME      only that entry, as explain calls it, with its namespaces or without\n"
     "--samples N       pairs, in place of 20, or 80 where they spread\n",
     command_bench},
    {"help", "help [--json] [COMMAND]", "this, or a command's own", "", command_help},
    {"version", "version [--json]", "of ksnvcc, and where nvcc is", "", command_version},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

int command_fail(int status, const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("ksnvcc: error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

int command_print_json(json_t *value)
{
    int rc = value ? json_dumpf(value, stdout, JSON_INDENT(2)) : -1;

    json_decref(value);
    if (rc == 0 && (putchar('\n') == EOF || fflush(stdout) == EOF))
        rc = -1;
    return rc == 0 ? 0 : command_fail(1, "cannot write the answer");
}

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS], *near;

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    near = diag_nearest(name, names, COMMANDS);
    if (near)
        return command_fail(EXIT_USAGE, "there is no command '%s': did you mean '%s'?", name, near);
    return command_fail(EXIT_USAGE, "there is no command '%s': ksnvcc help lists them", name);
}

static int unknown_option(const struct command *c, const char *word)
{
    static const char *const options[] = {"--json", "--help"};
    const char *near = diag_nearest(word, options, 2);

    return command_fail(EXIT_USAGE, "%s has no option '%s'%s%s%s\nusage: ksnvcc %s", c->name, word,
                        near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "",
                        c->usage);
}

/* these know options of their own, among their words */
static bool has_options(const struct command *c)
{
    return c->run == command_capture || c->run == command_search || c->run == command_lock;
}

static bool measures(const struct command *c)
{
    return c->run == command_profile || c->run == command_bench;
}

/* 0, or the index of the first option that is not known */
static int call_parse(const struct command *c, struct command_call *call, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            call->rest = (const char *const *)argv + i + 1;
            break;
        }
        if (strcmp(word, "--json") == 0)
            call->json = true;
        else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
            call->help = true;
        else if (c->run == command_explain && strcmp(word, "--language") == 0)
            call->language = true;
        else if (c->run == command_report && strcmp(word, "--html") == 0 && i + 1 < argc)
            call->html = argv[++i];
        else if (c->run == command_report && strcmp(word, "--export") == 0 && i + 1 < argc)
            call->recording = argv[++i];
        else if (c->run == command_report && strcmp(word, "--t4") == 0 && i + 1 < argc)
            call->t4 = argv[++i];
        else if (measures(c) && strcmp(word, "--entry") == 0 && i + 1 < argc)
            call->entry = argv[++i];
        else if (c->run == command_bench && strcmp(word, "--samples") == 0 && i + 1 < argc)
            call->samples = argv[++i];
        else if (c->run == command_cache && strcmp(word, "-p") == 0 && i + 1 < argc)
            call->project = argv[++i];
        else if (word[0] == '-' && word[1] && !has_options(c))
            return i;
        else
            call->words[call->n++] = word;
    }
    return 0;
}

static json_t *help_json(const struct command *c)
{
    return json_pack("{s:s, s:s, s:s}", "command", c->name, "usage", c->usage, "summary",
                     c->summary);
}

static int print_help(const struct command *c, bool json)
{
    if (json)
        return command_print_json(help_json(c));
    printf("usage: ksnvcc %s\n\n%s\n%s%s", c->usage, c->summary, *c->more ? "\n" : "", c->more);
    return 0;
}

static int command_help(const struct command_call *call)
{
    const struct command *c = call->n ? command_find(call->words[0]) : NULL;
    json_t *all;

    if (call->n && !c)
        return unknown_command(call->words[0]);
    if (c)
        return print_help(c, call->json);
    all = json_array();
    for (size_t i = 0; i < COMMANDS; i++) {
        if (call->json)
            json_array_append_new(all, help_json(&commands[i]));
        else
            printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    if (call->json)
        return command_print_json(all);
    json_decref(all);
    return 0;
}

static int command_version(const struct command_call *call)
{
    char *nvcc = find_nvcc(SELF, NULL);
    int rc = 0;

    if (call->json)
        rc = command_print_json(json_pack("{s:s, s:s?}", "version", KS_VERSION, "nvcc", nvcc));
    else
        printf("ksnvcc " KS_VERSION "\nnvcc: %s\n", nvcc ? nvcc : "not found");
    free(nvcc);
    return rc;
}

int command_run(int argc, char **argv)
{
    const struct command *c = argc > 0 ? command_find(argv[0]) : NULL;
    struct command_call call = {0};
    int wrong, rc;

    if (!c)
        return argc > 0 ? unknown_command(argv[0]) : command_fail(EXIT_USAGE, "no command");
    call.name = c->name;
    call.rest = (const char *const *)argv + argc;
    call.words = calloc((size_t)argc, sizeof *call.words);
    if (!call.words)
        return command_fail(EXIT_INTERNAL, "out of memory");
    wrong = call_parse(c, &call, argc, argv);
    if (call.help)
        rc = print_help(c, call.json);
    else if (wrong)
        rc = unknown_option(c, argv[wrong]);
    else
        rc = c->run(&call);
    free(call.words);
    return rc;
}
