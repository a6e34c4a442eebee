/* driver/lang/expr_impl.h - the tree behind expr.h, and its reader. */
#ifndef KS_EXPR_IMPL_H
#define KS_EXPR_IMPL_H

#include "driver/lang/cursor.h"
#include "driver/lang/expr.h"
#include "runtime/base/integer.h"
#include "driver/lang/language.h"

/* the leaves beside the operators of runtime/base/integer.h */
enum { EXPR_NUMBER = INTEGER_OPS, EXPR_NAME };

struct expr {
    unsigned op; /* enum integer_op, or one of those */
    struct span at;
    int64_t value;    /* EXPR_NUMBER */
    const char *name; /* EXPR_NAME */
    struct expr *a, *b, *c;
    unsigned height; /* of the tree: what evaluation needs of the stack */
};

/* what an expression may consist of beside names and numbers; each ends with a word that is NULL */
extern const struct word operator_words[], call_words[], gpu_words[];

/* the expression at the cursor, as far as it goes; NULL, reported, when there is none */
struct expr *expr_parse(struct cursor *c);
/* an integer literal of C++, suffixes and digit separators included: 0, or -1 when it is none or
 * does not fit */
int expr_number(const char *text, size_t len, int64_t *value);

#endif
