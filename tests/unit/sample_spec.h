/* tests/unit/sample_spec.h - a spec with tunables and constraints, made from a line of text:
 *
 *     "BM = 32 64* 128; BN = 1..16 | BM * BN <= 1024, BM % BN == 0"
 *
 * Values are listed, with a star behind the one in the code (else the first is), or A..B. What is
 * behind the bar are where() expressions. */
#ifndef KS_TEST_SAMPLE_SPEC_H
#define KS_TEST_SAMPLE_SPEC_H

#include <ctype.h>
#include "driver/lang/cursor.h"
#include "driver/lang/expr_impl.h"
#include "driver/lang/spec.h"
#include "runtime/base/arena.h"
#include "tests/unit/check.h"

struct sample_spec {
    struct arena *arena;
    struct diag diag;
    struct file file;
    struct spec spec;
};

static inline char *sample_values(struct sample_spec *x, struct tunable *t, char *p)
{
    while (*p && *p != ';' && *p != '|') {
        long long first, last;
        if (isspace((unsigned char)*p)) {
            p++;
            continue;
        }
        first = last = strtoll(p, &p, 10);
        if (strncmp(p, "..", 2) == 0)
            last = strtoll(p + 2, &p, 10);
        for (uint64_t i = 0; i <= (uint64_t)(last - first); i++) {
            int64_t *value = arena_push(x->arena, t->values, t->nvalues);
            *value = first + (long long)i;
        }
        if (*p == '*') {
            t->def = t->nvalues - 1;
            p++;
        }
    }
    return p;
}

static inline void sample_wheres(struct sample_spec *x, size_t at)
{
    struct cursor c;

    cursor_init(&c, x->arena, &x->diag, x->file.src, (struct span){at, x->file.src->len});
    while (!cursor_at_end(&c)) {
        struct expr *e = expr_parse(&c);
        struct constraint *w;
        assert_non_null(e);
        w = arena_push(x->arena, x->spec.wheres, x->spec.nwheres);
        w->expr = e;
        w->at = expr_span(e);
        w->text = source_copy(x->arena, x->file.src, w->at);
        cursor_take(&c, ",");
    }
}

static inline struct sample_spec *sample_spec_new(const char *line)
{
    struct arena *a = arena_new();
    struct sample_spec *x = arena_alloc(a, sizeof *x);
    char *text = arena_dup(a, line), *p = text;

    x->arena = a;
    diag_init(&x->diag, a);
    x->file.arena = a;
    x->file.src = source_wrap(a, "spec", text, strlen(text));
    x->spec.file = &x->file;
    while (*p && *p != '|') {
        struct tunable *t = arena_push(a, x->spec.tunables, x->spec.ntunables);
        size_t n;
        p += strspn(p, "; ");
        n = strcspn(p, " =");
        t->name = arena_copy(a, p, n);
        p = strchr(p, '=') + 1;
        p = sample_values(x, t, p);
    }
    if (*p == '|')
        sample_wheres(x, (size_t)(p + 1 - text));
    return x;
}

static inline void sample_spec_free(struct sample_spec *x)
{
    arena_free(x->arena);
}

#endif
