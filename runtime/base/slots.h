/* runtime/base/slots.h - a number of slots that all processes of a user share.
 *
 * Slot i is a lock on byte i of <dir>/ksearch-jobs-<uid>, dir being $KSEARCH_LOCK_DIR or /tmp: the
 * kernel drops it with the process that holds it, however that ends. */
#ifndef KS_SLOTS_H
#define KS_SLOTS_H

#include "runtime/base/error.h"

#define SLOTS_MOST 1024

struct slots;

/* NULL with *err: the file cannot be made, or is another user's */
struct slots *slots_open(struct error *err);
/* One of the slots below `most`, without waiting, to be given back; -1: all of them are taken */
int slots_take(struct slots *s, int most);
void slots_give(struct slots *s, int slot);
void slots_close(struct slots *s); /* and gives back what is held; NULL is fine */

#endif
