/* driver/look_headers.c
 *
 * A file of the cache folder, looked/HASH, for each source, folder and list of folders:
 *
 *   ksearch-looked 1 yes|no
 *   SIZE MTIME INODE PATH        a file that was read
 *   - PATH                       one that was looked for and is not there
 *
 * As long as all of it holds, nothing is read again. What cannot be remembered is looked at each
 * time. */
#include "driver/look_headers.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define HEAD "ksearch-looked 1 "

enum { FILES_MOST = 4096, FILE_LIMIT = 16 << 20, MEMO_LIMIT = 4 << 20 };

struct search {
    const char *const *dirs;
    char **path; /* files to read; the first is the input */
    size_t n;
    struct buf memo;
};

bool look_headers_wanted(void)
{
    return env_is_on("KSEARCH_HEADERS");
}

/* ---- what is remembered ---- */

/* "SIZE MTIME INODE", or "-" for what is no file */
static void describe(const char *path, char text[80])
{
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        strcpy(text, "-");
    else
        snprintf(text, 80, "%lld %lld.%09ld %llu", (long long)st.st_size,
                 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (unsigned long long)st.st_ino);
}

static void remember(struct search *s, const char *path)
{
    char text[80];

    describe(path, text);
    buf_addf(&s->memo, "%s %s\n", text, path);
}

static void add_hash(uint64_t *h, const char *text)
{
    do
        *h = (*h ^ (unsigned char)*text) * 0x100000001b3u;
    while (*text++);
}

/* the file of this question; NULL: there is no folder for it */
static char *memo_path(const char *path, const char *const *dirs)
{
    const char *own = getenv("KSEARCH_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    char *cwd = getcwd(NULL, 0), *file = NULL;
    uint64_t h = 0xcbf29ce484222325u;
    int n = 0;

    add_hash(&h, cwd ? cwd : "");
    add_hash(&h, path);
    for (; *dirs; dirs++)
        add_hash(&h, *dirs);
    if (own && *own)
        n = asprintf(&file, "%s/looked/%016llx", own, (unsigned long long)h);
    else if (xdg && *xdg == '/')
        n = asprintf(&file, "%s/ksearch/looked/%016llx", xdg, (unsigned long long)h);
    else if (home && *home)
        n = asprintf(&file, "%s/.cache/ksearch/looked/%016llx", home, (unsigned long long)h);
    if (n < 0)
        fatal("out of memory");
    free(cwd);
    return file;
}

/* do all lines still hold? The text is cut up */
static bool holds(char *lines)
{
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        char now[80];
        char *path = *line == '-' ? line + 1 : line;
        for (int blanks = *line == '-' ? 0 : 2; *path && blanks; path++)
            blanks -= *path == ' ';
        path = strchr(path, ' ');
        if (!path)
            return false;
        *path++ = '\0';
        describe(path, now);
        if (strcmp(now, line) != 0)
            return false;
    }
    return true;
}

/* 1 or 0, or -1 when the answer is not known */
static int recall(const char *file)
{
    struct buf b;
    int answer = -1;

    buf_init(&b, MEMO_LIMIT);
    if (fs_read(file, &b, NULL) == 0 && b.len > sizeof HEAD + 3 &&
        memcmp(b.data, HEAD, sizeof HEAD - 1) == 0) {
        char *lines = strchr(b.data, '\n');
        answer = b.data[sizeof HEAD - 1] == 'y';
        if (!lines || !lines[1] || !holds(lines + 1))
            answer = -1;
    }
    buf_release(&b);
    return answer;
}

static void keep(const char *file, const struct search *s, bool answer)
{
    struct buf b;
    char *dir = fs_dir(file);

    buf_init(&b, MEMO_LIMIT);
    buf_addf(&b, HEAD "%s\n", answer ? "yes" : "no");
    buf_add(&b, buf_text(&s->memo), s->memo.len);
    if (fs_mkdirs(dir, NULL) == 0)
        fs_write(file, buf_text(&b), b.len, NULL);
    buf_release(&b);
    free(dir);
}

/* ---- looking ---- */

static bool is_file(struct search *s, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return true;
    remember(s, path);
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

static bool search(struct search *s)
{
    bool found = false;

    for (size_t i = 0; i < s->n && !found; i++) {
        char *path = s->path[i]; /* the list may move */
        struct buf text;
        buf_init(&text, FILE_LIMIT);
        remember(s, path);
        if (fs_read(path, &text, NULL) == 0 && text.len) {
            found = i > 0 && look_holds_word(text.data, text.len);
            add_includes(s, path, text.data, text.data + text.len);
        }
        buf_release(&text);
    }
    return found;
}

bool look_headers_mention(const char *path, const char *const *dirs)
{
    char *memo = memo_path(path, dirs), *first = strdup(path);
    struct search s = {.dirs = dirs};
    int answer = memo ? recall(memo) : -1;

    buf_init(&s.memo, MEMO_LIMIT);
    if (answer < 0 && first && add_file(&s, first)) {
        answer = search(&s);
        if (memo && !s.memo.full)
            keep(memo, &s, answer);
    }
    for (size_t i = 0; i < s.n; i++)
        free(s.path[i]);
    free(s.path);
    free(memo);
    buf_release(&s.memo);
    return answer > 0;
}
