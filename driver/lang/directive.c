#include "driver/lang/directive.h"

#include "driver/lang/lex.h"

enum directive_kind directive_kind(const struct source *src, const struct token *t)
{
    static const struct {
        const char *word;
        enum directive_kind kind;
    } WORDS[] = {
        {"if", DIRECTIVE_IF},           {"ifdef", DIRECTIVE_IF},      {"ifndef", DIRECTIVE_IF},
        {"else", DIRECTIVE_ELSE},       {"elif", DIRECTIVE_ELSE},     {"elifdef", DIRECTIVE_ELSE},
        {"elifndef", DIRECTIVE_ELSE},   {"endif", DIRECTIVE_ENDIF},   {"define", DIRECTIVE_DEFINE},
        {"include", DIRECTIVE_INCLUDE}, {"pragma", DIRECTIVE_PRAGMA},
    };
    struct lexer l;
    struct token word;

    if (t->kind != TOKEN_DIRECTIVE)
        return DIRECTIVE_OTHER;
    lexer_init(&l, src, t->span, true);
    lexer_next(&l); /* # */
    word = lexer_next(&l);
    if (word.kind != TOKEN_NAME)
        return DIRECTIVE_OTHER;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (lex_is(src, &word, WORDS[i].word))
            return WORDS[i].kind;
    return DIRECTIVE_OTHER;
}

bool directive_define(const struct source *src, const struct token *t, struct span *name,
                      struct span *params, struct span *value)
{
    struct lexer l;
    struct token part;

    if (directive_kind(src, t) != DIRECTIVE_DEFINE)
        return false;
    lexer_init(&l, src, t->span, true);
    lexer_next(&l); /* # */
    lexer_next(&l); /* define */
    part = lexer_next(&l);
    if (part.kind != TOKEN_NAME)
        return false;
    *name = part.span;
    *params = *value = (struct span){part.span.end, part.span.end};
    part = lexer_next(&l);
    if (lex_punct(src, &part, '(') && part.span.at == name->end) {
        while (part.kind != TOKEN_END && !lex_punct(src, &part, ')'))
            part = lexer_next(&l);
        params->end = part.span.end;
        part = lexer_next(&l);
    }
    for (*value = (struct span){part.span.at, part.span.at}; part.kind != TOKEN_END;
         part = lexer_next(&l))
        value->end = part.span.end;
    return true;
}
