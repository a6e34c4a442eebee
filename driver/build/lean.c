/* driver/build/lean.c
 *
 * A function is emptied only when its declaration says in full that it is for the host: a type and
 * a name, and nothing beside them that might be a macro for __device__ or constexpr. What is missed
 * costs time; what is emptied wrongly, a result. */
#include "driver/build/lean.h"

#include <ctype.h>
#include <string.h>
#include "driver/lang/brackets.h"
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct file_text {
    struct arena *arena;
    const struct uses *uses;
    const struct tokens *tokens;
    const size_t *match; /* brackets_match */
};

static struct file_text read_text(struct arena *a, const struct uses *u)
{
    const struct tokens *tokens = u->file->tokens;
    return (struct file_text){a, u, tokens, brackets_match(a, tokens)};
}

static bool is_at(const struct file_text *x, size_t i, const char *word)
{
    return lex_is(x->tokens->src, &x->tokens->token[i], word);
}

static bool is_one_of(const struct file_text *x, size_t i, const char *const *words)
{
    while (*words && !is_at(x, i, *words))
        words++;
    return *words != NULL;
}

/* the first token of a declaration that stands at or behind a place */
static size_t token_at(const struct file_text *x, const struct decl *d, size_t at)
{
    size_t i = d->first;
    while (i < d->last && x->tokens->token[i].span.at < at)
        i++;
    return i;
}

/* ---- what is for the host alone ---- */

/* a word that says something else than a type, or a macro, by the look of it */
static bool may_be_more(const struct file_text *x, size_t i)
{
    static const char *const words[] = {"auto", "decltype", "constexpr", "consteval", NULL};
    const struct span at = x->tokens->token[i].span;
    bool small = false;

    for (size_t k = at.at; k < at.end; k++)
        small |= islower((unsigned char)x->tokens->src->text[k]) != 0;
    return !small || is_one_of(x, i, words);
}

/* do the tokens name one type, with the words that say how a host function is linked? */
static bool is_type(const struct file_text *x, size_t first, size_t last)
{
    static const char *const beside[] = {"static", "inline",   "extern", "const",    "volatile",
                                         "struct", "class",    "enum",   "typename", "unsigned",
                                         "signed", "__host__", "\"C\"",  "::",       "*",
                                         "&",      NULL};
    static const char *const built_in[] = {"void", "bool",  "char",   "short", "int",
                                           "long", "float", "double", NULL};
    size_t types = 0, built_ins = 0;

    for (size_t i = first; i < last; i++) {
        if (is_at(x, i, "<") && x->match[i])
            i = x->match[i];
        else if (is_one_of(x, i, built_in))
            built_ins++;
        else if (x->tokens->token[i].kind == TOKEN_NAME && !is_one_of(x, i, beside))
            types += may_be_more(x, i) ? 2 : !is_at(x, i + 1, "::");
        else if (!is_one_of(x, i, beside))
            return false;
    }
    return types + (built_ins > 0) == 1;
}

/* is there nothing between the parameters and the body that matters? */
static bool is_plain(const struct file_text *x, size_t first, size_t last)
{
    static const char *const words[] = {"const", "noexcept", "override", "final", NULL};

    while (first < last && is_one_of(x, first, words))
        first++;
    return first == last;
}

static bool is_host(const struct file_text *x, const struct decl *d)
{
    size_t name = token_at(x, d, d->name_at.at), body = token_at(x, d, d->body.at);
    size_t behind = token_at(x, d, d->params.end) + 1;

    return !d->is_device && !d->is_constexpr && is_type(x, d->first, name) &&
           is_plain(x, behind, body);
}

/* ---- emptying ---- */

/* #if and its kin */
static bool is_conditional(const struct file_text *x, size_t i)
{
    enum directive_kind kind = directive_kind(x->tokens->src, &x->tokens->token[i]);

    return kind == DIRECTIVE_IF || kind == DIRECTIVE_ELSE || kind == DIRECTIVE_ENDIF;
}

/* a line for the preprocessor that means nothing behind the body that it is in */
static bool is_local(const struct file_text *x, size_t i)
{
    static const char *const pragmas[] = {"pragma unroll", "pragma nounroll", "pragma omp"};
    const char *p = x->tokens->src->text + x->tokens->token[i].span.at + 1; /* behind its # */

    p += strspn(p, " \t");
    for (size_t k = 0; k < sizeof pragmas / sizeof *pragmas; k++)
        if (strncmp(p, pragmas[k], strlen(pragmas[k])) == 0)
            return true;
    return is_conditional(x, i);
}

/* All that stands there goes, but #if and its kin; where other lines for the preprocessor mean
 * something behind the body, too, nothing does. */
static void empty(const struct file_text *x, const struct decl *d, struct edits *e)
{
    const struct token *token = x->tokens->token;
    size_t first = token_at(x, d, d->body.at + 1), last = token_at(x, d, d->body.end - 1);

    for (size_t i = first; i < last; i++)
        if (token[i].kind == TOKEN_DIRECTIVE && !is_local(x, i))
            return;
    for (size_t i = first; i < last; i++)
        if (token[i].kind != TOKEN_DIRECTIVE || !is_conditional(x, i))
            edits_blank(e, token[i].span);
}

/* `template class X<int>;`, and not of an entry */
static bool is_instantiation(const struct file_text *x, const struct group *g)
{
    const struct file *f = x->uses->file;

    if (!is_at(x, g->first, "template") || is_at(x, g->first + 1, "<"))
        return false;
    for (size_t i = g->first; i < g->last; i++) {
        if (x->tokens->token[i].kind == TOKEN_DIRECTIVE)
            return false;
        for (size_t k = 0; k < f->nspecs; k++)
            if (is_at(x, i, f->specs[k].name))
                return false;
    }
    return true;
}

/* a function that has a body here and no other one elsewhere */
static bool is_function(const struct decl *d)
{
    return d->kind == DECL_FUNCTION && d->body.end > d->body.at && !d->is_template;
}

/* kept, may_go: one flag a group (NULL: all may) */
static void leave_out(const struct file_text *x, const bool *kept, const bool *may_go, bool kernels,
                      struct edits *e)
{
    for (size_t i = 0; i < x->uses->ngroups; i++) {
        const struct group *g = &x->uses->group[i];
        const struct decl *d = uses_decl(x->uses, g, 0);
        if (g->ndecls != 1 || kept[i])
            continue;
        if (d->kind == DECL_OTHER && is_instantiation(x, g))
            edits_blank(e, g->span);
        else if (is_function(d) &&
                 (d->is_global ? kernels : is_host(x, d) && (!may_go || may_go[i])))
            empty(x, d, e);
    }
}

void lean_unit(const struct copy *plan, bool kernels, struct edits *e)
{
    struct file_text x = read_text(plan->arena, plan->uses);

    leave_out(&x, plan->reached, NULL, kernels, e);
}

/* ---- the harness ---- */

static bool launches(const struct file_text *x, const struct group *g)
{
    for (size_t i = g->first; i + 2 < g->last; i++)
        if (is_at(x, i, "<") && is_at(x, i + 1, "<") && is_at(x, i + 2, "<"))
            return true;
    return false;
}

static bool mentions_any(const struct group *g, const bool *ids)
{
    for (size_t i = 0; i < g->nnames; i++)
        if (ids[g->name[i]])
            return true;
    return false;
}

static void mark(const struct uses *u, const char *name, bool *ids)
{
    ids[uses_id(u, name, strlen(name))] = true;
}

/* one flag a group: it launches a kernel, names one, or calls what does */
static bool *starting(const struct file_text *x)
{
    const struct uses *u = x->uses;
    bool *ids = arena_array(x->arena, bool, u->nids + 1);
    bool *starts = arena_array(x->arena, bool, u->ngroups + 1), changed = true;

    mark(u, "cub", ids);
    mark(u, "thrust", ids);
    for (size_t i = 0; i < u->file->decls->n; i++)
        if (u->file->decls->decl[i].is_global)
            mark(u, u->file->decls->decl[i].name, ids);
    ids[u->nids] = false; /* of names that do not occur */
    while (changed) {
        changed = false;
        for (size_t i = 0; i < u->ngroups; i++) {
            const struct group *g = &u->group[i];
            if (starts[i] || (!launches(x, g) && !mentions_any(g, ids)))
                continue;
            changed = starts[i] = true;
            for (size_t k = 0; k < g->ndecls; k++)
                mark(u, uses_decl(u, g, k)->name, ids);
            ids[u->nids] = false;
        }
    }
    return starts;
}

/* Marks what may run as the harness is loaded: what initialisers name, and functions of which we do
 * not know what they are, with all that these reach. */
static void keep_loaded(const struct file_text *x, bool *kept)
{
    const struct uses *u = x->uses;
    bool *ids = arena_array(x->arena, bool, u->nids + 1);

    for (size_t i = 0; i < u->ngroups; i++) {
        const struct group *g = &u->group[i];
        const struct decl *d = uses_decl(u, g, 0);
        bool compiled = is_function(d) && !d->is_global && !d->is_device && !is_host(x, d);
        bool initialised = d->kind == DECL_VARIABLE || d->kind == DECL_TYPE ||
                           (d->kind == DECL_OTHER && !is_instantiation(x, g));
        for (size_t k = 0; (compiled || initialised) && k < g->nnames; k++)
            ids[g->name[k]] = true;
    }
    uses_reach(u, ids, kept);
}

/* has it functions called that stand in the file? What they call in turn may be named in a header,
 * where nobody looks */
static bool runs_functions(const struct spec *s)
{
    bool runs = s->kind == ENTRY_HOST || s->call.text || s->setup.text || s->reference.symbol.text;

    for (size_t i = 0; i < s->narrays; i++)
        runs |= s->arrays[i].check.by.text != NULL;
    return runs;
}

bool lean_harness(const struct file *f, struct edits *e)
{
    const struct uses *u = uses_read(e->arena, f);
    struct file_text x = read_text(e->arena, u);
    bool *kept = arena_array(e->arena, bool, u->ngroups + 1);
    size_t before = e->n;

    for (size_t i = 0; i < f->nspecs; i++) {
        if (runs_functions(&f->specs[i]))
            return false;
        const struct copy *plan = copy_plan(e->arena, &f->specs[i]);
        for (size_t k = 0; k < u->ngroups; k++)
            kept[k] |= plan->reached[k];
    }
    keep_loaded(&x, kept);
    leave_out(&x, kept, starting(&x), false, e);
    return e->n > before;
}
