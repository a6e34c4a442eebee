/* cache/manifest.h - what an object was made of, so that a later compile can tell that it would
 * make the same.
 *
 * Files with a hash of what is in them, and folders with the names in them that matter: a new
 * header in a folder that is searched earlier takes the place of another one, and __has_include
 * asks for files that are not there. A file whose identity (size, times, inode) is what it was need
 * not be read again, if it had rested before it was read; on file systems that other machines write
 * to, files are always read. */
#ifndef KS_MANIFEST_H
#define KS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "cache/hash.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct identity { /* of a file or folder; a changed one has another */
    uint64_t inode, size;
    int64_t mtime_s, mtime_ns, ctime_s, ctime_ns;
};

struct manifest_item {
    const char *path;
    struct identity id;
    bool there;
    bool settled;     /* the same identity means the same content */
    struct hash hash; /* of its bytes; of a folder: of the names in it that matter */
};

struct manifest {
    struct arena *arena;
    struct timespec started; /* of the compile, by manifest_now */
    const char *memo_dir;    /* where hashes of large files are remembered; NULL: nowhere */
    struct manifest_item *files, *folders;
    size_t nfiles, nfolders;
    const char **names; /* that matter in folders, sorted once the folders are there */
    size_t nnames;
    bool every_name;   /* any name may matter */
    bool exact_times;  /* the object holds its sources' times (-lineinfo) */
    struct hash *keys; /* of the records that its winners were looked up by */
    size_t nkeys;
    struct hash stamp; /* of what was on file under these keys */
    bool renewed;      /* manifest_holds found identities that changed, and content that did not */
};

void manifest_init(struct manifest *m, struct arena *a, const char *memo_dir);
/* by the clock that files' times are taken from */
struct timespec manifest_now(void);
/* Adds a file, which may be missing: then it must not appear. `text`, unless NULL, gets its bytes.
 * -1 when it cannot be read, or may have been written after `started`: what the compiler read may
 * then be something else */
int manifest_file(struct manifest *m, const char *path, struct buf *text, struct error *err);
/* the same of a program: large ones are hashed once */
int manifest_program(struct manifest *m, const char *path, struct error *err);
/* a name that matters, of a file or folder: "cub/cub.cuh" is two */
void manifest_name(struct manifest *m, const char *path);
/* Adds the folders, those of the files, and those below them that a name leads to. The files' names
 * matter, and with them all must be known before. -1 when there are too many */
int manifest_folders(struct manifest *m, const char *const *folders, struct error *err);
/* is all as it was? *changed names what is not */
bool manifest_holds(struct manifest *m, const char **changed);

void manifest_encode(const struct manifest *m, struct buf *out);
/* the bytes must live as long as m; -1 when they are none */
int manifest_decode(struct manifest *m, struct arena *a, const void *bytes, size_t n);

#endif
