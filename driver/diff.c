/* driver/diff.c - one JSON object is made, and printed as such or as a patch: so the two never
 * disagree.
 *
 * A source with annotated headers in it is a text of several files. Its edits are carried over to
 * the files that they are of, where the same bytes stand in the same rows; so `patch -p0` and
 * `git apply -p0` change the headers themselves. */
#include "driver/diff.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/cxx.h"
#include "driver/build/knob.h"
#include "driver/build/launch_follow.h"
#include "driver/diff_text.h"
#include "driver/explain_spec.h"
#include "driver/lang/structure.h"
#include "driver/lookup.h"
#include "driver/winner.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

/* ---- the object ---- */

/* the values that the winner has and the code has not */
static struct edits edits_of(struct arena *a, const struct spec *spec, const int64_t *values)
{
    const int64_t *code = cxx_code_values(a, spec);
    struct edits e;

    edits_init(&e, a, structure_source(spec));
    for (size_t i = 0; i < spec->ntunables; i++)
        if (spec->tunables[i].kind != TUNABLE_KNOB && values[i] != code[i])
            edits_add(&e, spec->tunables[i].value, cxx_number(a, values[i]));
    knobs_apply(spec, values, NULL, &e);
    return e;
}

/* the edits of one of the files that a text is made of */
struct parts {
    struct edits *part;
    size_t n;
};

static struct edits *part_of(struct parts *parts, struct arena *a, const char *path,
                             struct error *err)
{
    const struct source *src;

    for (size_t i = 0; i < parts->n; i++)
        if (strcmp(parts->part[i].src->path, path) == 0)
            return &parts->part[i];
    src = source_read(a, path, err);
    if (!src)
        return NULL;
    edits_init(arena_push(a, parts->part, parts->n), a, src);
    return &parts->part[parts->n - 1];
}

/* -1 when the file is not what it was when the text was made */
static int add_edit(struct parts *parts, const struct edits *whole, const struct edit *edit,
                    struct error *err)
{
    struct place place = source_place(whole->src, edit->span.at);
    struct edits *part = part_of(parts, whole->arena, place.path, err);
    size_t at, n = edit->span.end - edit->span.at;

    if (!part)
        return -1;
    at = (size_t)place.row <= part->src->lines
             ? part->src->line[place.row - 1] + (size_t)place.column - 1
             : part->src->len + 1;
    if (at + n > part->src->len ||
        memcmp(part->src->text + at, whole->src->text + edit->span.at, n) != 0)
        return error_set(err, "%s:%d: this is not the text that was read before", place.path,
                         place.row);
    edits_add(part, (struct span){at, at + n}, edit->text);
    return 0;
}

/* the patches of all files that the edits are of, one behind the other, and the files' names */
static int diff_parts(struct buf *out, const struct edits *e, json_t *files, struct error *err)
{
    struct parts parts = {0};

    for (size_t i = 0; i < e->n; i++)
        if (add_edit(&parts, e, &e->edit[i], err) < 0)
            return -1;
    for (size_t i = 0; i < parts.n; i++) {
        const char *path = parts.part[i].src->path;
        diff_edits(out, &parts.part[i], path, path);
        json_array_append_new(files, utf8_json(path));
    }
    return 0;
}

/* adds "diff" and "files" to the winner; -1 with *err when they cannot be told */
static int add_diff(struct arena *a, const struct spec *spec, const int64_t *values, json_t *winner,
                    struct error *err)
{
    struct edits e = edits_of(a, spec, values);
    json_t *files = json_array();
    struct buf out, text;
    int rc = 0;

    buf_init(&out, BUF_LIMIT);
    buf_init(&text, BUF_LIMIT);
    if (spec->structure) {
        edits_apply(&e, (struct span){0, e.src->len}, &text);
        diff_new(&out, buf_text(&text), text.len, spec->structure->path);
        json_array_append_new(files, utf8_json(spec->structure->path));
    } else {
        rc = diff_parts(&out, &e, files, err);
    }
    if (rc == 0) {
        json_object_set(winner, "files", files);
        json_object_set_new(winner, "diff", utf8_json(arena_copy(a, buf_text(&out), out.len)));
    }
    json_decref(files);
    buf_release(&text);
    buf_release(&out);
    return rc;
}

/* [{file, line}]: launches that have to be changed by hand */
static json_t *launches_json(struct arena *a, const struct spec *spec, const int64_t *values)
{
    size_t n;
    const size_t *at = launch_fixed(a, spec, values, &n);
    json_t *launches = json_array();

    for (size_t i = 0; i < n; i++) {
        struct place p = source_place(spec->file->src, at[i]);
        json_array_append_new(launches,
                              json_pack("{s:o, s:i}", "file", utf8_json(p.path), "line", p.row));
    }
    return launches;
}

static json_t *winner_json(struct arena *a, struct unit_source *u, const struct target *t,
                           const struct spec *own, const struct record_winner *w)
{
    struct error err = {""};
    const struct spec *spec = winner_spec(u, t, own, w, &err);
    const int64_t *values = spec ? winner_values(a, w, spec, &err) : NULL;
    struct record one = {.winners = (struct record_winner *)w, .nwinners = 1};
    char *text = record_values_text(&one);
    json_t *winner =
        json_pack("{s:o, s:b}", "winner", utf8_json(text), "by_model", w->text != NULL);

    free(text);
    if (!values || add_diff(a, spec, values, winner, &err) < 0)
        json_object_set_new(winner, "why", utf8_json(err.text));
    else
        json_object_set_new(winner, "launches", launches_json(a, spec, values));
    return winner;
}

static json_t *target_json(struct arena *a, struct unit_source *u, const struct target *t)
{
    const struct record *r = t->record;
    json_t *winners = json_array();
    const struct spec *own = winner_specs(a, u)[t - u->targets];

    for (size_t i = 0; r && i < r->nwinners; i++)
        json_array_append_new(winners, winner_json(a, u, t, own, &r->winners[i]));
    return json_pack("{s:o, s:o, s:s, s:s?, s:s*, s:f, s:o}", "entry", utf8_json(t->name), "source",
                     utf8_json(source_place(u->src, t->spec->name_at.at).path), "found",
                     found_name(t->found), "gpu", r ? r->gpu : NULL, "objective",
                     r && r->is_energy ? "energy" : NULL, "speedup",
                     r && r->nwinners ? r->ratio : 1.0, "winners", winners);
}

/* ---- for a person ---- */

static const char *text_of(const json_t *object, const char *member)
{
    const char *s = json_string_value(json_object_get(object, member));

    return s ? s : "";
}

static void print_launches(const json_t *launches)
{
    size_t i;
    json_t *launch;

    json_array_foreach(launches, i, launch)
        printf("# %s:%d: this launch does not follow what changes: give it the grid and block "
               "that launch(...) says\n",
               text_of(launch, "file"), (int)json_integer_value(json_object_get(launch, "line")));
}

static void print_entry(const json_t *entry)
{
    const char *path = text_of(entry, "source");
    size_t i;
    json_t *winner;

    json_array_foreach(json_object_get(entry, "winners"), i, winner)
    {
        const char *why = text_of(winner, "why");
        printf("# %s: %s: %s%s; %.2fx as %s on %s (%s)%s%s\n", path, text_of(entry, "entry"),
               text_of(winner, "winner"),
               json_is_true(json_object_get(winner, "by_model")) ? ", written by a model" : "",
               json_number_value(json_object_get(entry, "speedup")),
               *text_of(entry, "objective") ? "sparing" : "fast", text_of(entry, "gpu"),
               text_of(entry, "found"), *why ? "; it cannot be used: " : "", why);
        print_launches(json_object_get(winner, "launches"));
        fputs(text_of(winner, "diff"), stdout);
    }
    if (i == 0)
        printf("# %s: %s: no winner on file\n", path, text_of(entry, "entry"));
}

static void print_files(json_t *files)
{
    size_t i, k;
    json_t *file, *entry;

    json_array_foreach(files, i, file)
        json_array_foreach(json_object_get(file, "entries"), k, entry) print_entry(entry);
}

/* ---- the command ---- */

static int diff_source(struct inspection *in, struct unit_source *u, json_t *files)
{
    struct library lib;
    struct error err = {""};
    json_t *entries = json_array();
    int status = 0;

    if (library_open(&lib, in, u->src->path, &err)) {
        fprintf(stderr, "ksnvcc: error: %s\n", err.text);
        status = EXIT_LOCKFILE;
    }
    for (size_t i = 0; !status && i < u->ntargets; i++) {
        library_find(&lib, in, &u->targets[i]);
        json_array_append_new(entries, target_json(in->arena, u, &u->targets[i]));
    }
    library_close(&lib);
    json_array_append_new(
        files, json_pack("{s:o, s:o}", "file", utf8_json(u->src->path), "entries", entries));
    return status;
}

static int diff_sources(struct inspection *in, const char *const *words, json_t *files)
{
    struct error err = {""};
    int status = 0;

    in->builds = true;
    if (inspection_open(in, words, &err)) {
        fprintf(stderr, "ksnvcc: nvcc would compile this untouched: %s\n", err.text);
        return EXIT_USAGE;
    }
    if (in->diag.nerrors)
        return EXIT_ANNOTATION;
    if (in->nsources && inspection_keys(in, &err)) {
        fprintf(stderr, "ksnvcc: error: %s\n", err.text);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < in->nsources && !status; i++)
        status = diff_source(in, &in->sources[i], files);
    return status;
}

int diff_file(const char *const *words, bool json)
{
    struct inspection in;
    json_t *files = json_array();
    int status = diff_sources(&in, words, files);

    if (json) {
        json_t *all = json_pack("{s:O, s:o}", "files", files, "diagnostics", diag_json(&in.diag));
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else {
        diag_print(&in.diag);
        print_files(files);
    }
    json_decref(files);
    inspection_release(&in);
    return status;
}
