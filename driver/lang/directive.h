/* driver/lang/directive.h - what a preprocessor line is. */
#ifndef KS_DIRECTIVE_H
#define KS_DIRECTIVE_H

#include "driver/lang/scan.h"

enum directive_kind {
    DIRECTIVE_OTHER, /* line markers, #line, #error, ... */
    DIRECTIVE_IF,    /* #if #ifdef #ifndef */
    DIRECTIVE_ELSE,  /* #else #elif #elifdef #elifndef */
    DIRECTIVE_ENDIF,
    DIRECTIVE_DEFINE,
    DIRECTIVE_INCLUDE,
    DIRECTIVE_PRAGMA,
};

enum directive_kind directive_kind(const struct source *src, const struct token *t);
/* the parts of a #define: its name, its parameters (empty span: none, an object-like macro) and
 * its replacement, from its first token to its last; false for any other line */
bool directive_define(const struct source *src, const struct token *t, struct span *name,
                      struct span *params, struct span *value);

#endif
