/* driver/lessons.h - what searches on this machine say of spaces that nobody searched yet, in the
 * cache folder.
 *
 * One file, lessons.json; what is in it: driver/search/teach.h. Of two searches that end at once
 * the later one's is kept. */
#ifndef KS_LESSONS_H
#define KS_LESSONS_H

#include <jansson.h>

/* a new array; NULL: there is none. cache_dir may be NULL */
json_t *lessons_read(const char *cache_dir);
/* puts those of a search in front; silent when it cannot be written: the next search knows less */
void lessons_write(const char *cache_dir, const json_t *made);

#endif
