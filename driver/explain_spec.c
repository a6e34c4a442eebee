/* driver/explain_spec.c - a spec as a JSON object, and that object as text.
 *
 * Where a clause can be said again in a line, both have it in the annotation's own words. */
#include "driver/explain_spec.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "driver/build/knobs.h"
#include "driver/lang/cursor.h"
#include "driver/lang/structure.h"
#include "runtime/base/arena.h"
#include "runtime/base/utf8.h"

enum { VALUES_SHOWN = 32, VALUES_FIRST = 8 }; /* of a tunable, in text */

/* ---- the object ---- */

static void set(json_t *object, const char *member, const char *text)
{
    if (text)
        json_object_set_new(object, member, utf8_json(text));
}

static void add(json_t *list, const char *text)
{
    json_array_append_new(list, utf8_json(text));
}

static void set_list(json_t *object, const char *member, json_t *list)
{
    if (json_array_size(list) > 0)
        json_object_set_new(object, member, list);
    else
        json_decref(list);
}

static int row(const struct spec *spec, size_t at)
{
    return source_place(structure_source(spec), at).row;
}

static const char *gen_text(struct arena *a, const struct gen *gen)
{
    const char *text = gen->name;
    for (size_t i = 0; text && i < gen->nargs; i++) {
        const struct gen_arg *arg = &gen->args[i];
        text = arena_printf(a, "%s%s%s%s%s%s%s", text, i ? ", " : "(", arg->name ? arg->name : "",
                            arg->name ? " = " : "", arg->is_string ? "\"" : "",
                            arg->is_string ? arg->string : arg->value.text,
                            arg->is_string ? "\"" : "");
    }
    return text && gen->nargs ? arena_printf(a, "%s)", text) : text;
}

static const char *check_text(struct arena *a, const struct check *c)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"rtol", c->rtol}, {"atol", c->atol}, {"ulp", c->ulp}, {"bad", c->bad}};
    const char *text = c->exact ? "exact" : "";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].value >= 0)
            text = arena_printf(a, "%s%s%s = %g", text, *text ? ", " : "", numbers[i].name,
                                numbers[i].value);
    if (c->by.text)
        text = arena_printf(a, "%s%sby = %s", text, *text ? ", " : "", c->by.text);
    return *text ? text : "the type's tolerances";
}

static json_t *array_json(struct arena *a, const struct spec *spec, const struct array *x)
{
    static const char *const roles[] = {"in", "out", "inout", "temp"};
    const char *type = x->as.text ? x->as.text : x->param >= 0 ? spec->params[x->param].type : "?";
    bool input = x->role == ROLE_IN || x->role == ROLE_INOUT;
    bool output = x->role == ROLE_OUT || x->role == ROLE_INOUT;
    json_t *object = json_pack("{s:o,s:s,s:o}", "name", utf8_json(x->name), "role", roles[x->role],
                               "type", utf8_json(type)),
           *extents = json_array();
    const char *shape = "";
    for (size_t k = 0; k < x->nextents; k++) {
        shape = arena_printf(a, "%s[%s]", shape, x->extents[k].text);
        add(extents, x->extents[k].text);
    }
    set(object, "shape", shape);
    json_object_set_new(object, "extents", extents);
    if (input)
        set(object, "generator", x->gen.name ? gen_text(a, &x->gen) : "the type's default");
    if (output)
        set(object, "check", check_text(a, &x->check));
    return object;
}

static json_t *arrays_json(struct arena *a, const struct spec *spec)
{
    json_t *arrays = json_array();
    for (size_t i = 0; i < spec->narrays; i++)
        json_array_append_new(arrays, array_json(a, spec, &spec->arrays[i]));
    return arrays;
}

static const char *param_value(const struct spec *spec, size_t i)
{
    const struct param *p = &spec->params[i];
    if (spec->call.text)
        return "what call() passes";
    for (size_t k = 0; k < spec->narrays; k++)
        if (spec->arrays[k].param == (int)i)
            return "the array";
    return p->value.text ? p->value.text : p->is_stream ? "the stream" : "its default";
}

static json_t *params_json(const struct spec *spec)
{
    json_t *params = json_array();
    for (size_t i = 0; i < spec->nparams; i++) {
        const struct param *p = &spec->params[i];
        json_t *object = json_pack("{s:o,s:o,s:o}", "name", utf8_json(p->name), "type",
                                   utf8_json(p->type), "value", utf8_json(param_value(spec, i)));
        set(object, "default", p->fallback.text);
        json_array_append_new(params, object);
    }
    return params;
}

static json_t *tparams_json(const struct spec *spec, const struct instance *instance)
{
    json_t *params = json_array();
    for (size_t i = 0; i < spec->ntparams; i++) {
        const struct tparam *p = &spec->tparams[i];
        const char *value = p->tunable >= 0 ? "tuned" : NULL;
        json_t *object =
            json_pack("{s:o,s:o}", "name", utf8_json(p->name), "kind", utf8_json(p->kind));
        for (size_t k = 0; k < instance->nbinds; k++)
            if (strcmp(instance->binds[k].name, p->name) == 0)
                value = instance->binds[k].value.text;
        set(object, "value", value);
        set(object, "default", p->fallback.text);
        json_array_append_new(params, object);
    }
    return params;
}

static json_t *named_json(const struct named *named, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o,s:o}", "name", utf8_json(named[i].name),
                                              "value", utf8_json(named[i].value.text)));
    return list;
}

static json_t *point_json(struct arena *a, const struct spec *spec, const struct point *p)
{
    json_t *object = json_pack("{s:o}", "point", utf8_json(p->label)), *dims = json_object(),
           *gens = json_object();
    if (*p->name)
        set(object, "name", p->name);
    if (p->timed)
        json_object_set_new(object, "weight", json_real(p->weight));
    for (size_t i = 0; i < spec->ndims; i++)
        if (p->bound[i])
            json_object_set_new(dims, spec->dims[i], json_integer(p->dims[i]));
    for (size_t i = 0; i < spec->narrays; i++)
        set(gens, spec->arrays[i].name, gen_text(a, &p->gens[i]));
    json_object_set_new(object, "dims", dims);
    json_object_set_new(object, "generators", gens);
    return object;
}

static json_t *points_json(struct arena *a, const struct spec *spec, bool timed)
{
    json_t *points = json_array();
    for (size_t i = 0; i < spec->npoints; i++)
        if (spec->points[i].timed == timed)
            json_array_append_new(points, point_json(a, spec, &spec->points[i]));
    return points;
}

static json_t *tunables_json(const struct spec *spec)
{
    static const char *const kinds[] = {"constant", "macro", "enumerator", "template parameter",
                                        "knob"};
    json_t *tunables = json_array();
    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct tunable *t = &spec->tunables[i];
        json_t *values = json_array();
        for (size_t k = 0; k < t->nvalues; k++)
            json_array_append_new(values, json_integer(t->values[k]));
        json_array_append_new(tunables,
                              json_pack("{s:o,s:s,s:i,s:o,s:I}", "name", utf8_json(t->name), "kind",
                                        kinds[t->kind], "line", row(spec, t->name_at.at), "values",
                                        values, "in_code", (json_int_t)t->values[t->def]));
    }
    return tunables;
}

/* what needs no tune() */
static json_t *knobs_json(struct arena *a, const struct spec *spec)
{
    json_t *list = json_array();
    struct knob *knob;
    size_t n = knobs_find(a, spec, &knob);
    for (size_t i = 0; i < n; i++) {
        json_t *values = json_array();
        for (size_t k = 0; k < knob[i].nvalues; k++)
            json_array_append_new(values, json_integer(knob[i].values[k]));
        json_array_append_new(list, json_pack("{s:o,s:s,s:s,s:i,s:o}", "name",
                                              utf8_json(knob[i].name), "family",
                                              knob[i].family->name, "means", knob[i].family->means,
                                              "line", row(spec, knob[i].at.at), "values", values));
    }
    return list;
}

static json_t *constraints_json(const struct constraint *k, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        add(list, k[i].text);
    return list;
}

/* a structure's tunables, and its lines in their own words */
static json_t *structures_json(struct arena *a, const struct spec *spec)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spec->nstructures; i++) {
        const struct spec *s = &spec->structures[i];
        const struct tokens *ts = s->structure->file->tokens;
        json_t *object = json_object(), *lines = json_array();
        set(object, "file", s->structure->path);
        set_list(object, "tunables", tunables_json(s));
        for (size_t t = 0; t < ts->n; t++)
            if (ts->token[t].kind == TOKEN_ANNOTATION)
                add(lines, cursor_text(a, s->structure->src,
                                       lex_annotation_body(s->structure->src, &ts->token[t])));
        json_object_set_new(object, "lines", lines);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *ons_json(const struct spec *spec)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spec->nons; i++)
        json_array_append_new(list, json_pack("{s:o,s:i,s:b}", "on", utf8_json(spec->ons[i].text),
                                              "line", row(spec, spec->ons[i].at.at), "holds",
                                              spec->ons[i].holds));
    return list;
}

static json_t *texts_json(const char *const *texts, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        add(list, texts[i]);
    return list;
}

/* "grid = (X, Y), block = 256" */
static const char *launch_text(struct arena *a, const struct launch *l)
{
    const struct cxx *const parts[] = {l->grid, l->block, l->cluster};
    static const char *const names[] = {"grid", "block", "cluster"};
    const char *text = "";
    for (size_t i = 0; i < 3; i++) {
        const struct cxx *p = parts[i];
        if (!p[0].text)
            continue;
        text = arena_printf(a, "%s%s%s = %s%s", text, *text ? ", " : "", names[i],
                            p[1].text ? "(" : "", p[0].text);
        for (size_t k = 1; k < 3 && p[k].text; k++)
            text = arena_printf(a, "%s, %s", text, p[k].text);
        text = arena_printf(a, "%s%s", text, p[1].text ? ")" : "");
    }
    return l->smem.text ? arena_printf(a, "%s, smem = %s", text, l->smem.text) : text;
}

static json_t *require_json(struct arena *a, const struct spec *spec)
{
    const struct {
        const char *name;
        int64_t limit;
    } limits[] = {{"smem", spec->require.smem},
                  {"regs", spec->require.regs},
                  {"spills", spec->require.spills}};
    json_t *list = json_array();
    if (spec->require.deterministic)
        add(list, "deterministic");
    if (spec->require.graph)
        add(list, "graph");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].limit >= 0)
            add(list, arena_printf(a, "%s <= %" PRId64, limits[i].name, limits[i].limit));
    return list;
}

static json_t *budget_json(struct arena *a, const struct spec *spec)
{
    json_t *list = json_array();
    if (spec->budget.seconds > 0)
        add(list, arena_printf(a, "time = %gs", spec->budget.seconds));
    if (spec->budget.evals > 0)
        add(list, arena_printf(a, "evals = %" PRId64, spec->budget.evals));
    if (spec->budget.tokens > 0)
        add(list, arena_printf(a, "tokens = %" PRId64, spec->budget.tokens));
    return list;
}

static const char *reference_text(struct arena *a, const struct spec *spec)
{
    const char *symbol = spec->reference.symbol.text;
    if (!symbol)
        return "original";
    return spec->reference.path ? arena_printf(a, "\"%s\", %s", spec->reference.path, symbol)
                                : symbol;
}

static void set_settings(json_t *object, struct arena *a, const struct spec *spec)
{
    set_list(object, "require", require_json(a, spec));
    set(object, "reference", reference_text(a, spec));
    set(object, "objective",
        spec->objective_energy ? spec->objective_warm ? "energy, warm" : "energy, cold"
        : spec->objective_warm ? spec->objective_p90 ? "time, warm, p90" : "time, warm, p50"
        : spec->objective_p90  ? "time, cold, p90"
                               : "time, cold, p50");
    set_list(object, "budget", budget_json(a, spec));
    if (spec->scratch > 0)
        json_object_set_new(object, "scratch", json_integer(spec->scratch));
    json_object_set_new(object, "allow_host", json_boolean(spec->allow_host));
    set_list(object, "hints", texts_json(spec->hints, spec->nhints));
}

static void set_code(json_t *object, const struct spec *spec)
{
    size_t last = spec->region.end > spec->region.at ? spec->region.end - 1 : spec->region.at;
    set(object, "kind", spec->kind == ENTRY_KERNEL ? "kernel" : "host function");
    set(object, "name", spec->qname);
    set(object, "label", spec->label);
    set(object, "returns", spec->returns);
    json_object_set_new(object, "static", json_boolean(spec->is_static));
    json_object_set_new(object, "line", json_integer(row(spec, spec->name_at.at)));
    json_object_set_new(object, "block", json_integer(row(spec, spec->block.at)));
    json_object_set_new(object, "region",
                        json_pack("{s:i,s:i,s:b}", "first", row(spec, spec->region.at), "last",
                                  row(spec, last), "marked", spec->has_region));
}

struct json_t *explain_spec_json(struct arena *a, const struct spec *spec, size_t instance)
{
    json_t *object = json_object();
    set_code(object, spec);
    set_list(object, "on", ons_json(spec));
    set_list(object, "use", texts_json(spec->uses, spec->nuses));
    set_list(object, "template", tparams_json(spec, &spec->instances[instance]));
    set_list(object, "arrays", arrays_json(a, spec));
    set_list(object, "let", named_json(spec->lets, spec->nlets));
    set_list(object, "parameters", params_json(spec));
    set_list(object, "arg", named_json(spec->args, spec->nargs));
    if (spec->kind == ENTRY_KERNEL)
        set(object, "launch", launch_text(a, &spec->launch));
    set(object, "call", spec->call.text);
    set(object, "setup", spec->setup.text);
    set_list(object, "workloads", points_json(a, spec, true));
    set_list(object, "tests", points_json(a, spec, false));
    set_list(object, "tunables", tunables_json(spec));
    set_list(object, "knobs", knobs_json(a, spec));
    set_list(object, "where", constraints_json(spec->wheres, spec->nwheres));
    set_list(object, "structures", structures_json(a, spec));
    set_list(object, "assume", constraints_json(spec->assumes, spec->nassumes));
    set_settings(object, a, spec);
    return object;
}

/* ---- for a person ---- */

static const char *text_of(const json_t *object, const char *member)
{
    const char *s = json_string_value(json_object_get(object, member));
    return s ? s : "";
}

static void print_text(const json_t *x)
{
    printf("%s", json_string_value(x));
}

static void print_on(const json_t *x)
{
    printf("line %d, %s: %s on this GPU", (int)json_integer_value(json_object_get(x, "line")),
           text_of(x, "on"), json_is_true(json_object_get(x, "holds")) ? "holds" : "does not hold");
}

static void print_array(const json_t *x)
{
    printf("%-5s %s %s%s", text_of(x, "role"), text_of(x, "type"), text_of(x, "name"),
           text_of(x, "shape"));
    if (*text_of(x, "generator"))
        printf(" = %s", text_of(x, "generator"));
    if (*text_of(x, "check"))
        printf("; check: %s", text_of(x, "check"));
}

static void print_named(const json_t *x)
{
    printf("%s = %s", text_of(x, "name"), text_of(x, "value"));
}

static void print_parameter(const json_t *x)
{
    printf("%s %s = %s", text_of(x, "type"), text_of(x, "name"), text_of(x, "value"));
    if (strcmp(text_of(x, "value"), "its default") == 0)
        printf(", %s", text_of(x, "default"));
}

static void print_template(const json_t *x)
{
    printf("%s %s = %s", text_of(x, "kind"), text_of(x, "name"), text_of(x, "value"));
}

static void print_point(const json_t *x)
{
    double weight = json_number_value(json_object_get(x, "weight"));
    const char *name, *between = "  with ";
    json_t *gen;
    printf("%s", text_of(x, "point"));
    json_object_foreach(json_object_get(x, "generators"), name, gen)
    {
        printf("%s%s = %s", between, name, json_string_value(gen));
        between = ", ";
    }
    if (weight > 0 && weight != 1)
        printf("  (weight %g)", weight);
}

/* of a long list the first ones, the last one, and the one in the code */
static void print_tunable(const json_t *x)
{
    size_t i, n = json_array_size(json_object_get(x, "values"));
    json_t *v, *own = json_object_get(x, "in_code");
    bool cut = false;
    printf("%s =", text_of(x, "name"));
    json_array_foreach(json_object_get(x, "values"), i, v)
    {
        bool shown = n <= VALUES_SHOWN || i < VALUES_FIRST || i + 1 == n || json_equal(v, own);
        if (!shown && !cut)
            printf(" ...");
        cut = !shown;
        if (shown)
            printf(json_equal(v, own) ? " [%" JSON_INTEGER_FORMAT "]" : " %" JSON_INTEGER_FORMAT,
                   json_integer_value(v));
    }
    printf("  (%s, line %d", text_of(x, "kind"),
           (int)json_integer_value(json_object_get(x, "line")));
    if (n > VALUES_SHOWN)
        printf(", %zu values", n);
    putchar(')');
}

/* all on one line: nobody wrote them */
static void print_knobs(const json_t *knobs)
{
    size_t i, k;
    json_t *knob, *value;
    json_array_foreach(knobs, i, knob)
    {
        if (i == 0)
            printf("  %-11s", "knobs");
        printf("%s%s =", i ? ", " : "", text_of(knob, "name"));
        json_array_foreach(json_object_get(knob, "values"), k, value)
            printf(" %" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    if (json_array_size(knobs))
        putchar('\n');
}

static void print_list(const json_t *entry, const char *member, void (*print)(const json_t *))
{
    size_t i;
    json_t *x;
    json_array_foreach(json_object_get(entry, member), i, x)
    {
        printf("  %-11s", i ? "" : member);
        print(x);
        putchar('\n');
    }
}

static void print_structure(const json_t *x)
{
    size_t i;
    json_t *line;
    printf("%s", text_of(x, "file"));
    json_array_foreach(json_object_get(x, "lines"), i, line)
        printf("\n  %-11s  %s", "", json_string_value(line));
}

static void print_member(const json_t *entry, const char *member)
{
    if (*text_of(entry, member))
        printf("  %-11s%s\n", member, text_of(entry, member));
}

static void print_code(const json_t *e)
{
    const json_t *region = json_object_get(e, "region");
    printf("  %-11s%s%s %s\n", "function",
           json_is_true(json_object_get(e, "static")) ? "static " : "", text_of(e, "returns"),
           text_of(e, "name"));
    print_member(e, "label");
    printf("  %-11slines %d to %d, %s\n", "region",
           (int)json_integer_value(json_object_get(region, "first")),
           (int)json_integer_value(json_object_get(region, "last")),
           json_is_true(json_object_get(region, "marked")) ? "between begin and end"
                                                           : "the definition");
}

void explain_spec_print(const struct json_t *e)
{
    print_code(e);
    print_list(e, "on", print_on);
    print_list(e, "use", print_text);
    print_list(e, "template", print_template);
    print_list(e, "arrays", print_array);
    print_list(e, "let", print_named);
    print_list(e, "parameters", print_parameter);
    print_list(e, "arg", print_named);
    print_member(e, "launch");
    print_member(e, "call");
    print_member(e, "setup");
    print_list(e, "workloads", print_point);
    print_list(e, "tests", print_point);
    print_list(e, "tunables", print_tunable);
    print_knobs(json_object_get(e, "knobs"));
    print_list(e, "where", print_text);
    print_list(e, "structures", print_structure);
    print_list(e, "assume", print_text);
    print_list(e, "require", print_text);
    print_member(e, "reference");
    print_member(e, "objective");
    print_list(e, "budget", print_text);
    if (json_object_get(e, "scratch"))
        printf("  %-11s%" JSON_INTEGER_FORMAT " bytes\n", "scratch",
               json_integer_value(json_object_get(e, "scratch")));
    if (json_is_true(json_object_get(e, "allow_host")))
        printf("  %-11shost\n", "allow");
    print_list(e, "hints", print_text);
}
