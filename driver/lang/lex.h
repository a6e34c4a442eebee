/* driver/lang/lex.h - one token after another from a range of a source.
 *
 * Two ways of reading: a file, where preprocessor lines and annotations are tokens of their own;
 * and the inside of an annotation or a directive (`inside`), where everything is an ordinary token.
 */
#ifndef KS_LEX_H
#define KS_LEX_H

#include "driver/lang/scan.h"

struct lexer {
    const struct source *src;
    size_t at, end; /* what is still to be read */
    bool inside;
    bool line_start; /* nothing but white space and comments since the last newline */
};

void lexer_init(struct lexer *l, const struct source *src, struct span range, bool inside);
/* the next token; TOKEN_END, empty and at the range's end, when there is none. depth_if is left 0
 */
struct token lexer_next(struct lexer *l);
/* the tokens of a range read from inside, TOKEN_END last */
struct token *lexer_all(struct arena *a, const struct source *src, struct span range, size_t *n);

/* is the token's text `text`? */
bool lex_is(const struct source *src, const struct token *t, const char *text);
/* is the token a single byte of punctuation, c? */
bool lex_punct(const struct source *src, const struct token *t, char c);
/* the place behind "#pragma ksearch" or "KSEARCH(", and before that one's ")", of an annotation */
struct span lex_annotation_body(const struct source *src, const struct token *t);

#endif
