/* driver/learned.h - what searches leave for later ones, each a JSON file in the cache folder
 * (priors.h, tried.h, lessons.h). Nothing depends on it: what cannot be read is as if it were not
 * there, and what cannot be written is lost to the next search. */
#ifndef KS_LEARNED_H
#define KS_LEARNED_H

#include <jansson.h>

/* The file NAME ("tried/5f3a.json") of the folder, a new object; NULL: there is none, or it is
 * none. cache_dir may be NULL */
json_t *learned_read(const char *cache_dir, const char *name);
/* the same of an array with something in it */
json_t *learned_array(const char *cache_dir, const char *name);
/* writes it whole, in the place of what is there; flags: json_dumps' */
void learned_write(const char *cache_dir, const char *name, const json_t *value, size_t flags);

#endif
