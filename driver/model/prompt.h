/* driver/model/prompt.h - the texts that go to a language model.
 *
 * A template is a text file that a person can read and change: driver/model/prompts/NAME.md,
 * carried in the program. A file of the same name in the folder KSEARCH_PROMPTS takes its place. A
 * template has no logic:
 *
 *   {{name}}                      the value; a value that is fenced (see prompt_names) has to stand
 *                                 alone on its line and comes out as a fenced block
 *   {{#name}} ... {{/name}}       what is between is there only when the value is not empty; a line
 *                                 that holds such a mark and nothing else leaves no line
 *
 * A value is never read as a template. Names that the template does not know, and marks that do not
 * match, are errors with file and line. The result is valid UTF-8 whatever the file and the
 * values are.
 *
 * The cards, what a kernel engineer should know of a GPU, are driver/model/cards/sm_NN.md, found
 * and overridden in the same way. */
#ifndef KS_PROMPT_H
#define KS_PROMPT_H

#include <stddef.h>
#include "runtime/base/error.h"

struct prompt_value {
    const char *name;
    const char *text; /* NULL is "" */
};

struct prompt_name { /* a value that a template may use: the tables are in prompt_names.c */
    const char *name;
    const char *fence;   /* NULL: as it is; else fenced as this language */
    const char *meaning; /* what the caller gives for it */
};

/* "coder", "propose", ...; NULL at the end */
extern const char *const prompt_templates[];
/* the values that a template may use, the last has name NULL; NULL: there is no such template */
const struct prompt_name *prompt_names(const char *template_name);

/* The filled-in template; free() it. A name without a value, or with an empty one, is empty; a
 * value whose name the template may not use is an error too. NULL with *err */
char *prompt_render(const char *template_name, const struct prompt_value *values, size_t n,
                    struct error *err);

/* The card of the architecture, else of the next lower one with the same instructions, else the
 * generic one; free() it. NULL with *err only when a file of KSEARCH_PROMPTS cannot be read */
char *prompt_card(int major, int minor, struct error *err);

#endif
