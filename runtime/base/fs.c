/* runtime/base/fs.c
 *
 * A file is read and written whole. Writing goes through a temporary beside the target, made with
 * the mode the target has (or the umask gives), so that a reader sees the old file or the new one
 * and permissions survive. What is not a regular file (/dev/null, a pipe) is written in place. */
#include "runtime/base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/log.h"

enum { CHUNK = 64 * 1024, OPEN_DIRS = 16, TEMPDIR_YOUNG_S = 60 };

static char *string_join(const char *a, const char *b, const char *c)
{
    char *s = NULL;

    if (asprintf(&s, "%s%s%s", a, b, c) < 0)
        fatal("out of memory");
    return s;
}

int fs_read_fd(int fd, const char *path, struct buf *b, struct error *err)
{
    char chunk[CHUNK];
    ssize_t n;

    for (;;) {
        n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, "cannot read %s", path);
        buf_add(b, chunk, (size_t)n);
        if (b->full)
            return error_set(err, "cannot read %s: it is larger than %zu bytes", path, b->limit);
        if (n == 0)
            return 0;
    }
}

int fs_read(const char *path, struct buf *b, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return error_errno(err, "cannot read %s", path);
    rc = fs_read_fd(fd, path, b, err);
    close(fd);
    return rc;
}

static int write_all(int fd, const char *path, const char *bytes, size_t n, struct error *err)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return error_errno(err, "cannot write %s", path);
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

struct content { /* of a file: two pieces, the second often empty */
    const void *first, *second;
    size_t nfirst, nsecond;
};

/* a write may be reported only when the file is closed (NFS, a full disk) */
static int write_and_close(int fd, const char *path, const struct content *c, struct error *err)
{
    int rc = write_all(fd, path, c->first, c->nfirst, err);

    if (rc == 0)
        rc = write_all(fd, path, c->second, c->nsecond, err);
    if (close(fd) < 0 && rc == 0)
        rc = error_errno(err, "cannot write %s", path);
    return rc;
}

/* opens a new file beside path, with a name that no other process or call uses */
static int open_beside(const char *path, char **name)
{
    static unsigned serial;
    int fd;

    for (int tries = 0; tries < 100; tries++) {
        if (asprintf(name, "%s.%ld-%u.tmp", path, (long)getpid(), serial++) < 0)
            fatal("out of memory");
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
        free(*name);
        *name = NULL;
    }
    return -1;
}

static int write_by_rename(const char *path, const struct stat *old, const struct content *c,
                           struct error *err)
{
    char *temp = NULL;
    int rc = -1, fd = open_beside(path, &temp);

    if (fd < 0) {
        error_errno(err, "cannot write %s", path);
        goto out;
    }
    if (old && fchmod(fd, old->st_mode & 07777) < 0)
        log_debug("the mode of %s is not kept: %s", path, strerror(errno));
    rc = write_and_close(fd, path, c, err);
    if (rc == 0 && rename(temp, path) < 0)
        rc = error_errno(err, "cannot write %s", path);
    if (rc < 0)
        unlink(temp);
out:
    free(temp);
    return rc;
}

static int write_content(const char *path, const struct content *c, struct error *err)
{
    struct stat st;
    char *real;
    int fd, rc;

    if (stat(path, &st) < 0)
        return write_by_rename(path, NULL, c, err);
    if (!S_ISREG(st.st_mode)) {
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return error_errno(err, "cannot write %s", path);
        return write_and_close(fd, path, c, err);
    }
    real = realpath(path, NULL); /* a symbolic link stays one: its target is replaced */
    rc = write_by_rename(real ? real : path, &st, c, err);
    free(real);
    return rc;
}

int fs_write(const char *path, const void *bytes, size_t n, struct error *err)
{
    return write_content(path, &(struct content){bytes, NULL, n, 0}, err);
}

int fs_write_two(const char *path, const void *first, size_t nfirst, const void *second,
                 size_t nsecond, struct error *err)
{
    return write_content(path, &(struct content){first, second, nfirst, nsecond}, err);
}

static int make_one(const char *path, struct error *err)
{
    struct stat st;
    int saved;

    if (mkdir(path, 0777) == 0)
        return 0;
    saved = errno; /* a file system may say EROFS or EACCES of a folder that is there */
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    errno = saved == EEXIST ? ENOTDIR : saved;
    return error_errno(err, "cannot make the folder %s", path);
}

int fs_mkdirs(const char *path, struct error *err)
{
    char *copy = string_join(path, "", "");
    int rc = 0;

    for (char *p = copy + 1; *copy && *p && rc == 0; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        rc = make_one(copy, err);
        *p = '/';
    }
    if (rc == 0)
        rc = make_one(copy, err);
    free(copy);
    return rc;
}

/* ---- temporary folders: whose process is gone goes too ---- */

#define IN_USE ".in-use" /* in each of them; locked as long as its process lives */

/* a descriptor of the folder's file with the lock on it; -1 when somebody else has it */
static int tempdir_lock(const char *path)
{
    char *file = string_join(path, "/", IN_USE);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    free(file);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* not so young that its process may just be about to lock it */
static bool tempdir_is_old(const struct stat *st)
{
    return time(NULL) - st->st_mtime > TEMPDIR_YOUNG_S;
}

/* removes one of ours that a killed process left; without its file it was killed before it put
 * anything into it */
static void tempdir_sweep_one(const char *path)
{
    struct stat folder, mark;
    char *file = string_join(path, "/", IN_USE);
    bool ours = lstat(path, &folder) == 0 && S_ISDIR(folder.st_mode) && folder.st_uid == getuid();
    bool marked = ours && lstat(file, &mark) == 0;
    int fd = marked && tempdir_is_old(&mark) ? tempdir_lock(path) : -1;

    free(file);
    if (fd >= 0) {
        fs_remove(path);
        close(fd);
    } else if (ours && !marked && tempdir_is_old(&folder)) {
        rmdir(path); /* only if it is empty */
    }
}

/* removes what killed processes left */
static void tempdir_sweep(const char *base, const char *prefix)
{
    DIR *dir = opendir(base);
    struct dirent *e;
    size_t n = strlen(prefix);

    while (dir && (e = readdir(dir))) {
        if (strncmp(e->d_name, prefix, n) != 0 || strlen(e->d_name) != n + strlen("XXXXXX"))
            continue;
        char *path = string_join(base, "/", e->d_name);
        tempdir_sweep_one(path);
        free(path);
    }
    if (dir)
        closedir(dir);
}

char *fs_tempdir(const char *prefix, struct error *err)
{
    const char *base = getenv("TMPDIR");
    char *path, *tail;

    if (!base || !*base)
        base = "/tmp";
    tempdir_sweep(base, prefix);
    tail = string_join("/", prefix, "XXXXXX");
    path = string_join(base, tail, "");
    free(tail);
    if (!mkdtemp(path)) {
        error_errno(err, "cannot make a temporary folder under %s", base);
        free(path);
        return NULL;
    }
    tempdir_lock(path); /* stays open until the process ends */
    return path;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)at;
    if (kind == FTW_DNR)
        return 0;
    remove(path);
    return 0;
}

void fs_remove(const char *path)
{
    nftw(path, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

bool fs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool fs_is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool same_file(const char *a, const char *b)
{
    struct stat sa, sb;

    return b && stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

char *fs_which(const char *name, const char *not_this)
{
    const char *path = getenv("PATH"), *end;
    char *candidate;
    size_t room;

    if (!*name)
        return NULL;
    if (strchr(name, '/'))
        return fs_is_program(name) && !same_file(name, not_this) ? string_join(name, "", "") : NULL;
    if (!path)
        path = "/usr/local/bin:/usr/bin:/bin";
    room = strlen(path) + strlen(name) + sizeof "./";
    candidate = malloc(room);
    if (!candidate)
        fatal("out of memory");
    for (;; path = end + 1) {
        end = strchrnul(path, ':');
        /* an empty entry is the current folder */
        snprintf(candidate, room, "%.*s/%s", end > path ? (int)(end - path) : 1,
                 end > path ? path : ".", name);
        if (fs_is_program(candidate) && !same_file(candidate, not_this))
            return candidate;
        if (!*end) {
            free(candidate);
            return NULL;
        }
    }
}

char *fs_beside_self(const char *rel)
{
    char self[4096], *dir, *path;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n < 0)
        return NULL;
    self[n] = '\0';
    dir = fs_dir(self);
    path = string_join(dir, "/", rel);
    free(dir);
    return path;
}

const char *fs_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool fs_is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

char *fs_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = NULL;

    if (!slash)
        return string_join(".", "", "");
    if (slash == path) /* the root keeps its name */
        return string_join("/", "", "");
    if (asprintf(&dir, "%.*s", (int)(slash - path), path) < 0)
        fatal("out of memory");
    return dir;
}

bool fs_is_remote(const char *path)
{
    /* f_type of statfs(2); FUSE may be anything, sshfs among it */
    static const unsigned long remote[] = {
        0x6969 /* NFS */,        0x65735546 /* FUSE */, 0xff534d42 /* CIFS */,
        0xfe534d42 /* SMB2 */,   0x517b /* SMB */,      0x01021997 /* 9P */,
        0x00c36400 /* Ceph */,   0x5346414f /* AFS */,  0x6b414653 /* kAFS */,
        0x0bd00bd0 /* Lustre */, 0x47504653 /* GPFS */, 0x19830326 /* BeeGFS */,
        0x7461636f /* OCFS2 */,  0x01161970 /* GFS2 */, 0x73757245 /* Coda */,
        0xaad7aaea /* PanFS */,
    };
    struct statfs fs;

    if (statfs(path, &fs) < 0)
        return false;
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
        if (((unsigned long)fs.f_type & 0xffffffffUL) == remote[i])
            return true;
    }
    return false;
}
