/* cache/lmdb_child.h - LMDB in a process of its own, for whatever is kept in it.
 *
 * LMDB trusts its pages. A file with a flipped bit or cut short makes it read outside its map, walk
 * in circles or fail an assertion; a writer that was stopped (SIGSTOP) holds its lock for ever. So
 * every call of it is made in a child, under an alarm, and all of that is an error with a reason.
 * Neither does anything of an environment stay open in a process that goes on to fork compilers.
 *
 * A message between the two is one byte of kind, the length in four bytes of this machine's order,
 * and that many bytes. Kinds that everybody sends:
 *
 *     'd'  done: an int, the result of the call
 *     'e'  the text of an error; 'n' likewise, where it is that the folder is of a later version;
 *          'x' likewise, where the database is damaged */
#ifndef KS_LMDB_CHILD_H
#define KS_LMDB_CHILD_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct child {
    const char *what, *dir; /* for messages: "the cache" */
    const char *advice;     /* behind those of damage: "; remove the folder" */
    unsigned seconds;       /* until an alarm ends it; it may set it again */
    bool lasting; /* it lives beside its parent: no signal of the terminal is for it, and nothing of
                     the parent's stays open in it. It ends when its parent does */
    int keeps;    /* but for this: a lock for as long as one of the two lives; 0, -1: none */
    pid_t pid;    /* 0: there is none */
    int fd;       /* the parent's end of the line */
    bool timed_out; /* the alarm ended it, as child_fate found */
};

/* forks; `work` gets the child's end of the line, and the child ends when it returns */
int child_start(struct child *c, void (*work)(int fd, void *arg), void *arg, struct error *err);
/* hangs up and waits until it has ended; nothing when there is none */
void child_end(struct child *c);
/* the same for a child that did not answer: -1, and why in *err */
int child_fate(struct child *c, struct error *err);

/* false when nobody listens */
bool child_send(int fd, char kind, const void *bytes, size_t n);
/* false at the end of the stream, or when there is more than b may hold; b is never without data */
bool child_receive(int fd, char *kind, struct buf *b);

/* ---- in the child: 0, or an error of LMDB or errno ---- */

/* opens the environment in dir; an assertion of LMDB's is told as damage. With
 * less address space where there is a limit, without a lock where a reader may not write it */
int lmdb_open(const char *dir, size_t map, unsigned flags, int fd, MDB_env **env);
int lmdb_begin(MDB_env *env, unsigned flags, MDB_txn **txn);
/* twice the map: after MDB_MAP_FULL, with no transaction open */
int lmdb_grow(MDB_env *env);
/* tells the parent what failed; returns -1 */
int lmdb_fail(int fd, const char *doing, int rc);
/* 0 when the database `meta` says that schema, LMDB_OLDER an earlier one, MDB_NOTFOUND when it says
 * nothing, -1 after telling */
enum { LMDB_OLDER = 1 };
int lmdb_schema(int fd, MDB_txn *txn, MDB_dbi meta, int schema);
int lmdb_set_schema(MDB_txn *txn, MDB_dbi meta, int schema);
/* no database yet: there is nothing to read, and a reader must not make one */
bool lmdb_is_empty(const char *dir);
/* LMDB must not be used there: a file system of several machines (its lock and its map are this
 * machine's), by statfs; KSEARCH_CACHE_FILES=1 or 0 decides where that cannot tell */
bool lmdb_is_unsuited(const char *dir);

#endif
