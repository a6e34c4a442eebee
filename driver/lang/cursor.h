/* driver/lang/cursor.h - walking over the tokens of an annotation, with errors that say where. */
#ifndef KS_CURSOR_H
#define KS_CURSOR_H

#include "driver/lang/diag.h"
#include "driver/lang/lex.h"
#include "driver/lang/spec.h"

struct cursor {
    struct arena *arena;
    struct diag *diag; /* NULL: errors are only counted */
    const struct source *src;
    const struct token *token; /* TOKEN_END last */
    size_t n, i;               /* token[i] is next */
    unsigned depth, nodes;     /* of nested expressions; of the one being read */
    bool failed;
    bool misread;    /* something else than was expected stood there */
    const char *end; /* what the end of the tokens is called in messages */
};

/* over the tokens of a range; the cursor keeps arena, diag and src */
void cursor_init(struct cursor *c, struct arena *a, struct diag *d, const struct source *src,
                 struct span range);
const struct token *cursor_peek(const struct cursor *c);
/* the token k places further, or the end */
const struct token *cursor_ahead(const struct cursor *c, size_t k);
bool cursor_at_end(const struct cursor *c);
/* is the next token this name or punctuation? "==" and other operators of several bytes match
 * tokens that touch */
bool cursor_is(const struct cursor *c, const char *text);
/* the same k places further, for names and single bytes */
bool cursor_is_ahead(const struct cursor *c, size_t k, const char *text);
/* is there a parenthesis that is closed only where the value ends, so that it holds a list? */
bool cursor_is_tuple(const struct cursor *c);
/* steps over the next token if it is `text` (of one token) */
bool cursor_take(struct cursor *c, const char *text);
/* steps over the next token, never over the end */
const struct token *cursor_next(struct cursor *c);
/* takes `text` or reports "expected 'text', found ..."; false then */
bool cursor_expect(struct cursor *c, const char *text);
/* takes a name and gives it; reports "expected WHAT, found ..." and gives NULL for anything else */
const char *cursor_name(struct cursor *c, const char *what, struct span *at);
/* takes a name like a::b; NULL as above */
const char *cursor_qname(struct cursor *c, const char *what, struct span *at);
/* takes adjacent string literals and gives their contents, escapes replaced; NULL as above */
const char *cursor_string(struct cursor *c, const char *what);
/* reports "expected WHAT, found TOKEN" at the next token; always -1 */
int cursor_expected(struct cursor *c, const char *what);
int cursor_error(struct cursor *c, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* steps over C++ tokens, brackets balanced, up to the `,` or `)` (or `stop`, if not 0) that ends
 * them. The text is what the source has, comments left out and white space made one space. False,
 * reported, when there are none. */
bool cursor_cxx(struct cursor *c, const char *what, char stop, struct cxx *cxx);
/* the same up to the closing parenthesis or the comma that `name =` follows */
bool cursor_cxx_list(struct cursor *c, const char *what, struct cxx *cxx);
/* steps over the rest of the parentheses just entered, and over the closing one */
void cursor_skip_group(struct cursor *c);
/* the source's text of a span, on one line, comments left out */
const char *cursor_text(struct arena *a, const struct source *src, struct span span);

#endif
