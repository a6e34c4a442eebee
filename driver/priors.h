/* driver/priors.h - what searches on this machine learned about ideas, in the cache folder.
 *
 * One small file, priors.json; what is in it: world_priors() of driver/search/world.h. Of two
 * searches that end at once the later one's is kept: each is as good as the other. */
#ifndef KS_PRIORS_H
#define KS_PRIORS_H

#include <jansson.h>

/* a new object; NULL: nothing is known. cache_dir may be NULL */
json_t *priors_read(const char *cache_dir);
/* silent when it cannot be written: the next search starts with less */
void priors_write(const char *cache_dir, const json_t *priors);

#endif
