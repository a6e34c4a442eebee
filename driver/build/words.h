/* driver/build/words.h - text cut into words, the ways nvcc and the shell do it. */
#ifndef KS_WORDS_H
#define KS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

struct words {
    const char **word; /* NULL-terminated once words_end() was called */
    size_t n;
};

void words_add(struct arena *a, struct words *w, const char *word);
/* all of a list that NULL ends */
void words_all(struct arena *a, struct words *w, const char *const *list);
const char *const *words_end(struct arena *a, struct words *w);
/* a list without one of its words; NULL when it is not among them */
const char *const *words_without(struct arena *a, const char *const *list, const char *word);
/* text of NVCC_PREPEND_FLAGS and NVCC_APPEND_FLAGS (quotes stay in the words), or of an options
 * file (they do not): double quotes hold blanks together, nothing else does. -1 on an open quote */
int words_split(struct arena *a, const char *text, bool keep_quotes, struct words *out,
                struct error *err);
/* one simple shell command: quotes, backslashes and $NAME (from env) as sh has them. -1 on anything
 * more. With env NULL all else is text, as in the commands of a compile_commands.json */
int words_shell(struct arena *a, const char *line, const struct words *env, struct words *out,
                struct error *err);
/* "a,b\,c" -> {"a", "b,c"}; a comma between double quotes does not part, and the quotes stay */
void words_list(struct arena *a, const char *text, struct words *out);
/* puts NAME=value into such a list, in the place of one that it has */
void words_setenv(struct arena *a, struct words *env, const char *line);
/* our environment with NAME=value in it */
const char *const *words_environ(struct arena *a, const char *line);

#endif
