/* driver/explain.c - one JSON object is made, and printed as such or laid out for a person: so the
 * two never disagree. */
#include "driver/explain.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/inspect.h"
#include "driver/lookup.h"
#include "driver/search/space.h"
#include "runtime/base/status.h"

/* ---- the object ---- */

static const char *const roles[] = {"in", "out", "inout", "temp"};

static json_t *arrays_json(const struct inspection *in, const struct spec *spec)
{
    json_t *arrays = json_array();
    for (size_t i = 0; i < spec->narrays; i++) {
        const struct array *x = &spec->arrays[i];
        const char *type = x->as.text      ? x->as.text
                           : x->param >= 0 ? spec->params[x->param].type
                                           : "?";
        char *shape = arena_dup(in->arena, "");
        for (size_t k = 0; k < x->nextents; k++)
            shape = arena_printf(in->arena, "%s[%s]", shape, x->extents[k].text);
        json_array_append_new(arrays, json_pack("{s:s,s:s,s:s,s:s,s:s?}", "name", x->name, "role",
                                                roles[x->role], "type", type, "shape", shape,
                                                "generator", x->gen.name));
    }
    return arrays;
}

static json_t *scalars_json(const struct spec *spec)
{
    json_t *scalars = json_array();
    for (size_t i = 0; i < spec->nparams; i++) {
        const struct param *p = &spec->params[i];
        if (p->value.text || p->is_stream)
            json_array_append_new(scalars,
                                  json_pack("{s:s,s:s,s:s}", "name", p->name, "type", p->type,
                                            "value", p->is_stream ? "the stream" : p->value.text));
    }
    return scalars;
}

static json_t *points_json(const struct spec *spec, bool timed)
{
    json_t *points = json_array();
    for (size_t i = 0; i < spec->npoints; i++) {
        const struct point *p = &spec->points[i];
        if (p->timed == timed)
            json_array_append_new(
                points, timed ? json_pack("{s:s,s:f}", "point", p->label, "weight", p->weight)
                              : json_pack("{s:s}", "point", p->label));
    }
    return points;
}

static json_t *tunables_json(const struct spec *spec)
{
    json_t *tunables = json_array();
    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct tunable *t = &spec->tunables[i];
        json_t *values = json_array();
        for (size_t k = 0; k < t->nvalues; k++)
            json_array_append_new(values, json_integer(t->values[k]));
        json_array_append_new(tunables,
                              json_pack("{s:s,s:o,s:I}", "name", t->name, "values", values,
                                        "in_code", (json_int_t)t->values[t->def]));
    }
    return tunables;
}

static json_t *wheres_json(const struct spec *spec)
{
    json_t *wheres = json_array();
    for (size_t i = 0; i < spec->nwheres; i++)
        json_array_append_new(wheres, json_string(spec->wheres[i].text));
    return wheres;
}

/* the check of an output as it was asked for; NULL: the type's default */
static const char *check_text(struct arena *a, const struct check *c)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"rtol", c->rtol}, {"atol", c->atol}, {"ulp", c->ulp}, {"bad", c->bad}};
    const char *text = c->exact ? ", exact" : "";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].value >= 0)
            text = arena_printf(a, "%s, %s = %g", text, numbers[i].name, numbers[i].value);
    if (c->by.text)
        text = arena_printf(a, "%s, by = %s", text, c->by.text);
    return *text ? text : NULL;
}

static void add(json_t *list, const char *text)
{
    json_array_append_new(list, json_string(text));
}

static void add_code(struct arena *a, json_t *list, const struct spec *spec)
{
    if (spec->call.text)
        add(list, arena_printf(a, "call(%s)", spec->call.text));
    if (spec->setup.text)
        add(list, arena_printf(a, "setup(%s)", spec->setup.text));
    if (spec->reference.path)
        add(list, arena_printf(a, "reference(\"%s\", %s)", spec->reference.path,
                               spec->reference.symbol.text));
    else if (spec->reference.symbol.text)
        add(list, arena_printf(a, "reference(%s)", spec->reference.symbol.text));
    for (size_t i = 0; i < spec->nassumes; i++)
        add(list, arena_printf(a, "assume(%s)", spec->assumes[i].text));
}

static void add_checks(struct arena *a, json_t *list, const struct spec *spec)
{
    const struct {
        const char *name;
        int64_t limit;
    } limits[] = {{"smem", spec->require.smem},
                  {"regs", spec->require.regs},
                  {"spills", spec->require.spills}};
    for (size_t i = 0; i < spec->narrays; i++) {
        const char *check = check_text(a, &spec->arrays[i].check);
        if (check)
            add(list, arena_printf(a, "check(%s%s)", spec->arrays[i].name, check));
    }
    if (spec->require.deterministic)
        add(list, "require(deterministic)");
    if (spec->require.graph)
        add(list, "require(graph)");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].limit >= 0)
            add(list,
                arena_printf(a, "require(%s <= %" PRId64 ")", limits[i].name, limits[i].limit));
}

/* what steers the measuring and the search, in the annotation's own words */
static json_t *settings_json(const struct inspection *in, const struct spec *spec)
{
    struct arena *a = in->arena;
    json_t *list = json_array();
    add_code(a, list, spec);
    add_checks(a, list, spec);
    if (spec->objective_warm)
        add(list, "objective(time, warm)");
    if (spec->budget.seconds > 0)
        add(list, arena_printf(a, "budget(time = %gs)", spec->budget.seconds));
    if (spec->budget.evals > 0)
        add(list, arena_printf(a, "budget(evals = %" PRId64 ")", spec->budget.evals));
    if (spec->budget.tokens > 0)
        add(list, arena_printf(a, "budget(tokens = %" PRId64 ")", spec->budget.tokens));
    if (spec->scratch > 0)
        add(list, arena_printf(a, "scratch(%" PRId64 ")", spec->scratch));
    for (size_t i = 0; i < spec->nhints; i++)
        add(list, arena_printf(a, "hint(\"%s\")", spec->hints[i]));
    return list;
}

static const char *kind_text(const struct spec *spec)
{
    return spec->kind == ENTRY_KERNEL ? "kernel" : "host function";
}

/* valid points, or null where the space is at fault (the diagnostics then say how) */
static json_t *space_json(struct inspection *in, const struct spec *spec)
{
    struct space *space = spec->ntunables ? space_new(spec, &in->gpu, &in->diag) : NULL;
    json_t *size = space             ? json_integer((json_int_t)space_size(space))
                   : spec->ntunables ? json_null()
                                     : json_integer(1);
    space_free(space);
    return size;
}

static json_t *file_json(const struct target *t)
{
    json_t *object = json_pack("{s:s,s:s?}", "found", found_name(t->found), "why", t->why);
    if (t->record)
        json_object_set_new(object, "record", record_to_json(t->record, false));
    return object;
}

/* records of the same entry under other keys tell which part of the key changed */
struct other {
    const struct target *target;
    const char *changed;
};

static int other_visit(void *arg, const struct record *r, const char *reason)
{
    struct other *o = arg;
    (void)reason;
    if (!r || strcmp(r->entry, o->target->name) != 0)
        return 0;
    for (int p = 0; p < KEY_PARTS; p++)
        if (!hash_equal(&r->key.part[p], &o->target->key.part[p])) {
            o->changed = key_part_name((enum key_part)p);
            break;
        }
    return 0;
}

static void explain_miss(struct inspection *in, const struct library *lib, struct target *t)
{
    struct other o = {t, NULL};
    for (size_t i = 0; lib->lock && i < lib->lock->n; i++)
        other_visit(&o, lib->lock->records[i], NULL);
    if (!o.changed && lib->store)
        store_each(lib->store, NULL, other_visit, &o, NULL);
    if (o.changed)
        t->why = arena_printf(in->arena, "a result is on file for this entry, but %s changed since",
                              o.changed);
    else
        t->why = "it was never searched";
}

static json_t *target_json(struct inspection *in, const struct unit_source *u,
                           const struct library *lib, struct target *t)
{
    const struct spec *spec = t->spec;
    char hex[65];
    hash_hex(&t->key.all, hex);
    if (!t->record && !t->why)
        explain_miss(in, lib, t);
    return json_pack("{s:s,s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o}", "entry", t->name,
                     "kind", kind_text(spec), "line", source_place(u->src, spec->name_at.at).row,
                     "arrays", arrays_json(in, spec), "scalars", scalars_json(spec), "workloads",
                     points_json(spec, true), "tests", points_json(spec, false), "tunables",
                     tunables_json(spec), "where", wheres_json(spec), "settings",
                     settings_json(in, spec), "space", space_json(in, spec), "key", hex, "file",
                     file_json(t));
}

/* ---- for a person ---- */

static const char *text_of(const json_t *object, const char *member)
{
    const char *s = json_string_value(json_object_get(object, member));
    return s ? s : "";
}

static void print_list(const char *title, const json_t *list, void (*print)(const json_t *))
{
    size_t i;
    json_t *x;
    json_array_foreach((json_t *)list, i, x)
    {
        printf("  %-11s", i ? "" : title);
        print(x);
        putchar('\n');
    }
}

static void print_array(const json_t *x)
{
    const char *gen = text_of(x, "generator");
    printf("%-5s %s %s%s%s%s", text_of(x, "role"), text_of(x, "type"), text_of(x, "name"),
           text_of(x, "shape"), *gen ? " = " : "", gen);
}

static void print_scalar(const json_t *x)
{
    printf("%s %s = %s", text_of(x, "type"), text_of(x, "name"), text_of(x, "value"));
}

static void print_point(const json_t *x)
{
    double weight = json_number_value(json_object_get(x, "weight"));
    printf("%s", text_of(x, "point"));
    if (weight > 0 && weight != 1)
        printf("  (weight %g)", weight);
}

static void print_tunable(const json_t *x)
{
    size_t i;
    json_t *v, *own = json_object_get(x, "in_code");
    printf("%s =", text_of(x, "name"));
    json_array_foreach(json_object_get(x, "values"), i, v)
        printf(json_equal(v, own) ? " [%" JSON_INTEGER_FORMAT "]" : " %" JSON_INTEGER_FORMAT,
               json_integer_value(v));
}

static void print_text(const json_t *x)
{
    printf("%s", json_string_value(x));
}

static void print_file(const json_t *file)
{
    json_t *object = json_object_get(file, "record");
    struct record *r = object ? record_from_json(object, NULL) : NULL;
    if (!r) {
        printf("  %-11snothing: %s\n", "on file", text_of(file, "why"));
        return;
    }
    char *values = record_values_text(r);
    if (r->nwinners)
        printf("  %-11s%s is %.2fx as fast [%.2f, %.2f] on %s (%s, measured %s)\n", "on file",
               values, r->ratio, r->low, r->high, r->gpu, text_of(file, "found"), r->created);
    else
        printf("  %-11sno proven gain on %s (%s, measured %s)\n", "on file", r->gpu,
               text_of(file, "found"), r->created);
    free(values);
    record_free(r);
}

static void print_entry(const char *path, const json_t *e)
{
    json_t *space = json_object_get(e, "space");
    printf("%s:%d: %s (%s)\n", path, (int)json_integer_value(json_object_get(e, "line")),
           text_of(e, "entry"), text_of(e, "kind"));
    print_list("arrays", json_object_get(e, "arrays"), print_array);
    print_list("scalars", json_object_get(e, "scalars"), print_scalar);
    print_list("workloads", json_object_get(e, "workloads"), print_point);
    print_list("tests", json_object_get(e, "tests"), print_point);
    print_list("tunables", json_object_get(e, "tunables"), print_tunable);
    print_list("where", json_object_get(e, "where"), print_text);
    print_list("also", json_object_get(e, "settings"), print_text);
    if (json_is_integer(space))
        printf("  %-11s%" JSON_INTEGER_FORMAT " valid points\n", "space",
               json_integer_value(space));
    printf("  %-11s%.16s\n", "key", text_of(e, "key"));
    print_file(json_object_get(e, "file"));
}

/* ---- the command ---- */

static json_t *source_json(struct inspection *in, struct unit_source *u, struct library *lib)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < u->ntargets; i++) {
        library_find(lib, in, &u->targets[i]);
        json_array_append_new(entries, target_json(in, u, lib, &u->targets[i]));
    }
    return json_pack("{s:s,s:o}", "file", u->src->path, "entries", entries);
}

static void explain_json(json_t *all)
{
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void explain_print(json_t *files)
{
    size_t i, k;
    json_t *file, *entry;
    if (!json_array_size(files))
        puts("nothing is annotated: nvcc compiles it untouched");
    json_array_foreach(files, i, file)
        json_array_foreach(json_object_get(file, "entries"), k, entry)
            print_entry(text_of(file, "file"), entry);
}

/* what is understood of all sources, one object a source */
static int explain_sources(struct inspection *in, json_t *files)
{
    struct error err = {""};
    int status = 0;
    for (size_t i = 0; i < in->nsources && !status; i++) {
        struct library lib;
        if (library_open(&lib, in, in->sources[i].src->path, &err)) {
            fprintf(stderr, "ksnvcc: error: %s\n", err.text);
            status = EXIT_LOCKFILE;
        } else {
            json_array_append_new(files, source_json(in, &in->sources[i], &lib));
        }
        library_close(&lib);
    }
    return status;
}

int explain_file(const char *const *words, bool json)
{
    struct inspection in;
    struct error err = {""};
    json_t *files = json_array();
    int status = 0;
    if (inspection_open(&in, words, &err)) {
        fprintf(stderr, "ksnvcc: nvcc would compile this untouched: %s\n", err.text);
        status = EXIT_USAGE;
    } else if (in.diag.nerrors) {
        status = EXIT_ANNOTATION;
    } else if (in.nsources && inspection_keys(&in, &err)) {
        fprintf(stderr, "ksnvcc: error: %s\n", err.text);
        status = EXIT_USAGE;
    } else {
        status = explain_sources(&in, files);
    }
    if (json) {
        json_t *all = json_pack("{s:o,s:o}", "files", files, "diagnostics", diag_json(&in.diag));
        explain_json(all);
    } else {
        diag_print(&in.diag);
        if (!status)
            explain_print(files);
        json_decref(files);
    }
    inspection_release(&in);
    return status;
}
