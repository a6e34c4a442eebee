/* driver/build/meaning.c
 *
 * The parts of a key. The region's tokens and the clauses' are taken from the file as it is
 * written. The context comes from what every pass of this compile makes of the file (context.c). So
 * that macros in clauses count with their values, the clauses' text is put behind the file's end
 * before it is preprocessed, which is also where the harness will paste it.
 *
 * Passes that read the same tokens count once: an architecture more, with no code of its own, is no
 * other meaning, and records know what they were measured on anyway. */
#include "driver/build/meaning.h"

#include <stdlib.h>
#include <string.h>
#include "driver/build/context.h"
#include "driver/build/harness.h"
#include "driver/build/marker.h"
#include "driver/build/words.h"
#include "driver/lang/structure.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

/* ---- the clauses ----------------------------------------------------------------------------- */

/* clauses that steer a search but say nothing of what is measured; of the instances, one is meant.
 * Of file("x.npy") the name counts, not what is in it: driver/search/files.h says why. */
static bool is_silent_clause(const struct tokens *ts, size_t t)
{
    static const char *const silent[] = {"hint", "budget", "name", "instance"};

    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        if (token_is(ts, t, silent[i]))
            return true;
    }
    return false;
}

static bool is_byte(const struct tokens *ts, size_t t, char c)
{
    return ts->token[t].kind == TOKEN_PUNCT && ts->src->text[ts->token[t].span.at] == c;
}

/* one past the parenthesis that closes the one at t */
static size_t past_parens(const struct tokens *ts, size_t t)
{
    int depth = 0;

    for (; t + 1 < ts->n; t++) {
        depth += is_byte(ts, t, '(') - is_byte(ts, t, ')');
        if (depth == 0)
            return t + 1;
    }
    return t;
}

static void add_token(const struct tokens *ts, size_t t, struct buf *out)
{
    struct span s = ts->token[t].span;

    buf_add(out, ts->src->text + s.at, s.end - s.at);
    buf_addc(out, ' ');
}

/* the annotation's words behind `#pragma ksearch` or within KSEARCH( ), continuations undone */
static char *annotation_text(struct arena *a, const struct source *src, struct span at)
{
    char *text = source_copy(a, src, at);
    char *word = strstr(text, "ksearch");
    bool macro = strncmp(text, "KSEARCH", 7) == 0;

    for (char *p = text; *p; p++) {
        if (*p == '\\' && (p[1] == '\n' || (p[1] == '\r' && p[2] == '\n')))
            *p = ' ';
    }
    if (macro) {
        char *open = strchr(text, '('), *close = strrchr(text, ')');
        if (open && close && close > open)
            return arena_copy(a, open + 1, (size_t)(close - open) - 1);
    }
    return word ? word + strlen("ksearch") : text;
}

static void add_clauses(struct arena *a, const struct source *src, struct span at, struct buf *out)
{
    const char *text = annotation_text(a, src, at);
    const struct tokens *ts = scan_tokens(a, source_wrap(a, "", text, strlen(text)));

    for (size_t t = 0; t + 1 < ts->n;) {
        bool clause = ts->token[t].kind == TOKEN_NAME && is_byte(ts, t + 1, '(');
        size_t end = clause ? past_parens(ts, t + 1) : t + 1;

        if (token_is(ts, t, "begin") || token_is(ts, t, "end")) /* and the name behind */
            end = t + 1 + (ts->token[t + 1].kind == TOKEN_NAME && !is_byte(ts, t + 2, '('));
        else if (!clause || !is_silent_clause(ts, t))
            for (size_t i = t; i < end; i++)
                add_token(ts, i, out);
        t = end;
    }
}

/* a structure's text, whole, on one line: its plan says what is measured as much as its code */
static void add_structure(const struct structure *s, struct buf *out)
{
    const struct tokens *ts = s->file->tokens;

    for (size_t t = 0; t + 1 < ts->n; t++) {
        size_t from = out->len;
        add_token(ts, t, out);
        for (; from < out->len; from++)
            if (out->data[from] == '\n' || out->data[from] == '\\')
                out->data[from] = ' ';
    }
}

/* all clauses of the entry's block, a blank between tokens, its structures, and the instance */
static void clauses_text(struct arena *a, const struct file *f, const struct spec *spec,
                         size_t instance, struct buf *out)
{
    const struct instance *inst = &spec->instances[instance];

    for (size_t i = 0; i < f->nannotations; i++) {
        struct span at = f->annotations[i];
        if (at.end > spec->block.at && at.at < spec->def.at)
            add_clauses(a, f->src, at, out);
    }
    for (size_t i = 0; i < spec->nstructures; i++)
        add_structure(spec->structures[i].structure, out);
    for (size_t i = 0; i < inst->nbinds; i++)
        buf_addf(out, "; %s = %s ", inst->binds[i].name,
                 inst->binds[i].value.text ? inst->binds[i].value.text : "");
}

/* ---- the region ------------------------------------------------------------------------------ */

static struct hash hash_region(const struct file *f, const struct spec *spec)
{
    struct hasher *h = hasher_new();

    for (size_t t = 0; t + 1 < f->tokens->n; t++) {
        const struct token *k = &f->tokens->token[t];
        if (k->span.at < spec->region.at || k->span.end > spec->region.end ||
            k->kind == TOKEN_ANNOTATION)
            continue;
        context_hash_token(h, k->kind, f->src->text + k->span.at, k->span.end - k->span.at);
    }
    return hasher_end(h);
}

/* ---- the context ----------------------------------------------------------------------------- */

struct hashes {
    struct hash *hash;
    size_t n;
};

static void hashes_add(struct arena *a, struct hashes *s, const struct hash *h)
{
    for (size_t i = 0; i < s->n; i++) {
        if (hash_equal(&s->hash[i], h))
            return;
    }
    *arena_push(a, s->hash, s->n) = *h;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash));
}

static struct hash hashes_end(struct hashes *s)
{
    if (s->n)
        qsort(s->hash, s->n, sizeof *s->hash, by_bytes);
    return hash_bytes(s->hash, s->n * sizeof *s->hash);
}

static void add_real(struct arena *a, const char *path, struct words *out)
{
    char *real = realpath(path, NULL);

    if (real)
        words_add(a, out, arena_dup(a, real));
    free(real);
}

/* the folders of nvcc's own headers: what its profile calls TOP and the folders it has in INCLUDES
 * and SYSTEM_INCLUDES */
static const char *const *toolkit_dirs(struct arena *a, const struct plan *p)
{
    static const char *const variables[] = {"TOP=", "INCLUDES=", "SYSTEM_INCLUDES="};
    struct words out = {0};

    for (size_t i = 0; p->env[i]; i++) {
        for (size_t v = 0; v < sizeof variables / sizeof *variables; v++) {
            size_t n = strlen(variables[v]);
            struct words words = {0};

            if (strncmp(p->env[i], variables[v], n) != 0 ||
                words_split(a, p->env[i] + n, false, &words, NULL) < 0)
                continue;
            for (size_t k = 0; k < words.n; k++)
                add_real(a, words.word[k] + (strncmp(words.word[k], "-I", 2) == 0 ? 2 : 0), &out);
        }
    }
    return words_end(a, &out);
}

struct meaning {
    const struct file *f;
    const struct plan *p;
    const char *const *foreign;
    struct pass {
        const char *text;
        size_t len;
    } * pass;
    size_t npasses;
};

/* the file with the clauses of all entries and instances behind its end */
static char *marked_text(struct arena *a, const struct file *f)
{
    size_t entry = 0;
    struct buf b;
    char *text;

    buf_init(&b, BUF_LIMIT);
    buf_add(&b, f->src->text, f->src->len);
    for (size_t i = 0; i < f->nspecs; i++) {
        for (size_t k = 0; k < f->specs[i].ninstances; k++) {
            buf_addf(&b, "\n" CONTEXT_MARK "%zu ", entry++);
            clauses_text(a, f, &f->specs[i], k, &b);
        }
    }
    buf_adds(&b, "\n");
    text = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return text;
}

/* the number that marked_text gave the target */
static size_t entry_number(const struct file *f, const struct spec *spec, size_t instance)
{
    size_t entry = instance;

    for (size_t i = 0; i < f->nspecs && &f->specs[i] != spec_plain(spec); i++)
        entry += f->specs[i].ninstances;
    return entry;
}

static int add_passes(struct arena *a, struct meaning *m, const struct step *const *steps, size_t n,
                      struct error *err)
{
    struct buf *out = arena_array(a, struct buf, n + 1);
    int rc;

    for (size_t i = 0; i < n; i++)
        buf_init(&out[i], BUF_LIMIT);
    rc = plan_settled(m->p, steps, n, marked_text(a, m->f), out, err);
    for (size_t i = 0; i < n; i++) {
        if (rc == 0)
            *arena_push(a, m->pass, m->npasses) =
                (struct pass){arena_copy(a, buf_text(&out[i]), out[i].len), out[i].len};
        buf_release(&out[i]);
    }
    return rc;
}

struct meaning *meaning_open(struct arena *a, const struct file *f, const struct plan *p,
                             struct error *err)
{
    struct meaning *m = arena_alloc(a, sizeof *m);
    const struct step **steps = arena_array(a, const struct step *, p->n + 1);
    size_t n = 0;

    m->f = f;
    m->p = p;
    m->foreign = toolkit_dirs(a, p);
    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        bool ours = s->tool <= TOOL_CPP_DEVICE && s->input && strcmp(s->input, f->src->path) == 0;
        if (ours)
            steps[n++] = s;
    }
    if (!n)
        error_set(err, "nvcc's plan does not preprocess %s", f->src->path);
    return n && add_passes(a, m, steps, n, err) == 0 ? m : NULL;
}

const char *meaning_pass(const struct meaning *m, size_t i, size_t *len)
{
    if (i >= m->npasses)
        return NULL;
    *len = m->pass[i].len;
    return m->pass[i].text;
}

/* is the line [at, end) `#pragma ksearch ...`? */
static bool is_annotation(const char *at, const char *end)
{
    static const char *const WORDS[] = {"#", "pragma", "ksearch"};

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        size_t n = strlen(WORDS[i]);
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if ((size_t)(end - at) <= n || memcmp(at, WORDS[i], n) != 0)
            return false;
        at += n;
    }
    return *at == ' ' || *at == '\t';
}

/* What stands in the source is named by #line, and never entered. */
const char *meaning_annotated_header(struct arena *a, const struct meaning *m, const char **from)
{
    const char *at = m->pass[0].text, *end = at + m->pass[0].len;
    enum { DEPTH_MOST = 256 }; /* compilers stop sooner */
    struct marker file[DEPTH_MOST] = {0};
    size_t depth = 0; /* of those that were entered; 0: the source, and what stands in it */

    for (const char *next; at < end; at = next) {
        struct marker here;
        next = memchr(at, '\n', (size_t)(end - at));
        next = next ? next + 1 : end;
        if (*at == '#' && marker_read(at, next, &here)) {
            depth += here.enters && depth + 1 < DEPTH_MOST;
            depth -= here.returns && depth;
            file[depth] = here;
        } else if (depth && is_annotation(at, next)) {
            *from = file[depth - 1].name ? marker_name(a, &file[depth - 1]) : m->f->src->path;
            return marker_name(a, &file[depth]);
        }
    }
    return NULL;
}

static struct context context_of(const struct meaning *m, const struct spec *spec, size_t instance)
{
    const struct source *src = m->f->src;

    return (struct context){
        .source = source_place(src, spec->region.at).path,
        .first_row = source_place(src, spec->region.at).row,
        .last_row = source_place(src, spec->region.end - (spec->region.end > 0)).row,
        .entry = entry_number(m->f, spec, instance),
        .foreign = m->foreign,
    };
}

static struct hash hash_context(struct arena *a, const struct meaning *m, const struct spec *spec,
                                size_t instance)
{
    struct context c = context_of(m, spec, instance);
    struct hashes passes = {0};

    for (size_t i = 0; i < m->npasses; i++) {
        double start = now_seconds();
        size_t lines;
        struct hash h = context_hash(&c, m->pass[i].text, m->pass[i].len, &lines);

        log_debug("context of %s: %zu of the user's lines out of %zu bytes, %.1f ms", spec->name,
                  lines, m->pass[i].len, (now_seconds() - start) * 1e3);
        hashes_add(a, &passes, &h);
    }
    return hashes_end(&passes);
}

static struct hash hash_flags(struct arena *a, const struct plan *p)
{
    struct hashes each = {0};

    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->tool == TOOL_CICC) {
            struct hash h = plan_flags_hash(p, s->major, s->minor);
            hashes_add(a, &each, &h);
        }
    }
    return hashes_end(&each);
}

void meaning_target(struct arena *a, const struct meaning *m, const struct spec *spec,
                    size_t instance, const char *toolkit, struct key *key)
{
    struct buf clauses;

    buf_init(&clauses, BUF_LIMIT);
    clauses_text(a, m->f, spec, instance, &clauses);
    key->part[KEY_REGION] = hash_region(m->f, spec);
    key->part[KEY_CLAUSES] = hash_bytes(buf_text(&clauses), clauses.len);
    key->part[KEY_CONTEXT] = hash_context(a, m, spec, instance);
    key->part[KEY_FLAGS] = hash_flags(a, m->p);
    key->part[KEY_TOOLKIT] = hash_bytes(toolkit, strlen(toolkit));
    buf_release(&clauses);
    key_finish(key, target_name(a, spec, instance));
}

json_t *meaning_made_of(struct arena *a, const struct meaning *m, const struct spec *spec,
                        size_t instance)
{
    struct context c = context_of(m, spec, instance);
    json_t *made_of = context_made_of(&c, m->pass[0].text, m->pass[0].len);

    for (size_t i = 0; i < m->p->n; i++) {
        const struct step *s = &m->p->steps[i];
        if (s->tool == TOOL_CICC) {
            json_object_set_new(made_of, "flags",
                                utf8_json(plan_flags_text(a, m->p, s->major, s->minor)));
            break;
        }
    }
    return made_of;
}
