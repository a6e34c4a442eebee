/* driver/share/folder.c
 *
 * What a child has to say: one byte, an enum answer, and then the bytes, or the reason in words. */
#include "driver/share/folder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cache/envelope.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

enum { CHUNK = 65536 };

struct task {
    const char *root, *name;
    const void *bytes; /* NULL: read */
    size_t n;
    bool writing; /* of a look */
};

/* the parts that run in the child: what it found, with the bytes or the reason in *out */
typedef enum answer work(const struct task *t, struct buf *out);

static enum answer refused(struct buf *out, const struct error *why)
{
    buf_clear(out);
    buf_adds(out, why->text);
    return ANSWER_REFUSED;
}

static enum answer look(const struct task *t, struct buf *out)
{
    struct error why = {""};
    struct stat st;

    if (stat(t->root, &st) < 0)
        error_errno(&why, "cannot open the folder %s", t->root);
    else if (!S_ISDIR(st.st_mode))
        error_set(&why, "%s is no folder", t->root);
    else if (access(t->root, t->writing ? R_OK | W_OK | X_OK : R_OK | X_OK) < 0)
        error_errno(&why, "cannot use the folder %s", t->root);
    return why.text[0] ? refused(out, &why) : ANSWER_YES;
}

static enum answer get(const struct task *t, struct buf *out)
{
    struct error why = {""};
    enum answer answer = look(t, out);
    char *path;

    if (answer != ANSWER_YES)
        return answer;
    if (asprintf(&path, "%s/%s", t->root, t->name) < 0)
        fatal("out of memory");
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return ANSWER_NO;
    return fs_read(path, out, &why) < 0 ? refused(out, &why) : ANSWER_YES;
}

static enum answer put(const struct task *t, struct buf *out)
{
    struct error why = {""};
    enum answer answer = look(t, out);
    char *path, *folder;

    if (answer != ANSWER_YES)
        return answer;
    if (asprintf(&path, "%s/%s", t->root, t->name) < 0)
        fatal("out of memory");
    folder = fs_dir(path);
    if (fs_mkdirs(folder, &why) < 0 || fs_write(path, t->bytes, t->n, &why) < 0)
        return refused(out, &why);
    return ANSWER_YES;
}

static void child(work *does, const struct task *t, int fd)
{
    struct buf out;
    char answer;
    size_t at = 0;
    ssize_t n = 1;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    buf_init(&out, (size_t)2 * ENVELOPE_BYTES_MAX);
    answer = (char)does(t, &out);
    if (write(fd, &answer, 1) == 1)
        for (; at < out.len && n > 0; at += (size_t)n)
            n = write(fd, out.data + at, out.len - at);
    _exit(0);
}

/* what the child says until the deadline; false when that passed */
static bool listen_to(int fd, double until, struct buf *said)
{
    char chunk[CHUNK];

    for (;;) {
        double left = until - now_seconds();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n;
        if (left <= 0 || proc_interrupted())
            return false;
        if (poll(&p, 1, (int)(left * 1000) + 1) <= 0)
            continue;
        n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        buf_add(said, chunk, (size_t)n);
    }
}

static enum answer in_time(work *does, const struct task *t, double seconds, struct buf *bytes,
                           struct error *why)
{
    enum answer answer = ANSWER_LOST;
    struct buf said;
    int ends[2];
    pid_t pid;

    if (pipe(ends) < 0 || (pid = fork()) < 0) {
        error_errno(why, "cannot start a process");
        return ANSWER_LOST;
    }
    if (pid == 0) {
        close(ends[0]);
        child(does, t, ends[1]);
    }
    close(ends[1]);
    buf_init(&said, (size_t)2 * ENVELOPE_BYTES_MAX + 1);
    if (!listen_to(ends[0], now_seconds() + seconds, &said))
        error_set(why, "the folder %s did not answer in %.3g s", t->root, seconds);
    else if (!said.len)
        error_set(why, "the folder %s cannot be used", t->root);
    else
        answer = (enum answer)said.data[0];
    if (answer == ANSWER_YES && bytes)
        buf_add(bytes, said.data + 1, said.len - 1);
    else if (answer == ANSWER_REFUSED)
        error_set(why, "%s", said.data + 1);
    buf_release(&said);
    close(ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return answer;
}

enum answer folder_look(const char *root, bool writing, double seconds, struct error *why)
{
    return in_time(look, &(struct task){.root = root, .writing = writing}, seconds, NULL, why);
}

enum answer folder_get(const char *root, const char *name, double seconds, struct buf *bytes,
                       struct error *why)
{
    return in_time(get, &(struct task){.root = root, .name = name}, seconds, bytes, why);
}

enum answer folder_put(const char *root, const char *name, const void *bytes, size_t n,
                       double seconds, struct error *why)
{
    struct task t = {.root = root, .name = name, .bytes = bytes, .n = n, .writing = true};

    return in_time(put, &t, seconds, NULL, why);
}
