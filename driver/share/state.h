/* driver/share/state.h - what the compiles of one build know of a remote together.
 *
 * A build is many processes, and a remote that is down must cost it its deadline once, not once a
 * file. So who has trouble with one leaves word in a small file, and the others go on without it.
 * What that file says holds until ten minutes after the last compile that asked, and for an hour at
 * most: then the build is taken to be over. `ksnvcc doctor` asks at once, and forgets it when the
 * remote answers.
 *
 * The file is $XDG_RUNTIME_DIR/ksearch/remote-HASH.json, HASH being that of the URL without
 * credentials; where there is no such folder, remotes/HASH.json in the cache folder. Where neither
 * can be written, each process knows just what it met itself. */
#ifndef KS_SHARE_STATE_H
#define KS_SHARE_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include "runtime/base/error.h"

enum { STATE_QUIET_SECONDS = 600, STATE_MOST_SECONDS = 3600 };

struct state {
    char *path;  /* NULL: of this process alone */
    json_t *own; /* then: what it met */
};

/* url without credentials; cache_dir may be NULL */
void state_init(struct state *s, const char *cache_dir, const char *url);
void state_release(struct state *s);
/* was it given up, for all requests or for those that write? *why says for what reason */
bool state_is_given_up(struct state *s, bool writing, struct error *why);
/* gives it up, for all requests or just for those that write; true for the first who does */
bool state_give_up(struct state *s, bool only_writing, const char *why);
/* adds seconds that were lost by waiting; those of this build so far */
double state_lose(struct state *s, double seconds);
/* true the first time that this text is said in a build */
bool state_says(struct state *s, const char *text);
void state_forget(struct state *s);

#endif
