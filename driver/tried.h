/* driver/tried.h - what searches of an entry tried, in the cache folder, for the next one.
 *
 * One file an entry, tried/HASH.json, with HASH made of the names of its file and of the entry, so
 * that it is found again when the code was edited; what is in it: driver/search/recall.h. Of two
 * searches that end at once the later one's is kept. */
#ifndef KS_TRIED_H
#define KS_TRIED_H

#include <jansson.h>

/* a new array; NULL: nothing is known. cache_dir may be NULL */
json_t *tried_read(const char *cache_dir, const char *file, const char *entry);
/* puts the records of a search in front; silent when it cannot be written: the next search starts
 * with less */
void tried_write(const char *cache_dir, const char *file, const char *entry, const json_t *made);

#endif
