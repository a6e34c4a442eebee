/* driver/search/world_edit.c - edit scripts: checked whole, then applied whole or not at all.
 *
 * A script is first read, edit by edit (world_field.c), then its references are tied: names to the
 * inserts that carry them, in any order; then each edit is held against the tree as the script
 * would leave it. Every fault is told, so that one more try of its author can mend them all. Only a
 * script without any touches the tree, so a try that failed has inserted nothing, and one that is
 * sent again after it was applied has nothing but duplicates. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/world_field.h"
#include "runtime/base/log.h"

enum { NO_EDIT = -1 };

struct script {
    struct world *w;
    size_t n;
    struct edit *edits;
    struct edit_errors errors;
};

/* ---- titles ------------------------------------------------------------------------------ */

/* the next character of a title when case and runs of blanks do not count; 0 at the end */
static int next_letter(const char **s)
{
    bool blank = **s == ' ';

    while (**s == ' ')
        ++*s;
    if (blank && **s)
        return ' ';
    return **s ? tolower((unsigned char)*(*s)++) : 0;
}

static bool same_title(const char *a, const char *b)
{
    int x, y;

    a += strspn(a, " ");
    b += strspn(b, " ");
    do {
        x = next_letter(&a);
        y = next_letter(&b);
    } while (x && x == y);
    return x == y;
}

/* ---- references -------------------------------------------------------------------------- */

/* the insert of this name; NO_EDIT: none */
static int named(const struct script *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct edit *edit = &s->edits[i];
        if (edit->op == EDIT_INSERT && edit->name && strcmp(edit->name, name) == 0)
            return (int)i;
    }
    return NO_EDIT;
}

/* the insert that this one's parent is; NO_EDIT: an idea of the tree, or nothing */
static int parent_edit(const struct script *s, const struct edit *edit)
{
    return (edit->has & FIELD_PARENT) && edit->parent ? named(s, edit->parent) : NO_EDIT;
}

/* whether the idea is pruned in the tree or by this script */
static bool is_pruned(const struct script *s, size_t id)
{
    if (s->w->nodes[id]->idea.state == IDEA_PRUNED)
        return true;
    for (size_t i = 0; i < s->n; i++) {
        const struct edit *edit = &s->edits[i];
        if (edit->op == EDIT_PRUNE && (edit->has & FIELD_ID) && edit->target < s->w->n &&
            s->w->nodes[id]->idea.state == IDEA_OPEN && world_below(s->w, id, edit->target))
            return true;
    }
    return false;
}

static void check_name(struct script *s, size_t index)
{
    const struct edit *edit = &s->edits[index];

    if (edit->name && named(s, edit->name) != (int)index)
        edit_error(&s->errors, index, "id", "edits[%d] has the same name", named(s, edit->name));
}

static void check_parent(struct script *s, size_t index)
{
    const struct edit *edit = &s->edits[index];
    int up = (int)index;
    size_t steps = 0;

    if (!(edit->has & FIELD_PARENT))
        return;
    if (!edit->parent) {
        if (edit->parent_id >= s->w->n)
            edit_error(&s->errors, index, "parent", "there is no idea %zu", edit->parent_id);
        else if (is_pruned(s, edit->parent_id))
            edit_error(&s->errors, index, "parent", "idea %zu is pruned", edit->parent_id);
        return;
    }
    if (named(s, edit->parent) == NO_EDIT) {
        edit_error(&s->errors, index, "parent", "no insert of this script has the id \"%s\"",
                   edit_quote(edit->parent));
        return;
    }
    while (up != NO_EDIT && steps++ <= s->n)
        up = parent_edit(s, &s->edits[up]);
    if (up != NO_EDIT)
        edit_error(&s->errors, index, "parent", "it leads back to itself");
}

/* ---- against the tree -------------------------------------------------------------------- */

static void check_target(struct script *s, size_t index)
{
    const struct edit *edit = &s->edits[index];
    enum idea_state state;

    if (!(edit->has & FIELD_ID))
        return;
    if (edit->target >= s->w->n) {
        edit_error(&s->errors, index, "id", "there is no idea %zu", edit->target);
        return;
    }
    state = s->w->nodes[edit->target]->idea.state;
    if (state != IDEA_OPEN)
        edit_error(&s->errors, index, "id", "idea %zu is %s: only open ideas can be edited",
                   edit->target, world_states[state]);
    for (size_t i = 0; i < index; i++) {
        const struct edit *other = &s->edits[i];
        if (other->op != EDIT_INSERT && (other->has & FIELD_ID) && other->target == edit->target)
            edit_error(&s->errors, index, "id", "edits[%zu] edits idea %zu already", i,
                       edit->target);
    }
}

/* the title that an idea of the tree will have after the script */
static const char *title_after(const struct script *s, size_t id)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct edit *edit = &s->edits[i];
        if (edit->op == EDIT_REVISE && (edit->has & FIELD_ID) && edit->target == id &&
            (edit->has & FIELD_TITLE))
            return edit->title;
    }
    return s->w->nodes[id]->idea.title;
}

/* an idea that any other under the same parent has the title of, pruned ones too: what was tried
 * or given up is not to come back under the same words */
static void check_title(struct script *s, size_t index)
{
    const struct edit *edit = &s->edits[index];
    size_t parent, self = (size_t)-1;

    if (!(edit->has & FIELD_TITLE))
        return;
    if (edit->op == EDIT_REVISE) {
        if (!(edit->has & FIELD_ID) || edit->target >= s->w->n)
            return;
        self = edit->target;
        parent = s->w->nodes[self]->idea.parent;
    } else if (!(edit->has & FIELD_PARENT)) {
        return;
    } else {
        parent = edit->parent_id;
    }
    for (size_t i = 1; i < s->w->n && !edit->parent; i++) {
        if (i != self && s->w->nodes[i]->idea.parent == parent &&
            same_title(edit->title, title_after(s, i)))
            edit_error(&s->errors, index, "title", "idea %zu under the same parent has this title",
                       i);
    }
    for (size_t i = 0; i < index && edit->op == EDIT_INSERT; i++) {
        const struct edit *other = &s->edits[i];
        bool siblings = edit->parent ? other->parent && strcmp(edit->parent, other->parent) == 0
                                     : !other->parent && other->parent_id == parent;
        if (other->op == EDIT_INSERT && (other->has & FIELD_PARENT) && siblings &&
            (other->has & FIELD_TITLE) && same_title(edit->title, other->title))
            edit_error(&s->errors, index, "title", "edits[%zu] has this title under that parent",
                       i);
    }
}

static void check_room(struct script *s)
{
    size_t inserts = 0, room = s->w->most > s->w->n - 1 ? s->w->most - (s->w->n - 1) : 0;

    for (size_t i = 0; i < s->n; i++)
        inserts += s->edits[i].op == EDIT_INSERT;
    if (inserts > room) {
        s->errors.n++;
        buf_addf(
            s->errors.out,
            "edits: they insert %zu ideas where the tree has room for %zu: revise or prune open "
            "ones instead\n",
            inserts, room);
    }
}

/* ---- applying ---------------------------------------------------------------------------- */

static void fill(struct script *s, struct idea *idea, const struct edit *edit)
{
    struct arena *a = s->w->arena;

    if (edit->has & FIELD_TITLE)
        idea->title = arena_dup(a, edit->title);
    if (edit->has & FIELD_RATIONALE)
        idea->rationale = arena_dup(a, edit->rationale);
    if (edit->has & FIELD_REGIME)
        idea->regime = arena_dup(a, edit->regime);
    if (edit->has & FIELD_BOTTLENECK)
        idea->bottleneck = arena_dup(a, edit->bottleneck);
    if (edit->has & FIELD_DIFFICULTY)
        idea->difficulty = edit->difficulty;
    if (edit->has & FIELD_GAIN) {
        idea->low = edit->gain[0];
        idea->likely = edit->gain[1];
        idea->high = edit->gain[2];
    }
}

/* inserts those whose parents are there, until all are; ids[i]: of edit i, 0 not yet */
static void insert_all(struct script *s, const char *proposer)
{
    size_t *ids = calloc(s->n + 1, sizeof *ids), left = 0;
    const char *by = arena_dup(s->w->arena, proposer ? proposer : "");

    if (!ids)
        fatal("out of memory");
    for (size_t i = 0; i < s->n; i++)
        left += s->edits[i].op == EDIT_INSERT;
    while (left) {
        for (size_t i = 0; i < s->n; i++) {
            const struct edit *edit = &s->edits[i];
            int up = parent_edit(s, edit);
            struct node *n;
            if (edit->op != EDIT_INSERT || ids[i] || (up != NO_EDIT && !ids[up]))
                continue;
            n = world_add(s->w, up == NO_EDIT ? edit->parent_id : ids[up]);
            n->idea.proposer = by;
            fill(s, &n->idea, edit);
            ids[i] = n->idea.id;
            left--;
        }
    }
    free(ids);
}

static void apply(struct script *s, const char *proposer)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct edit *edit = &s->edits[i];
        if (edit->op == EDIT_REVISE) {
            struct node *n = s->w->nodes[edit->target];
            fill(s, &n->idea, edit);
            n->touched = ++s->w->clock;
        }
        if (edit->op == EDIT_PRUNE)
            world_prune(s->w, edit->target, edit->why);
    }
    insert_all(s, proposer);
}

/* the array of edits; NULL with an error */
static const json_t *edits_of(const json_t *script, struct edit_errors *e)
{
    const json_t *edits = json_object_get(script, "edits");
    const char *name;
    json_t *value;
    size_t before = e->n;

    if (!json_is_object(script) || !json_is_array(edits)) {
        e->n++;
        buf_adds(e->out, "edits: the script must be an object with an array of this name\n");
    } else if (json_array_size(edits) > EDITS_MOST) {
        e->n++;
        buf_addf(e->out, "edits: there are more than %d\n", EDITS_MOST);
    }
    json_object_foreach((json_t *)script, name, value)
    {
        if (strcmp(name, "edits") != 0 && e->n++ < ERRORS_MOST)
            buf_addf(e->out, "%s: there is no such field\n", edit_quote(name));
    }
    return e->n == before ? edits : NULL;
}

static void check(struct script *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->edits[i].op == EDIT_INSERT) {
            check_name(s, i);
            check_parent(s, i);
        } else {
            check_target(s, i);
        }
        check_title(s, i);
    }
    check_room(s);
}

int world_edit(struct world *w, const json_t *script, const char *proposer, struct buf *errors)
{
    struct script s = {.w = w, .errors = {.out = errors}};
    const json_t *edits = edits_of(script, &s.errors);

    if (!edits)
        return -1;
    s.n = json_array_size(edits);
    s.edits = calloc(s.n + 1, sizeof *s.edits);
    if (!s.edits)
        fatal("out of memory");
    for (size_t i = 0; i < s.n; i++)
        edit_read(w, json_array_get(edits, i), i, &s.edits[i], &s.errors);
    check(&s);
    if (s.errors.n == 0)
        apply(&s, proposer);
    if (s.errors.n > ERRORS_MOST)
        buf_addf(errors, "and %zu more\n", s.errors.n - ERRORS_MOST);
    free(s.edits);
    return s.errors.n ? -1 : 0;
}

/* what an edit may say of an idea, new or not */
#define IDEA_MEMBERS                                                     \
    "\"title\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120}," \
    "\"rationale\":{\"type\":\"string\",\"maxLength\":2000},"            \
    "\"regime\":{\"type\":\"string\"},"                                  \
    "\"gain\":{\"type\":\"array\",\"minItems\":3,\"maxItems\":3,"        \
    "\"items\":{\"type\":\"number\"}},"                                  \
    "\"difficulty\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}," \
    "\"bottleneck\":{\"enum\":[\"memory\",\"latency\",\"compute\",\"launch\",\"unknown\"]}"

/* every member but those of an insert may be left out, as `needs` of world_field.c has it */
const char *world_edit_schema(void)
{
    return "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"edits\"],"
           "\"properties\":{\"edits\":{\"type\":\"array\",\"maxItems\":64,\"items\":{\"anyOf\":["
           "{\"type\":\"object\",\"additionalProperties\":false,"
           "\"required\":[\"op\",\"parent\",\"title\",\"gain\",\"difficulty\"],\"properties\":{"
           "\"op\":{\"const\":\"insert\"},"
           "\"id\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64},"
           "\"parent\":{\"type\":[\"integer\",\"string\"]}," IDEA_MEMBERS "}},"
           "{\"type\":\"object\",\"additionalProperties\":false,"
           "\"required\":[\"op\",\"id\"],\"properties\":{"
           "\"op\":{\"const\":\"revise\"},"
           "\"id\":{\"type\":\"integer\",\"minimum\":1}," IDEA_MEMBERS "}},"
           "{\"type\":\"object\",\"additionalProperties\":false,"
           "\"required\":[\"op\",\"id\",\"why\"],\"properties\":{"
           "\"op\":{\"const\":\"prune\"},"
           "\"id\":{\"type\":\"integer\",\"minimum\":1},"
           "\"why\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":200}}}"
           "]}}}}";
}
