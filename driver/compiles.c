/* driver/compiles.c - see compiles.h. */
#include "driver/compiles.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/build/words.h"
#include "driver/commands.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

struct walk {
    struct arena *arena;
    const char *const *files;
    size_t nfiles;
    compiles_visit *visit;
    void *arg;
};

/* the words of one entry; NULL when it has none */
static const char *const *entry_words(struct arena *a, const json_t *entry, struct error *err)
{
    const json_t *arguments = json_object_get(entry, "arguments");
    const char *command = json_string_value(json_object_get(entry, "command"));
    struct words w = {0};

    for (size_t i = 0; i < json_array_size(arguments); i++) {
        const char *word = json_string_value(json_array_get(arguments, i));
        words_add(a, &w, arena_dup(a, word ? word : ""));
    }
    if (!w.n && (!command || words_shell(a, command, NULL, &w, err)))
        return NULL;
    const char *const *words = words_end(a, &w);
    return w.n > 1 && strcmp(fs_base(words[0]), "ksnvcc") == 0 ? words + 1 : words;
}

static int is_wanted(const struct walk *w, const char *file)
{
    size_t n = strlen(file);
    for (size_t i = 0; i < w->nfiles; i++)
        if (strcmp(fs_base(w->files[i]), fs_base(file)) == 0)
            return 1;
    return !w->nfiles && n > 3 && strcmp(file + n - 3, ".cu") == 0;
}

/* the folders are absolute, as the format asks for, or relative to where we began */
static int visit_entry(const struct walk *w, int home, const char *path, size_t i,
                       const json_t *entry)
{
    const char *file = json_string_value(json_object_get(entry, "file"));
    const char *dir = json_string_value(json_object_get(entry, "directory"));
    struct error err = {""};

    if (!file || !is_wanted(w, file))
        return 0;
    const char *const *words = entry_words(w->arena, entry, &err);
    if (!words)
        return command_fail(1, "%s: entry %zu: %s", path, i, *err.text ? err.text : "no command");
    if (fchdir(home) < 0 || (dir && chdir(dir) < 0))
        return command_fail(1, "%s: entry %zu: %s: %s", path, i, dir ? dir : ".", strerror(errno));
    return w->visit(w->arg, file, words);
}

int compiles_each(struct arena *a, const char *path, const char *const *files, size_t nfiles,
                  compiles_visit *visit, void *arg)
{
    struct walk w = {a, files, nfiles, visit, arg};
    struct stat st;
    json_error_t why;
    json_t *all, *entry;
    int rc = 0, home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t i;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        path = arena_printf(a, "%s/compile_commands.json", path);
    all = json_load_file(path, 0, &why);
    if (!json_is_array(all))
        rc = command_fail(1, "%s: %s", path, all ? "no list of compiles" : why.text);
    else if (home < 0)
        rc = command_fail(1, "cannot open the current folder: %s", strerror(errno));
    json_array_foreach(all, i, entry)
    {
        if (rc == 0 && !proc_interrupted())
            rc = visit_entry(&w, home, path, i, entry);
    }
    json_decref(all);
    if (home >= 0) {
        if (fchdir(home) < 0 && rc == 0)
            rc = command_fail(1, "cannot go back to the folder of the call: %s", strerror(errno));
        close(home);
    }
    return rc;
}
