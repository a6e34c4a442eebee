/* runtime/base/fs.h - files and folders, whole. */
#ifndef KS_FS_H
#define KS_FS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct error;

/* appends the whole file to b; -1 also when it is larger than b's limit */
int fs_read(const char *path, struct buf *b, struct error *err);
/* the rest of an open file; path is for messages */
int fs_read_fd(int fd, const char *path, struct buf *b, struct error *err);
/* writes through a temporary beside path and renames it, so that path is always old or new */
int fs_write(const char *path, const void *bytes, size_t n, struct error *err);
/* the same with one piece behind the other: a header, and what it is the header of */
int fs_write_two(const char *path, const void *first, size_t nfirst, const void *second,
                 size_t nsecond, struct error *err);
/* creates the folder and its parents (0777 & ~umask) */
int fs_mkdirs(const char *path, struct error *err);
/* Makes a folder of this process under $TMPDIR or /tmp, with one hidden file in it; returns its
 * path (free() it). Those of the same prefix whose process was killed are removed */
char *fs_tempdir(const char *prefix, struct error *err);
/* removes a folder and all in it; silent, best effort */
void fs_remove(const char *path);
bool fs_exists(const char *path);
/* on a file system that other machines may write to, by statfs */
bool fs_is_remote(const char *path);
bool fs_is_program(const char *path); /* a regular file that we may execute */
/* the first program of this name in PATH that is not the file `not_this` (may be NULL), compared
 * by device and inode; free() it; NULL when there is none */
char *fs_which(const char *name, const char *not_this);
/* path of a program beside or under this program's folder: exe/../REL; free() it */
char *fs_beside_self(const char *rel);
/* the text behind the last '/', and the text before it ("." when there is none; free() it) */
const char *fs_base(const char *path);
char *fs_dir(const char *path);
/* by its name, is the file in the folder, at whatever depth? */
bool fs_is_below(const char *path, const char *folder);

#endif
