/* runtime/worker/replay.h - answers on file: recorded on a GPU, handed out without one.
 *
 * A line of a recording is {"key": K, "reply": R}. K names what was asked so that another search
 * finds it, whatever ids its engine gives: the entry, the op, the point's label, and the variant by
 * its tunables ("original" for variant 0). A check's key has the labels of all its points, and its
 * line the label of the one that failed. */
#ifndef KS_REPLAY_H
#define KS_REPLAY_H

#include <jansson.h>
#include "runtime/base/error.h"

/* what the ids of a conversation stand for */
struct names {
    json_t *entry;    /* string, or NULL */
    json_t *points;   /* "id": label */
    json_t *variants; /* "id": tunables */
};

void names_init(struct names *n);
void names_release(struct names *n);
/* learns from an open, point or variant request; before it is answered */
void names_note(struct names *n, const json_t *request);

/* appends what was answered to the file, when it is of the kind that is recorded */
int record_append(const char *path, const struct names *n, const json_t *request,
                  const json_t *reply, struct error *err);

struct replay;

/* reads a recording; NULL when it is none */
struct replay *replay_open(const char *path, struct error *err);
void replay_close(struct replay *p);
/* the answer to a request; a new reference */
json_t *replay_answer(struct replay *p, const struct names *n, const json_t *request);

#endif
