/* driver/search/teach.h - what searches of any entry say of another one's space, for the tuners of
 * this search: lessons (tune_lesson.h), an array of them, newest first. */
#ifndef KS_TEACH_H
#define KS_TEACH_H

#include <jansson.h>

struct form;
struct search;

/* gives the tuner of a new form all lessons there are */
void teach_form(struct search *s, struct form *f);
/* what this search says of others, a lesson a form: a new array */
json_t *teach_made(const struct search *s);
/* puts lessons before older ones, which they take the place of where they have the same name: a new
 * array. The oldest go */
json_t *teach_merged(const json_t *made, const json_t *older);
void teach_release(struct search *s);

#endif
