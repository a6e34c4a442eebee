/* driver/share/remote.h - a place that keeps bytes under keys, and may be down, slow, full or
 * lying.
 *
 * | variable               | what                                                             |
 * | KSEARCH_REMOTE         | http://, https:// or file:/// and a folder there                 |
 * | KSEARCH_REMOTE_MODE    | read-only (the default) or read-write                            |
 * | KSEARCH_REMOTE_TIMEOUT | what a build may lose to it: 5s                                  |
 * | KSEARCH_REMOTE_TOKEN   | sent as "Authorization: Bearer"                                  |
 * | KSEARCH_REMOTE_LOGIN   | "user:password"; else what the URL says, else ~/.netrc           |
 *
 * What lies under a key is at URL/<2 digits>/<62 digits>, which any server of files can give and
 * nginx's WebDAV take; where the URL ends in /ac it is at URL/<64 digits>, as bazel-remote has it.
 *
 * A build loses to a remote at most the timeout: in one request that gets no answer, or little by
 * little, where each takes more than half a second. Then, and when it answers what it should not,
 * it is left alone (driver/share/state.h), and one line says why. */
#ifndef KS_SHARE_REMOTE_H
#define KS_SHARE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include "cache/key.h"
#include "runtime/base/error.h"

struct buf;
struct remote;

enum answer {
    ANSWER_YES,
    ANSWER_NO,      /* nothing is there */
    ANSWER_REFUSED, /* it answered something else */
    ANSWER_LOST,    /* it did not answer in time, or cannot be reached */
};

enum remote_mode { REMOTE_READS, REMOTE_WRITES };

struct remote_about {
    const char *url; /* without credentials */
    enum remote_mode mode;
    bool is_mode_given;
    bool is_open;         /* credentials would be sent unencrypted, and not to this machine */
    const char *has_what; /* "a token", "a login", "": credentials that are known before asking */
};

/* 1 and *r; 0 when KSEARCH_REMOTE is not set; -1 with *err. `asked`: for a command of the user's,
 * who wants to know: what earlier compiles met does not count, and nothing is given up */
int remote_open(const char *cache_dir, bool asked, struct remote **r, struct error *err);
void remote_close(struct remote *r);
void remote_about(const struct remote *r, struct remote_about *about);

/* What lies under the key: 1 and the bytes, 0, or -1 with *err. In a build (not `asked`) what is
 * wrong is also a line of the log, once, and from then on -1 without one */
int remote_get(struct remote *r, const struct key *key, struct buf *bytes, struct error *err);
/* puts it there: 0, or -1 with *err */
int remote_put(struct remote *r, const struct key *key, const void *bytes, size_t n,
               struct error *err);
/* does it answer? 0, or -1 with *err; one that does is no longer left alone */
int remote_look(struct remote *r, struct error *err);
/* leaves it alone from here on: for what it gave was no record of anybody's */
void remote_give_up(struct remote *r, const char *why);
/* a warning, once in a build */
void remote_warn(struct remote *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
