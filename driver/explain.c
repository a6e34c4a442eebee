/* driver/explain.c - one JSON object is made, and printed as such or laid out for a person: so the
 * two never disagree. */
#include "driver/explain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/specific.h"
#include "driver/emission.h"
#include "driver/explain_spec.h"
#include "driver/inspect.h"
#include "driver/lookup.h"
#include "driver/search/space.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

/* ---- the object ---- */

/* {all, valid, estimated}: the points before and after where(); valid is null where the space is at
 * fault (the diagnostics then say how) */
static json_t *space_json(struct inspection *in, const struct spec *spec)
{
    struct space *space = spec->ntunables ? space_new(spec, &in->gpu, &in->diag) : NULL;
    json_t *size = space             ? json_real(space_size(space))
                   : spec->ntunables ? json_null()
                                     : json_real(1);
    bool estimated = space && !space_is_enumerated(space);
    double all = 1;
    for (size_t i = 0; i < spec->ntunables; i++)
        all *= (double)spec->tunables[i].nvalues;
    space_free(space);
    return json_pack("{s:f, s:o, s:b}", "all", all, "valid", size, "estimated", estimated);
}

static json_t *file_json(const struct target *t)
{
    json_t *object = json_pack("{s:s,s:o}", "found", found_name(t->found), "why",
                               t->why ? utf8_json(t->why) : json_null());
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
    if (t->useless)
        t->why = arena_printf(in->arena, "a result is on file, but %s", t->useless);
    if (lib->share && share_trouble(lib->share))
        t->why = arena_printf(in->arena, "%s; %s", t->why, share_trouble(lib->share));
}

/* the card that on(...) and gpu.* were read for */
static const char *gpu_text(struct inspection *in)
{
    if (!in->arch.major)
        return "none: the compile makes no machine code";
    return arena_printf(in->arena, "%s%ssm_%d%d", in->gpu.name, *in->gpu.name ? ", " : "",
                        in->gpu.major, in->gpu.minor);
}

/* {target, use, why}: may winners have the target with an `a`? null where the GPU has none */
static json_t *specific_json(struct inspection *in)
{
    static const char *const use[] = {
        [SPECIFIC_NOT] = "no", [SPECIFIC_OWN] = "named", [SPECIFIC_ADDED] = "added"};
    int major = in->gpu.major, minor = in->gpu.minor;
    const char *why;
    enum specific is = inspection_specific(in, major, minor, &why);
    if (!in->arch.major || !specific_exists(major, minor))
        return json_null();
    return json_pack("{s:s, s:s, s:s?}", "target", specific_name(in->arena, major, minor), "use",
                     use[is], "why", why);
}

/* why no winner could be put into the source; null where it could */
static json_t *unusable_json(const struct inspection *in, const struct unit_source *u,
                             const struct target *t)
{
    struct error err = {""};
    return emission_possible(in, u, t, &err) ? utf8_json(err.text) : json_null();
}

static json_t *target_json(struct inspection *in, const struct unit_source *u,
                           const struct library *lib, struct target *t)
{
    const struct spec *spec = t->spec;
    char hex[65];
    hash_hex(&t->key.all, hex);
    if (!t->record && !t->why)
        explain_miss(in, lib, t);
    json_t *entry = explain_spec_json(in->arena, spec, t->instance);
    json_object_set_new(entry, "entry", utf8_json(t->name));
    json_object_set_new(entry, "source",
                        utf8_json(source_place(spec->file->src, spec->name_at.at).path));
    json_object_set_new(entry, "gpu", utf8_json(gpu_text(in)));
    json_object_set_new(entry, "specific", specific_json(in));
    json_object_set_new(entry, "space", space_json(in, spec));
    for (size_t i = 0; i < spec->nstructures; i++)
        json_object_set_new(json_array_get(json_object_get(entry, "structures"), i), "space",
                            space_json(in, &spec->structures[i]));
    json_object_set_new(entry, "unusable", unusable_json(in, u, t));
    json_object_set_new(entry, "key", json_string(hex));
    json_object_set_new(entry, "file", file_json(t));
    return entry;
}

/* ---- for a person ---- */

static const char *text_of(const json_t *object, const char *member)
{
    const char *s = json_string_value(json_object_get(object, member));
    return s ? s : "";
}

static void print_file(const json_t *file)
{
    json_t *object = json_object_get(file, "record");
    struct record *r = object ? record_from_json(object, NULL) : NULL;
    if (!r) {
        printf("  %-11snothing: %s\n", "on file", text_of(file, "why"));
        return;
    }
    char *values = record_values_text(r), gain[GAIN_TEXT], signer[160];
    if (r->nwinners)
        printf("  %-11s%s %s on %s (%s, measured %s)\n", "on file", values,
               record_gain_text(r, gain), r->gpu, text_of(file, "found"), r->created);
    else
        printf("  %-11sno proven gain on %s (%s, measured %s%s)\n", "on file", r->gpu,
               text_of(file, "found"), r->created, record_end_text(r, gain));
    if (record_signer_text(r, signer))
        printf("  %-11s%s\n", "shared", signer);
    free(values);
    record_free(r);
}

static void print_points(const json_t *space)
{
    double all = json_number_value(json_object_get(space, "all"));
    const json_t *valid = json_object_get(space, "valid");
    printf("%.15g point%s", all, all == 1 ? "" : "s");
    if (json_is_number(valid))
        printf(", %s%.15g valid", json_is_true(json_object_get(space, "estimated")) ? "about " : "",
               json_number_value(valid));
}

static void print_spaces(const json_t *entry)
{
    size_t i;
    json_t *structure;
    printf("  %-11s", "space");
    print_points(json_object_get(entry, "space"));
    json_array_foreach(json_object_get(entry, "structures"), i, structure)
    {
        printf("\n  %-11s", "");
        print_points(json_object_get(structure, "space"));
        printf(" of %s", text_of(structure, "file"));
    }
    putchar('\n');
}

static void print_specific(const json_t *specific)
{
    const char *use = text_of(specific, "use"), *target = text_of(specific, "target");
    if (strcmp(use, "no") == 0)
        printf("  %-11s%s is not added, whatever a winner needs: %s\n", "targets", target,
               text_of(specific, "why"));
    else if (*use)
        printf("  %-11s%s, %s\n", "targets", target,
               *use == 'n' ? "which the command names"
                           : "where a winner needs it, beside what the command names");
}

static void print_entry(const json_t *e)
{
    printf("%s:%d: %s (%s)\n", text_of(e, "source"),
           (int)json_integer_value(json_object_get(e, "line")), text_of(e, "entry"),
           text_of(e, "kind"));
    printf("  %-11s%s\n", "GPU", text_of(e, "gpu"));
    print_specific(json_object_get(e, "specific"));
    explain_spec_print(e);
    print_spaces(e);
    if (*text_of(e, "unusable"))
        printf("  %-11snone could be used: %s\n", "winners", text_of(e, "unusable"));
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
    return json_pack("{s:o,s:o}", "file", utf8_json(u->src->path), "entries", entries);
}

static void explain_json(json_t *all)
{
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void explain_print(json_t *files, bool headers)
{
    size_t i, k;
    json_t *file, *entry;
    if (!json_array_size(files))
        puts(headers ? "nothing is annotated but headers, which count with KSEARCH_HEADERS=1: nvcc "
                       "compiles it untouched"
                     : "nothing is annotated: nvcc compiles it untouched");
    json_array_foreach(files, i, file)
    {
        json_array_foreach(json_object_get(file, "entries"), k, entry) print_entry(entry);
        if (k == 0)
            printf("%s: no annotation is compiled: #if leaves them out with these flags\n",
                   text_of(file, "file"));
    }
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

/* would something be annotated if headers counted? */
static bool explain_headers(const char *const *words)
{
    struct inspection in = {.builds = true, .headers = true};
    struct error err = {""};
    bool any = inspection_open(&in, words, &err) == 0 && (in.nsources || in.diag.nerrors);
    inspection_release(&in);
    return any;
}

int explain_file(const char *const *words, bool json)
{
    struct inspection in = {.builds = true};
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
    bool headers = !status && !in.nsources && !in.headers && explain_headers(words);
    if (json) {
        json_t *all = json_pack("{s:o,s:o,s:b}", "files", files, "diagnostics", diag_json(&in.diag),
                                "annotated_headers", headers);
        explain_json(all);
    } else {
        diag_print(&in.diag);
        if (!status)
            explain_print(files, headers);
        json_decref(files);
    }
    inspection_release(&in);
    return status;
}
