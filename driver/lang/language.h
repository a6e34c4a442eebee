/* driver/lang/language.h - the words of the annotation language, for its reference.
 *
 * The parser's own tables consist of struct word, and what is printed here comes from them:
 * samples/LANGUAGE.md holds the same rows, and tests/e2e/language.t compares the two. */
#ifndef KS_LANGUAGE_H
#define KS_LANGUAGE_H

struct json_t;

struct word {
    const char *word;
    const char *syntax;  /* how it is written */
    const char *summary; /* what it means, in one line */
};

/* A new array of lists, {list, title, words: [{word, syntax, summary}]}: the clauses (each with
 * `once`), the generators, and what stands inside of clauses and expressions. A list is named after
 * the clause that it belongs to, as far as it belongs to one. */
struct json_t *language_json(void);

#endif
