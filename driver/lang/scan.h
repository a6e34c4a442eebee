/* driver/lang/scan.h - C++ seen from afar: tokens, annotation lines, namespace-scope declarations.
 *
 * Not a C++ parser: it knows comments, literals (raw strings too), preprocessor lines, brackets and
 * enough of declarations to say where each begins and ends, what name it declares and in which
 * namespace. It reads a user's file and equally the output of `gcc -E`. What it cannot make sense
 * of becomes a DECL_OTHER; it never fails. */
#ifndef KS_SCAN_H
#define KS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include "driver/lang/source.h"

struct arena;

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,   /* identifier or keyword */
    TOKEN_NUMBER, /* preprocessing number */
    TOKEN_STRING, /* with prefix and suffix, raw ones included */
    TOKEN_CHAR,
    TOKEN_PUNCT,      /* one byte, except "::" and "->" */
    TOKEN_DIRECTIVE,  /* a whole preprocessor line, continuations joined in the span */
    TOKEN_ANNOTATION, /* a whole `#pragma ksearch ...` line or `KSEARCH( ... )` */
};

struct token {
    enum token_kind kind;
    struct span span;
    unsigned depth_if; /* number of #if/#ifdef/#ifndef around it, include guard not counted */
};

struct tokens {
    const struct source *src;
    struct token *token; /* the last is TOKEN_END */
    size_t n;
};

enum decl_kind {
    DECL_FUNCTION, /* declaration or definition (then body is not empty) */
    /* constexpr and __constant__ included; one each in `int a = 1, b;`, with the span of the whole
     */
    DECL_VARIABLE,
    DECL_TYPE,       /* class, struct, union, enum */
    DECL_ENUMERATOR, /* one each, of an unscoped enum; span is the enumerator with its value */
    DECL_ALIAS,      /* using X = ..., typedef; value is what it stands for */
    DECL_MACRO,      /* #define; params is empty for one without parameters */
    DECL_OTHER,      /* using namespace, static_assert, explicit instantiation, #pragma, ... */
};

struct decl {
    enum decl_kind kind;
    const char *name; /* unqualified; "" for DECL_OTHER; "operator" for operators */
    struct span span; /* from `template`/attributes/specifiers to `;` or `}` */
    struct span name_at;
    struct span value;   /* initialiser or enumerator's or macro's value, without `=`; else empty */
    struct span params;  /* function: between the parentheses */
    struct span tparams; /* template: between < and >; else empty */
    struct span body;    /* function or type: from { to }; else empty */
    size_t scope;        /* index into decls.scope */
    bool is_template, is_global, is_device, is_host, is_constant, is_static, is_constexpr;
    bool is_inactive;   /* the preprocessor was asked (annotations_probe), and drops it */
    size_t first, last; /* token range [first, last) */
};

struct scope {        /* a namespace as opened somewhere; what classes declare is not looked at */
    const char *name; /* NULL: anonymous */
    bool is_inline, is_class; /* is_class is never set */
    size_t parent;            /* index; the global scope is 0 and its own parent */
    struct span body;
};

struct decls {
    struct decl *decl;
    size_t n;
    struct scope *scope;
    size_t nscopes;
};

struct tokens *scan_tokens(struct arena *a, const struct source *src);
struct decls *scan_decls(struct arena *a, const struct tokens *tokens);
/* is token t the name `word`? */
bool token_is(const struct tokens *tokens, size_t t, const char *word);

#endif
