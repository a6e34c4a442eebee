/* cache/journal.h - everything a search learned from outside: replies, builds, measurements.
 *
 * A search is a program whose every step follows from its inputs and from what came back from
 * outside. So its journal holds just what came back, and a search that was cut off is run again
 * from the start: what is in the journal is not asked, compiled or measured a second time. Two
 * tables:
 *
 *   facts   name -> JSON. Written before anything depends on it; a name is written once,
 *           but for views of what there is, which take the place of the one before. Names
 * begin with their kind: "reply/HASH/0", "build/VARIANT". steps   0, 1, 2...: the names of the
 * facts in the order in which the search took them, with the search's clock then. What is
 * asynchronous (which reply or compile came first) is decided by this order when the search is run
 * again.
 *
 * A write is a transaction, and waits for the disk: what belongs together is put together and
 * written at once, by a step or a sync.
 *
 * A journal is one LMDB environment in a folder of its own, synced at each write; where LMDB must
 * not be used (cache/lmdb_child.h), one file that is only appended to. The database is held open by
 * a child process (a damaged or truncated map raises SIGBUS), so a broken disk costs the journal
 * and never the search: calls fail with *err, and the caller goes on without. What is damaged is
 * left out with a warning when it is opened, and with a fact the steps from it on. One process
 * holds a journal at a time (flock); any number may read beside it. */
#ifndef KS_JOURNAL_H
#define KS_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/error.h"

struct journal;

enum journal_mode {
    JOURNAL_WRITE, /* made if it is not there; goes on where it ended */
    JOURNAL_READ,  /* looks at it, also while another process writes */
};

struct journal_step {
    double seconds;   /* the search's clock: time spent searching, without what lay between runs */
    const char *name; /* of a fact; lives as long as the journal */
};

/* the folder of run NAME: DIR/runs/NAME of the cache folder; free() it */
char *journal_path(const char *cache_dir, const char *run);
/* NULL with *err; *busy (may be NULL) when another process holds it */
struct journal *journal_open(const char *path, enum journal_mode mode, bool *busy,
                             struct error *err);
/* whether a process has it open for writing now */
bool journal_is_held(const char *path);
/* a journal in memory, of what journal_export wrote: reading works on it as on any other; facts put
 * into it are not kept anywhere */
struct journal *journal_import(const char *file, struct error *err);
/* syncs; NULL is fine */
void journal_close(struct journal *j);

/* the fact of that name, borrowed: valid until the journal is closed or it is replaced; NULL when
 * there is none */
const json_t *journal_fact(const struct journal *j, const char *name);
/* Keeps a fact: on disk, all or none, with the next step or sync that succeeds. The caller's
 * reference goes to the journal, also on failure, so `fact` may be what json_pack returned. A name
 * that is there already keeps its first fact */
int journal_put(struct journal *j, const char *name, json_t *fact, struct error *err);
/* the same, in the place of the fact of that name: for a view of the search, which nothing of it
 * depends on and no step names */
int journal_replace(struct journal *j, const char *name, json_t *fact, struct error *err);
/* Appends a step; the fact must be there. What was put is on disk with it when it returns 0. After
 * one that failed all others do: a search that is run again would be led astray by steps with one
 * missing between them */
int journal_step(struct journal *j, double seconds, const char *name, struct error *err);
/* The same, but does not wait for the disk, so that a measurement need not: the child that writes
 * has it, and writes it also when we are killed now. That it could not be written the next call
 * says. After a loss of power the last of such steps may be missing, with its facts; none between
 * others is */
int journal_post(struct journal *j, double seconds, const char *name, struct error *err);
/* what was put is on disk when it returns 0, which costs nothing where it is already */
int journal_sync(struct journal *j, struct error *err);
size_t journal_steps(const struct journal *j);
struct journal_step journal_step_at(const struct journal *j, size_t i);
/* calls visit for each fact whose name begins with prefix, in the order of names */
void journal_each(const struct journal *j, const char *prefix,
                  void (*visit)(void *arg, const char *name, const json_t *fact), void *arg);
/* Everything as one file, by rename: lines of JSON, compressed with zstd. Floats keep 6 digits when
 * `compact` is set, which recordings that are shipped are. */
int journal_export(const struct journal *j, const char *file, bool compact, struct error *err);
/* names of the runs in a cache folder, newest first: an array of strings, ended by NULL; free()
 * each and the array */
char **journal_runs(const char *cache_dir);

#endif
