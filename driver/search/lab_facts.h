/* driver/search/lab_facts.h - what the parts of a lab share: facts, steps, and the compilers.
 *
 * For lab.c, lab_measure.c and lab_events.c alone; a search sees lab.h. */
#ifndef KS_LAB_FACTS_H
#define KS_LAB_FACTS_H

#include "driver/search/search.h"

#define LAB_WAIT_MS 50

/* a fact that is there already: of this run, the journal or the recording; NULL: there is none */
const json_t *lab_known(const struct lab *l, const char *name);
/* into the journal, where it is on disk with the next step or sync; takes the reference */
const json_t *lab_keep(struct lab *l, const char *name, json_t *fact);
/* the name of the fact that came next when this search ran before; NULL: it has not come so far */
const char *lab_expected(const struct lab *l, double *seconds);
/* what was kept is on disk: before anything that takes long, or that could end the search */
void lab_sync(struct lab *l);
/* the search takes a fact, which the journal has from here on, and the disk in a moment: the clock
 * moves */
void lab_step(struct lab *l, const char *name, const json_t *fact);

/* a measurement, or anything else that is there when it is asked for. NULL: we are being stopped */
typedef json_t *lab_make(struct search *s, void *arg);
/* that fact, made and kept where it is not known; NULL: the search is lost */
const json_t *lab_fact(struct search *s, const char *name, lab_make *make, void *arg);

/* One that a search can do without, and that others do not have: NULL where it was not taken when
 * this search ran before, or is not in the recording */
const json_t *lab_optional(struct search *s, const char *name, lab_make *make, void *arg);

/* the first digits of a hash, as names have them */
char *lab_hex(struct search *s, const struct hash *h);
/* {"BLOCK": 256, ...}: a new object */
json_t *lab_values(const struct search *s, const struct trial *x);

/* the code as it is may be beyond a limit: only what would take its place must not be */
bool lab_is_limited(const struct search *s, const struct trial *x);
/* has the tuners think, where that is left to do */
void lab_think(struct search *s);
/* is there nothing compiled that could be measured next? */
bool lab_starves(const struct search *s);
/* queues a trial for a compiler, once */
void lab_compile(struct search *s, struct trial *x);
/* waits until its compile is over; false: we are being stopped */
bool lab_built(struct search *s, struct trial *x);
/* the cubin of the user's text without structures: what is in it a structure's may have too. Empty
 * where there is none */
const struct buf *lab_plain(struct search *s);

#endif
