/* driver/search/builtin.c - ideas that need no model.
 *
 * The declared tunables are one idea, each structure that the annotation names another, and each
 * family of knobs that the code offers (driver/build/knobs.h) one more. They enter the same tree as
 * a model's ideas, are chosen by the same rule, and their predictions are corrected by what they
 * brought in earlier searches of such kernels. What brought something is built upon: the other
 * families are then tried together with it. Where there are declared tunables, knobs come on top of
 * them: what they bring is then not mistaken for what a block size brought. */
#include <math.h>
#include <string.h>

#include "driver/build/knobs.h"
#include "driver/search/propose.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

#define DEPTH 3 /* families together */

/* ---- the tree ---- */

static void builtin_insert(struct search *s, const char *proposer, size_t parent, const char *title,
                           double low, double likely, double high, int difficulty)
{
    struct buf errors;
    json_t *script = json_pack("{s:[{s:s, s:s, s:I, s:o, s:s, s:s, s:[f,f,f], s:i, s:s}]}", "edits",
                               "op", "insert", "id", "it", "parent", (json_int_t)parent, "title",
                               utf8_json(title), "rationale", "built in", "regime", "", "gain", low,
                               likely, high, "difficulty", difficulty, "bottleneck", "unknown");
    buf_init(&errors, 1 << 12);
    if (world_edit(s->world, script, proposer, &errors))
        log_debug("%s: not an idea: %s", title, buf_text(&errors));
    buf_release(&errors);
    json_decref(script);
}

void builtin_start(struct search *s)
{
    s->nknobs = s->run.knobs ? knobs_find(s->arena, s->spec, &s->knobs) : 0;
}

static bool is_first_of_family(const struct knob *knobs, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (knobs[k].family == knobs[i].family)
            return false;
    return true;
}

/* is this family among those of the idea and its forebears? */
static bool has_family(const struct search *s, size_t idea, const char *family)
{
    for (; idea; idea = world_idea(s->world, idea)->parent) {
        const char *proposer = world_idea(s->world, idea)->proposer;
        if (strncmp(proposer, "knob:", 5) == 0 && strcmp(proposer + 5, family) == 0)
            return true;
    }
    return false;
}

static void insert_families(struct search *s, size_t parent)
{
    if (s->nknobs)
        search_limit(s);
    for (size_t i = 0; i < s->nknobs; i++) {
        const struct knob_family *f = s->knobs[i].family;
        if (is_first_of_family(s->knobs, i) && !has_family(s, parent, f->name))
            builtin_insert(s, arena_printf(s->arena, "knob:%s", f->name), parent, f->means, f->low,
                           f->likely, f->high, f->difficulty);
    }
}

void builtin_ideas(struct search *s)
{
    if (s->spec->ntunables)
        builtin_insert(s, "tune", 0, "the declared tunables", 1, 1.2, 2, 1);
    for (size_t i = 0; i < s->spec->nstructures; i++)
        builtin_insert(s, "file", 0, s->spec->structures[i].structure->path, 1, 1.5, 4, 1);
    if (!s->spec->ntunables)
        insert_families(s, 0);
}

bool builtin_is(const struct search *s, size_t idea)
{
    const char *proposer = world_idea(s->world, idea)->proposer;
    return strcmp(proposer, "model") != 0;
}

/* are knobs to be tried on top of it, or is that being done? */
static bool is_followed(const struct search *s, size_t idea)
{
    for (size_t i = idea + 1; i < world_ideas(s->world); i++)
        if (world_idea(s->world, i)->parent == idea && builtin_is(s, i))
            return true;
    return false;
}

static bool is_owed(const struct search *s, size_t idea)
{
    const struct idea *x = world_idea(s->world, idea);
    bool declared = strcmp(x->proposer, "tune") == 0 || strcmp(x->proposer, "file") == 0;
    return declared && (x->state == IDEA_OPEN || x->state == IDEA_ACTIVE);
}

bool builtin_owed(const struct search *s)
{
    for (size_t i = 1; i < world_ideas(s->world); i++)
        if (is_owed(s, i))
            return true;
    return false;
}

bool builtin_goes_first(const struct search *s)
{
    for (size_t i = 1; i < world_ideas(s->world); i++)
        if (is_owed(s, i) && !is_followed(s, i))
            return true;
    return false;
}

static size_t depth_of(const struct search *s, size_t idea)
{
    size_t depth = 0;
    for (; idea; idea = world_idea(s->world, idea)->parent)
        depth++;
    return depth;
}

void builtin_follow(struct search *s, size_t idea)
{
    const struct idea *x = world_idea(s->world, idea);
    bool is_tune = strcmp(x->proposer, "tune") == 0;
    bool brought =
        x->state == IDEA_CLOSED && strncmp(x->proposer, "knob:", 5) == 0 && x->gain > 1.01;
    if ((is_tune || (brought && depth_of(s, idea) < DEPTH)) && !is_followed(s, idea))
        insert_families(s, idea);
}

/* ---- forms ---- */

/* The families of an idea and its forebears, on the entry's own text */
static const struct spec *spec_with_families(struct search *s, size_t idea)
{
    size_t picked = 0;
    const struct knob **set = arena_array(s->arena, const struct knob *, s->nknobs + 1);
    for (size_t i = 0; i < s->nknobs; i++)
        if (has_family(s, idea, s->knobs[i].family->name))
            set[picked++] = &s->knobs[i];
    return picked ? knobs_spec(s->arena, s->spec, set, picked) : NULL;
}

static struct form *tune_form(struct search *s, size_t idea, size_t quota)
{
    struct form *f = s->forms[0];
    f->idea = idea;
    f->quota = quota;
    f->thorough = true;
    return f;
}

static struct form *file_form(struct search *s, size_t idea, size_t quota)
{
    const char *path = world_idea(s->world, idea)->title;
    const struct spec *spec = structure_find(s->spec, path);
    struct form *f = form_add(s, spec, path, arena_printf(s->arena, "file:%s", path), NULL, idea,
                              quota, s->diag);
    if (!f)
        return NULL;
    f->thorough = true;
    form_begin(s, f);
    return f;
}

/* "unroll:sum:1+blocks:sum": names the knobs in the journal */
static const char *knobs_hash(struct search *s, const struct spec *spec)
{
    struct buf names;
    buf_init(&names, 1 << 16);
    for (size_t i = s->spec->ntunables; i < spec->ntunables; i++)
        buf_addf(&names, "%s%s", names.len ? "+" : "", spec->tunables[i].name);
    const char *hash = arena_dup(s->arena, buf_text(&names));
    buf_release(&names);
    return hash;
}

static struct form *knob_form(struct search *s, size_t idea, size_t base, size_t quota)
{
    const struct spec *spec = spec_with_families(s, idea);
    if (!spec)
        return NULL;
    struct form *f = form_add(s, spec, "", knobs_hash(s, spec), NULL, idea, quota, s->diag);
    if (!f)
        return NULL;
    f->has_knobs = true;
    f->state = FORM_TUNING;
    if (base)
        form_inherit(s, f, s->forms[s->trials.trial[base - 1].form]);
    else
        tuner_know(f->tuner, space_default(f->space), false, 1); /* it is the original */
    return f;
}

struct form *builtin_form(struct search *s, size_t idea, size_t base, size_t quota)
{
    const char *proposer = world_idea(s->world, idea)->proposer;
    if (strcmp(proposer, "tune") == 0)
        return tune_form(s, idea, quota);
    if (strcmp(proposer, "file") == 0)
        return file_form(s, idea, quota);
    if (!base && s->nforms && !*s->forms[0]->name)
        base = s->forms[0]->best;
    return knob_form(s, idea, base, quota);
}
