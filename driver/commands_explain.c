/* driver/commands_explain.c - explain: a source is read, an object asked which winners are in it;
 * diff: the winners of a source as differences.
 *
 * What a source means depends on its compile, so the flags are given behind `--`, or the whole
 * compile is. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/commands.h"
#include "driver/diff.h"
#include "driver/explain.h"
#include "driver/find.h"
#include "driver/lang/language.h"
#include "driver/note.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

static const char *text_of(const json_t *note, const char *name)
{
    const char *text = json_string_value(json_object_get(note, name));

    return text ? text : "?";
}

static double number_of(const json_t *note, const char *name)
{
    return json_number_value(json_object_get(note, name));
}

/* for which sizes, where not for all */
static void print_when(const json_t *when)
{
    long long low = (long long)json_integer_value(json_object_get(when, "low")),
              high = (long long)json_integer_value(json_object_get(when, "high"));

    if (!when)
        return;
    printf(" for %s %lld", text_of(when, "param"), low);
    if (high != low)
        printf("..%lld", high);
}

static void print_values(const json_t *note)
{
    json_t *values = json_object_get(note, "winner"), *value;
    const char *name, *between = "", *structure = text_of(note, "structure");

    if (json_object_get(note, "structure"))
        printf("%s%s", structure, json_object_size(values) ? " with " : "");
    json_object_foreach(values, name, value)
    {
        printf("%s%s=%lld", between, name, (long long)json_integer_value(value));
        between = ", ";
    }
    if (json_object_get(note, "arch"))
        printf(" as %s", text_of(note, "arch"));
    print_when(json_object_get(note, "when"));
    if (json_object_get(note, "written_by"))
        printf(" (written by a %s)", text_of(note, "written_by"));
    putchar('\n');
}

/* whose record of a remote it is */
static void print_signed(const json_t *by)
{
    if (by && *text_of(by, "key"))
        printf("    signed    by %s (%.16s)\n", text_of(by, "by"), text_of(by, "key"));
    else if (by)
        puts("    signed    by nobody; it came from a remote cache");
}

static void print_note(const json_t *note)
{
    const char *corrupt = json_string_value(json_object_get(note, "corrupt"));

    if (corrupt) {
        printf("  a note that cannot be read: %s\n", corrupt);
        return;
    }
    printf("  %s (%s)\n", text_of(note, "entry"), text_of(note, "file"));
    printf("    winner    ");
    print_values(note);
    printf("    speed-up  %.3f (99 %%: %.3f to %.3f) of the entry%s over its workloads\n",
           number_of(note, "speedup"), number_of(note, "low"), number_of(note, "high"),
           json_object_get(note, "objective") ? ", in energy," : "");
    printf("    GPU       %s\n", text_of(note, "gpu"));
    printf("    measured  %s, CUDA %s\n", text_of(note, "measured"), text_of(note, "toolkit"));
    print_signed(json_object_get(note, "signed"));
    printf("    key       %s\n", text_of(note, "key"));
}

static void print_notes(const char *path, const json_t *notes)
{
    size_t n = json_array_size(notes);

    if (n == 0)
        printf("%s: no winner in it: what nvcc made of the source\n", path);
    else
        printf("%s: %zu winner%s\n", path, n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++)
        print_note(json_array_get(notes, i));
}

static int explain_objects(const struct command_call *call)
{
    json_t *all = json_array();
    int rc = 0;

    for (size_t i = 0; i < call->n; i++) {
        struct error err = {0};
        const char *path = call->words[i];
        json_t *notes = note_read(path, &err);

        if (!notes) {
            rc = command_fail(1, "%s", err.text);
            continue;
        }
        if (call->json)
            json_array_append_new(
                all, json_pack("{s:o, s:O}", "object", utf8_json(path), "winners", notes));
        else
            print_notes(path, notes);
        json_decref(notes);
    }
    if (call->json && command_print_json(json_incref(all)) != 0)
        rc = 1;
    json_decref(all);
    return rc;
}

/* the compile of the files: nvcc, the flags behind --, -c, the files. Free the array */
static const char **compile_words(const struct command_call *call, const char *nvcc)
{
    size_t flags = 0, n = 0;
    const char **words;

    while (call->rest[flags])
        flags++;
    words = calloc(flags + call->n + 3, sizeof *words);
    if (!words)
        fatal("out of memory");
    words[n++] = nvcc;
    for (size_t i = 0; i < flags; i++)
        words[n++] = call->rest[i];
    words[n++] = "-c";
    for (size_t i = 0; i < call->n; i++)
        words[n++] = call->words[i];
    return words;
}

/* `what` about the compile of the call's files */
static int about_sources(const struct command_call *call, int (*what)(const char *const *, bool))
{
    char *nvcc = find_nvcc("/proc/self/exe", NULL);
    const char **words;
    int rc;

    if (!nvcc)
        return command_fail(EXIT_NO_NVCC, "no nvcc found: ksnvcc doctor says where it looks");
    words = compile_words(call, nvcc);
    rc = what(words, call->json);
    free(words);
    free(nvcc);
    return rc;
}

/* a table as Markdown has them: so samples/LANGUAGE.md can hold the same lines */
static void print_words(const json_t *list)
{
    json_t *word, *words = json_object_get(list, "words");
    bool clauses = json_object_get(json_array_get(words, 0), "once") != NULL;
    size_t i;

    printf("%s\n\n| written | %smeaning |\n| --- | %s--- |\n", text_of(list, "title"),
           clauses ? "times | " : "", clauses ? "--- | " : "");
    json_array_foreach(words, i, word)
    {
        printf("| `");
        for (const char *p = text_of(word, "syntax"); *p; p++)
            printf(*p == '|' ? "\\|" : "%c", *p);
        printf("` | %s%s |\n",
               !clauses                                      ? ""
               : json_is_true(json_object_get(word, "once")) ? "once | "
                                                             : "any | ",
               text_of(word, "summary"));
    }
    putchar('\n');
}

static int explain_language(bool json)
{
    json_t *all = language_json(), *list;
    size_t i;

    if (json)
        return command_print_json(all);
    json_array_foreach(all, i, list) print_words(list);
    json_decref(all);
    return 0;
}

int command_explain(const struct command_call *call)
{
    size_t objects = 0;

    if (call->language)
        return call->n == 0 ? explain_language(call->json)
                            : command_fail(EXIT_USAGE, "explain --language takes no file");

    for (size_t i = 0; i < call->n; i++) {
        if (access(call->words[i], R_OK) < 0)
            return command_fail(1, "cannot read %s: %s", call->words[i], strerror(errno));
        objects += note_is_object(call->words[i]);
    }
    if (call->n == 0 && call->rest[0] && call->rest[0][0] != '-') /* a whole compile */
        return explain_file(call->rest, call->json);
    if (call->n == 0)
        return command_fail(EXIT_USAGE, "explain what? %s", "ksnvcc explain --help says how");
    if (objects == 0)
        return about_sources(call, explain_file);
    if (objects < call->n)
        return command_fail(EXIT_USAGE, "objects and sources cannot be explained together");
    return explain_objects(call);
}

int command_diff(const struct command_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        if (access(call->words[i], R_OK) < 0)
            return command_fail(1, "cannot read %s: %s", call->words[i], strerror(errno));
    if (call->n == 0 && call->rest[0] && call->rest[0][0] != '-') /* a whole compile */
        return diff_file(call->rest, call->json);
    if (call->n == 0)
        return command_fail(EXIT_USAGE, "diff of what? %s", "ksnvcc diff --help says how");
    return about_sources(call, diff_file);
}
