#include "driver/lang/language.h"

#include <jansson.h>
#include "driver/lang/clause.h"
#include "driver/lang/expr_impl.h"
#include "driver/lang/plan_parse.h"
#include "runtime/base/buf.h"

static json_t *word_json(const struct word *w)
{
    return json_pack("{s:s, s:s, s:s}", "word", w->word, "syntax", w->syntax, "summary",
                     w->summary);
}

static void add_list(json_t *all, const char *name, const char *title, json_t *words)
{
    json_array_append_new(
        all, json_pack("{s:s, s:s, s:o}", "list", name, "title", title, "words", words));
}

static json_t *words_json(const struct word *words)
{
    json_t *list = json_array();

    for (; words->word; words++)
        json_array_append_new(list, word_json(words));
    return list;
}

static json_t *clauses_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CLAUSE_KINDS; i++) {
        const struct clause_form *form = clause_form((enum clause_kind)i);
        json_t *word = word_json(&form->is);
        json_object_set_new(word, "once", json_boolean(form->once));
        json_array_append_new(list, word);
    }
    return list;
}

/* "distinct(lo, hi [, zipf])" */
static void generator_syntax(const struct generator *g, struct buf *out)
{
    buf_adds(out, g->name);
    for (size_t i = 0; i < g->most; i++)
        buf_addf(out, "%s%s%s%s",
                 i >= g->least ? i ? " [" : "[("
                 : i           ? ""
                               : "(",
                 i ? ", " : "", g->params[i], i >= g->least && i ? "]" : "");
    if (g->most > 0)
        buf_adds(out, g->least == 0 ? ")]" : ")");
}

static json_t *generators_json(void)
{
    json_t *list = json_array();
    size_t n;
    const struct generator *g = clause_generators(&n);

    for (size_t i = 0; i < n; i++) {
        struct buf syntax;
        buf_init(&syntax, 1000);
        generator_syntax(&g[i], &syntax);
        json_array_append_new(
            list, word_json(&(struct word){g[i].name, buf_text(&syntax), g[i].promise}));
        buf_release(&syntax);
    }
    return list;
}

struct json_t *language_json(void)
{
    json_t *all = json_array();

    add_list(all, "lines", "Lines", words_json(line_words));
    add_list(all, "clauses", "Clauses", clauses_json());
    add_list(all, "generators", "Generators", generators_json());
    add_list(all, "launch", "In `launch(...)`", words_json(launch_words));
    add_list(all, "tune", "In `tune(...)`, beside a list of values", words_json(domain_words));
    add_list(all, "check", "In `check(...)`", words_json(check_words));
    add_list(all, "objective", "In `objective(...)`", words_json(objective_words));
    add_list(all, "budget", "In `budget(...)`", words_json(budget_words));
    add_list(all, "require", "In `require(...)`", words_json(require_words));
    add_list(all, "structure", "In the text that `structure(...)` names, beside tune and where",
             words_json(plan_words));
    add_list(all, "units", "Units of sizes and counts", words_json(size_words));
    add_list(all, "units", "Units of time", words_json(time_words));
    add_list(all, "expressions", "Operators, the loosest first", words_json(operator_words));
    add_list(all, "expressions", "Functions", words_json(call_words));
    add_list(all, "expressions", "The GPU", words_json(gpu_words));
    return all;
}
