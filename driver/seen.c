/* driver/seen.c
 *
 * One file an answer, looked/NNNN in the cache folder:
 *
 *   ksearch-looked 2 yes|no CHECK
 *   DEVICE INODE SIZE MTIME CTIME PATH     a file that was read
 *   - PATH                                 one that was looked for and is not there
 *
 * CHECK is a hash of the question, the lines and the answer: with a wrong bit, a line less, or the
 * question of somebody else it is another. NNNN is a part of the question's hash. Two questions of
 * the same number drive each other out, which costs a look; in return nobody has to count files.
 *
 * No program can set CTIME, so it tells a change even where size and MTIME are put back. But it is
 * as coarse as the file system's clock, some milliseconds or a whole second: a file that changes
 * twice within that looks the same. So a file is remembered only when, as the look began, its last
 * change was longer ago than the coarsest clock, and on a file system of another machine than its
 * clock may be off. And only on file systems of which we know that they keep CTIME: FAT has none,
 * FUSE may make it up, and that of an image is as old as its maker said. Stores through a mapping
 * that is still dirty change no time; they escape us as they escape make.
 *
 * Files are opened to ask for their identity: that is when NFS asks the server. */
#include "driver/seen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum {
    SLOTS = 1 << 16,
    FIELDS = 5, /* before PATH */
    IDENTITY = 160,
    HEAD = 64,
    MEMO_LIMIT = 4 << 20,
    SETTLED_S = 3,
    SETTLED_REMOTE_S = 60
};

/* file systems that keep the time of each change: f_type of statfs(2) */
static const struct kept {
    unsigned long type;
    int settled;
} kept[] = {
    {0xef53 /* ext2, 3, 4 */, SETTLED_S},      {0x58465342 /* XFS */, SETTLED_S},
    {0x9123683e /* Btrfs */, SETTLED_S},       {0xf2f52010 /* F2FS */, SETTLED_S},
    {0x2fc12fc1 /* ZFS */, SETTLED_S},         {0xca451a4e /* bcachefs */, SETTLED_S},
    {0x01021994 /* tmpfs */, SETTLED_S},       {0x794c7630 /* overlay */, SETTLED_S},
    {0x6969 /* NFS */, SETTLED_REMOTE_S},      {0x0bd00bd0 /* Lustre */, SETTLED_REMOTE_S},
    {0x47504653 /* GPFS */, SETTLED_REMOTE_S},
};

/* ---- hashes (FNV-1a) ---- */

static void hash_add(uint64_t *h, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *h = (*h ^ (unsigned char)bytes[i]) * 0x100000001b3u;
}

/* its NUL too, so that words do not run into each other */
static void hash_word(uint64_t *h, const char *word)
{
    hash_add(h, word, strlen(word) + 1);
}

/* ---- files ---- */

static void identity_of(const struct stat *st, char text[IDENTITY])
{
    snprintf(text, IDENTITY, "%llx %llu %lld %lld.%09ld %lld.%09ld", (unsigned long long)st->st_dev,
             (unsigned long long)st->st_ino, (long long)st->st_size, (long long)st->st_mtim.tv_sec,
             st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

static void identity_now(const char *path, char text[IDENTITY])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        identity_of(&st, text);
    else
        strcpy(text, "-");
    if (fd >= 0)
        close(fd);
}

static bool is_settled(const struct seen *s, int fd, const struct stat *st)
{
    struct statfs fs;
    size_t i = 0, n = sizeof kept / sizeof *kept;

    if (fstatfs(fd, &fs) < 0)
        return false;
    while (i < n && kept[i].type != ((unsigned long)fs.f_type & 0xffffffffUL))
        i++;
    return i < n && st->st_mtim.tv_sec < s->began - kept[i].settled &&
           st->st_ctim.tv_sec < s->began - kept[i].settled;
}

static void add_line(struct seen *s, const char *identity, const char *path)
{
    s->doubtful |= strchr(path, '\n') != NULL;
    buf_addf(&s->files, "%s %s\n", identity, path);
}

void seen_file(struct seen *s, const char *path, int fd, const struct stat *before)
{
    struct stat after = {0};
    char was[IDENTITY], is[IDENTITY];

    identity_of(before, was);
    fstat(fd, &after);
    identity_of(&after, is);
    s->doubtful |= strcmp(was, is) != 0 || !is_settled(s, fd, before);
    add_line(s, was, path);
}

void seen_nothing(struct seen *s, const char *path)
{
    add_line(s, "-", path);
}

void seen_doubt(struct seen *s)
{
    s->doubtful = true;
}

/* ---- the text of a memo ---- */

static void head_of(char head[HEAD], uint64_t check, bool answer)
{
    const char *word = answer ? "yes" : "no";

    hash_word(&check, word);
    snprintf(head, HEAD, "ksearch-looked 2 %s %016llx\n", word, (unsigned long long)check);
}

void seen_text(struct buf *b, uint64_t question, bool answer, const char *lines, size_t n)
{
    char head[HEAD];

    hash_add(&question, lines, n);
    head_of(head, question, answer);
    buf_adds(b, head);
    buf_add(b, lines, n);
}

static bool line_holds(char *line)
{
    int blanks = *line == '-' ? 1 : FIELDS;
    char now[IDENTITY], *path = line;

    while (blanks-- && path && (path = strchr(path, ' ')))
        path++;
    if (!path)
        return false;
    path[-1] = '\0';
    identity_now(path, now);
    return strcmp(now, line) == 0;
}

/* an answer that depends on nothing is none */
static bool lines_hold(char *lines)
{
    char *end;

    if (!*lines)
        return false;
    for (; *lines; lines = end + 1) {
        if (!(end = strchr(lines, '\n')))
            return false;
        *end = '\0';
        if (!line_holds(lines))
            return false;
    }
    return true;
}

int seen_recall(uint64_t question, char *text, size_t n)
{
    char head[HEAD], *lines = strchr(text, '\n');

    if (!lines || strlen(text) != n)
        return -1;
    lines++;
    hash_add(&question, lines, n - (size_t)(lines - text));
    for (int answer = 0; answer <= 1; answer++) {
        head_of(head, question, answer);
        if (strlen(head) == (size_t)(lines - text) && memcmp(head, text, strlen(head)) == 0)
            return lines_hold(lines) ? answer : -1;
    }
    return -1;
}

/* ---- memos ---- */

/* NULL: there is no folder for it */
static char *memo_path(uint64_t question)
{
    const char *own = getenv("KSEARCH_CACHE_DIR"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME"), *dir = NULL, *below = "";
    char *path = NULL;

    if (own && *own)
        dir = own;
    else if (xdg && *xdg == '/')
        dir = xdg, below = "/ksearch";
    else if (home && *home)
        dir = home, below = "/.cache/ksearch";
    if (dir && asprintf(&path, "%s%s/looked/%04x", dir, below, (unsigned)(question % SLOTS)) < 0)
        fatal("out of memory");
    return path;
}

int seen_begin(struct seen *s, const char *const *question)
{
    bool relative = false;
    char cwd[4096];
    struct buf text;
    int answer = -1;

    *s = (struct seen){.question = 0xcbf29ce484222325u, .began = time(NULL)};
    buf_init(&s->files, MEMO_LIMIT);
    for (size_t i = 0; question[i]; i++) {
        hash_word(&s->question, question[i]);
        relative |= i > 0 && question[i][0] != '/';
    }
    if (relative)
        hash_word(&s->question, getcwd(cwd, sizeof cwd) ? cwd : "");
    s->memo = memo_path(s->question);
    buf_init(&text, MEMO_LIMIT);
    if (s->memo && fs_read(s->memo, &text, NULL) == 0 && text.len)
        answer = seen_recall(s->question, text.data, text.len);
    buf_release(&text);
    return answer;
}

static void memo_write(const char *path, const struct buf *text)
{
    char *dir;

    if (fs_write(path, text->data, text->len, NULL) == 0)
        return;
    dir = fs_dir(path);
    if (!fs_exists(dir) && fs_mkdirs(dir, NULL) == 0)
        fs_write(path, text->data, text->len, NULL);
    free(dir);
}

void seen_end(struct seen *s, int answer)
{
    struct buf text;

    buf_init(&text, MEMO_LIMIT);
    if (answer >= 0 && s->memo && s->files.len && !s->doubtful && !s->files.full)
        seen_text(&text, s->question, answer, s->files.data, s->files.len);
    if (text.len && !text.full)
        memo_write(s->memo, &text);
    buf_release(&text);
    buf_release(&s->files);
    free(s->memo);
}
