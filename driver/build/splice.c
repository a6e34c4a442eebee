/* driver/build/splice.c
 *
 * The preprocessor gets the text from a file of ours, yet nothing that comes out may tell. `#line 1
 * "SOURCE"` on top names the source in messages, markers and __FILE__. __BASE_FILE__ is defined by
 * hand, __TIMESTAMP__ follows the file's time, which is set to the source's. What markers still
 * name our file are rewritten.
 *
 * #include "x.h" looks beside the file that is read, whatever #line says. For a source in the
 * current folder the text comes through standard input, whose includes are looked up there under
 * the very same names. For another folder, -iquote stands in: a header of a third folder that
 * includes "x.h", has none beside itself and means one of an -I folder would find one beside the
 * source first. Nothing but a private mount would be exact there. */
#include "driver/build/splice.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fcntl.h>
#include "driver/build/fixed.h"
#include "driver/build/marker.h"
#include "driver/build/said.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"

#define STDIN_NAME "<stdin>"

int splice_status(const struct proc_result *result)
{
    if (WIFEXITED(result->status))
        return WEXITSTATUS(result->status);
    return 128 + WTERMSIG(result->status);
}

/* the file that holds the text: in a folder of its own, where no header lies beside it, and of this
 * pass alone, as others may run at the same time */
static char *text_path(struct arena *a, const struct plan *p, const struct step *s,
                       const char *output)
{
    return arena_printf(a, "%s/ks-text/%s/%s", p->keep_dir, fs_base(output), fs_base(s->input));
}

/* the text with a #line on top */
static int write_text(const char *path, const struct step *s, const char *text, struct error *err)
{
    char *dir = fs_dir(path);
    struct timespec times[2];
    struct stat st;
    struct buf b;
    int rc = fs_mkdirs(dir, err);

    free(dir);

    buf_init(&b, BUF_LIMIT);
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* a byte order mark may only open a file */
    if (strncmp(text, "#line 1 ", 8) != 0) {
        buf_adds(&b, "#line 1 \"");
        marker_quote(&b, s->input);
        buf_adds(&b, "\"\n");
    }
    buf_adds(&b, text);
    if (rc == 0)
        rc = fs_write(path, buf_text(&b), b.len, err);
    if (rc == 0 && stat(s->input, &st) == 0) {
        times[0] = times[1] = st.st_mtim;
        utimensat(AT_FDCWD, path, times, 0); /* where it cannot be, only __TIMESTAMP__ differs */
    }
    buf_release(&b);
    return rc;
}

/* in the source's folder the text comes through standard input */
static bool is_here(const struct step *s)
{
    return !strchr(s->input, '/');
}

/* the step's command, reading the text of `path` and writing to `output` */
static const char *const *splice_argv(struct arena *a, const struct plan *p, const struct step *s,
                                      const char *path, bool settled, const char *output)
{
    static const char *const from_stdin[] = {"sh", "-c", "text=$1; shift; exec \"$@\" <\"$text\"",
                                             "sh"};
    static const char *const constants[] = {"-w",
                                            "-D__LINE__=0",
                                            "-D__COUNTER__=0",
                                            "-D__DATE__=\"\"",
                                            "-D__TIME__=\"\"",
                                            "-D__TIMESTAMP__=\"\""};
    bool here = is_here(s);
    struct words w = {0};
    struct buf base;

    for (size_t i = 0; here && i < sizeof from_stdin / sizeof *from_stdin; i++)
        words_add(a, &w, from_stdin[i]);
    if (here)
        words_add(a, &w, path);
    words_add(a, &w, s->argv[0]);
    if (!here) {
        const char *slash = strrchr(s->input, '/');
        words_add(a, &w, "-iquote");
        words_add(a, &w,
                  arena_copy(a, s->input, slash > s->input ? (size_t)(slash - s->input) : 1));
    }
    buf_init(&base, BUF_LIMIT);
    marker_quote(&base, fixed_path(a, p, s->input));
    words_add(a, &w, "-Wno-builtin-macro-redefined");
    words_add(a, &w, arena_printf(a, "-D__BASE_FILE__=\"%s\"", buf_text(&base)));
    buf_release(&base);
    for (size_t i = 0; settled && i < sizeof constants / sizeof *constants; i++)
        words_add(a, &w, constants[i]);
    for (size_t i = 1; s->argv[i]; i++) {
        bool is_input = s->argv[i] == s->input;
        bool is_output = strcmp(s->argv[i - 1], "-o") == 0;
        words_add(a, &w, is_input ? (here ? "-" : path) : is_output ? output : s->argv[i]);
    }
    return words_end(a, &w);
}

/* the markers of the file we gave, renamed in place */
static int fix_output(const struct step *s, const char *from, const char *output, struct error *err)
{
    struct buf text, fixed;
    int rc;

    buf_init(&text, BUF_LIMIT);
    buf_init(&fixed, BUF_LIMIT);
    rc = fs_read(output, &text, err);
    if (rc == 0) {
        marker_rename(buf_text(&text), text.len, from, s->input, &fixed);
        rc = fixed.full ? error_set(err, "the preprocessed text is too long")
                        : fs_write(output, buf_text(&fixed), fixed.len, err);
    }
    buf_release(&text);
    buf_release(&fixed);
    return rc;
}

/* said NULL: nobody listens */
static void said_add(struct said *said, const struct proc_result *result)
{
    if (!said)
        return;
    buf_add(&said->out, buf_text(&result->out), result->out.len);
    buf_add(&said->err, buf_text(&result->err), result->err.len);
}

struct proc *splice_start(struct arena *a, const struct plan *p, const struct step *s,
                          const char *text, bool settled, const char *output, bool shown,
                          struct error *err)
{
    const char *path = text_path(a, p, s, output);

    if (write_text(path, s, text, err) < 0)
        return NULL;
    return proc_start(&(struct proc_spec){.env = p->env,
                                          .terminal = shown,
                                          .argv = splice_argv(a, p, s, path, settled, output)},
                      err);
}

int splice_end(struct arena *a, const struct plan *p, const struct step *s, const char *output,
               struct proc_result *result, struct said *said, struct error *err)
{
    int status = splice_status(result);

    said_add(said, result);
    if (status == 0)
        status = fix_output(s, is_here(s) ? STDIN_NAME : text_path(a, p, s, output), output, err);
    else if (!said)
        said_failure(err, "the preprocessor failed", buf_text(&result->err));
    proc_result_release(result);
    return status;
}

int splice_run(struct arena *a, const struct plan *p, const struct step *s, const char *text,
               const char *output, struct error *err)
{
    struct proc *proc = splice_start(a, p, s, text, false, output, false, err);
    struct proc_result result;

    if (!proc)
        return -1;
    proc_await(proc, &result);
    return splice_end(a, p, s, output, &result, NULL, err);
}
