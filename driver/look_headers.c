/* driver/look_headers.c
 *
 * A question of its own for each source and list of folders, remembered with all files that were
 * read or looked for (driver/seen.h). What cannot be remembered is looked at each time. */
#include "driver/look_headers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "driver/seen.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum { FILES_MOST = 4096, FILE_LIMIT = 16 << 20 };

struct search {
    const char *const *dirs;
    char **path; /* files to read; the first is the input */
    size_t n;
    struct seen seen;
};

static bool is_file(struct search *s, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return true;
    seen_nothing(&s->seen, path);
    return false;
}

/* takes path when it is a file; frees it when it is none, or is known */
static bool add_file(struct search *s, char *path)
{
    char **grown;

    if (!is_file(s, path)) {
        free(path);
        return false;
    }
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->path[i], path) == 0) {
            free(path);
            return true;
        }
    grown = s->n < FILES_MOST ? realloc(s->path, (s->n + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(path);
        return true;
    }
    s->path = grown;
    s->path[s->n++] = path;
    return true;
}

static char *join(const char *dir, size_t n, const char *between, const char *name, size_t len)
{
    char *path;

    if (asprintf(&path, "%.*s%s%.*s", (int)n, dir, between, (int)len, name) < 0)
        fatal("out of memory");
    return path;
}

static void add_include(struct search *s, const char *from, const char *name, size_t len)
{
    if (*name == '/') {
        add_file(s, join("", 0, "", name, len));
        return;
    }
    if (add_file(s, join(from, (size_t)(fs_base(from) - from), "", name, len)))
        return;
    for (const char *const *dir = s->dirs; *dir; dir++)
        if (add_file(s, join(*dir, strlen(*dir), "/", name, len)))
            return;
}

/* the quoted includes of a text; one in a comment costs a look */
static void add_includes(struct search *s, const char *from, const char *text, const char *end)
{
    for (const char *at = text; at && (at = memmem(at, (size_t)(end - at), "include", 7));) {
        const char *name = at + 7 + strspn(at + 7, " \t"), *before = at, *close;
        while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        close = *name == '"' ? strpbrk(name + 1, "\"\n") : NULL;
        if (close && *close == '"' && before > text && before[-1] == '#')
            add_include(s, from, name + 1, (size_t)(close - name) - 1);
        at += 7;
    }
}

/* a file that is too large counts as empty */
static void read_file(struct search *s, const char *path, struct buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 &&
        (st.st_size > FILE_LIMIT || fs_read_fd(fd, path, text, NULL) == 0))
        seen_file(&s->seen, path, fd, &st);
    else
        seen_doubt(&s->seen);
    if (fd >= 0)
        close(fd);
}

static bool search(struct search *s)
{
    bool found = false;

    for (size_t i = 0; i < s->n && !found; i++) {
        char *path = s->path[i]; /* the list may move */
        struct buf text;
        buf_init(&text, FILE_LIMIT);
        read_file(s, path, &text);
        if (text.len) {
            found = i > 0 && look_holds_word(text.data, text.len);
            add_includes(s, path, text.data, text.data + text.len);
        }
        buf_release(&text);
    }
    return found;
}

/* -1: it is not remembered */
static int begin(struct search *s, const char *path)
{
    const char **question;
    size_t n = 0;
    int answer;

    while (s->dirs[n])
        n++;
    question = calloc(n + 3, sizeof *question);
    if (!question)
        fatal("out of memory");
    question[0] = "headers";
    question[1] = path;
    memcpy(question + 2, s->dirs, n * sizeof *question);
    answer = seen_begin(&s->seen, question);
    free(question);
    return answer;
}

bool look_headers_mention(const char *path, const char *const *dirs)
{
    struct search s = {.dirs = dirs};
    int answer = begin(&s, path);
    char *first = answer < 0 ? strdup(path) : NULL;

    if (first && add_file(&s, first))
        answer = search(&s);
    seen_end(&s.seen, answer);
    for (size_t i = 0; i < s.n; i++)
        free(s.path[i]);
    free(s.path);
    return answer > 0;
}
