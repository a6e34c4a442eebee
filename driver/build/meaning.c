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
#include "driver/build/words.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

/* ---- the clauses ----------------------------------------------------------------------------- */

/* clauses that steer a search but say nothing of what is measured; of the instances, one is meant
 */
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

/* all clauses of the entry's block, a blank between tokens, and the instance */
static void clauses_text(struct arena *a, const struct file *f, const struct spec *spec,
                         size_t instance, struct buf *out)
{
    const struct instance *inst = &spec->instances[instance];

    for (size_t i = 0; i < f->nannotations; i++) {
        struct span at = f->annotations[i];
        if (at.end > spec->block.at && at.at < spec->def.at)
            add_clauses(a, f->src, at, out);
    }
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

/* the value of TOP in the plan: the folder that holds nvcc's own headers */
static const char *toolkit_dir(const struct plan *p)
{
    for (size_t i = 0; p->env[i]; i++) {
        if (strncmp(p->env[i], "TOP=", 4) == 0)
            return p->env[i] + 4;
    }
    return NULL;
}

static struct hash hash_pass(const struct file *f, const struct spec *spec, const struct plan *p,
                             const struct buf *text)
{
    struct context c = {
        .source = f->src->path,
        .first_row = source_place(f->src, spec->region.at).row,
        .last_row = source_place(f->src, spec->region.end - (spec->region.end > 0)).row,
        .toolkit = toolkit_dir(p),
    };
    double start = now_seconds();
    size_t lines;
    struct hash h = context_hash(&c, buf_text(text), text->len, &lines);

    log_debug("context of %s: %zu of the user's lines out of %zu bytes, %.1f ms", spec->name, lines,
              text->len, (now_seconds() - start) * 1e3);
    return h;
}

static int hash_context(struct arena *a, const struct file *f, const struct spec *spec,
                        const struct plan *p, const struct command *c, const char *clauses,
                        struct hash *hash, struct error *err)
{
    char *text = arena_printf(a, "%s\n" CONTEXT_MARK " %s\n", f->src->text, clauses);
    struct hashes passes = {0};

    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        struct hash h;
        struct buf out;

        if (s->tool > TOOL_CPP_DEVICE || !s->input || strcmp(s->input, f->src->path) != 0)
            continue;
        buf_init(&out, BUF_LIMIT);
        if (plan_preprocess(p, c, s->input, s->major, s->minor, text, &out, err) < 0) {
            buf_release(&out);
            return -1;
        }
        h = hash_pass(f, spec, p, &out);
        hashes_add(a, &passes, &h);
        buf_release(&out);
    }
    if (!passes.n)
        return error_set(err, "nvcc's plan does not preprocess %s", f->src->path);
    *hash = hashes_end(&passes);
    return 0;
}

static struct hash hash_flags(struct arena *a, const struct spec *spec, const struct plan *p)
{
    struct hashes each = {0};

    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->tool == TOOL_CICC) {
            struct hash h = plan_flags_hash(p, s->major, s->minor, spec->kind == ENTRY_HOST);
            hashes_add(a, &each, &h);
        }
    }
    return hashes_end(&each);
}

int meaning_key(struct arena *a, const struct file *f, const struct spec *spec, size_t instance,
                const struct plan *p, const struct command *c, const char *toolkit, struct key *key,
                struct error *err)
{
    struct buf clauses;
    int rc;

    buf_init(&clauses, BUF_LIMIT);
    clauses_text(a, f, spec, instance, &clauses);
    key->part[KEY_REGION] = hash_region(f, spec);
    key->part[KEY_CLAUSES] = hash_bytes(buf_text(&clauses), clauses.len);
    key->part[KEY_FLAGS] = hash_flags(a, spec, p);
    key->part[KEY_TOOLKIT] = hash_bytes(toolkit, strlen(toolkit));
    rc = hash_context(a, f, spec, p, c, buf_text(&clauses), &key->part[KEY_CONTEXT], err);
    buf_release(&clauses);
    if (rc == 0)
        key_finish(key, target_name(a, spec, instance));
    return rc;
}
