/* driver/search/teach.c */
#include "driver/search/teach.h"

#include <string.h>

#include "driver/search/lab_facts.h"
#include "driver/search/tune_lesson.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"

enum { LESSONS_MOST = 24 };

/* ---- taking ---- */

static json_t *make_lessons(struct search *s, void *arg)
{
    (void)arg;
    return json_incref(s->job->lessons);
}

/* as they were when this search began; those that everybody has come behind them */
static void teach_open(struct search *s)
{
    const json_t *all = NULL, *json;
    size_t i;
    if (s->lessons)
        return;
    if (s->job->lessons || lab_known(&s->lab, "lessons"))
        all = lab_optional(s, "lessons", make_lessons, NULL);
    s->lessons =
        arena_array(s->arena, struct lesson *, json_array_size(all) + LESSONS_SHIPPED_N + 1);
    json_array_foreach(all, i, json)
    {
        struct lesson *l = lesson_from_json(json);
        if (l)
            s->lessons[s->nlessons++] = l;
    }
    s->nlearned = s->nlessons;
    for (i = 0; i < LESSONS_SHIPPED_N; i++)
        s->lessons[s->nlessons++] = (struct lesson *)&LESSONS_SHIPPED[i];
}

void teach_form(struct search *s, struct form *f)
{
    teach_open(s);
    tuner_teach(f->tuner, (const struct lesson *const *)s->lessons, s->nlessons);
}

void teach_release(struct search *s)
{
    for (size_t i = 0; i < s->nlearned; i++)
        lesson_free(s->lessons[i]);
}

/* ---- leaving ---- */

json_t *teach_made(const struct search *s)
{
    json_t *made = json_array();
    for (size_t i = 0; i < s->nforms; i++) {
        const struct form *f = s->forms[i];
        const char *name = arena_printf(s->arena, "%s: %s%s%s", fs_base(s->spec->file->src->path),
                                        s->name, *f->name ? ", " : "", f->name);
        struct lesson *l = f->spec->ntunables ? tuner_lesson(f->tuner, name) : NULL;
        if (l)
            json_array_append_new(made, lesson_to_json(l));
        lesson_free(l);
    }
    return made;
}

static bool has_name(const json_t *lessons, const json_t *lesson)
{
    const char *name = json_string_value(json_object_get(lesson, "name"));
    const json_t *one;
    size_t i;
    json_array_foreach(lessons, i, one)
    {
        const char *other = json_string_value(json_object_get(one, "name"));
        if (name && other && strcmp(name, other) == 0)
            return true;
    }
    return false;
}

json_t *teach_merged(const json_t *made, const json_t *older)
{
    json_t *all = json_array(), *one;
    size_t i;
    json_array_foreach(made, i, one) json_array_append(all, one);
    json_array_foreach(older, i, one)
    {
        if (json_array_size(all) < LESSONS_MOST && !has_name(made, one))
            json_array_append(all, one);
    }
    return all;
}
