/* annotations.c - what annotations_read() and its companions do, from text to specs.
 *
 * Whether an annotation or a constant under #if is active, only the compiler knows. So the file can
 * be asked for a text in which each annotation is a numbered pragma instead, and one stands before
 * each such constant; those that come out of the preprocessor are the active ones. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/lex.h"
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

#define PROBE "ksearch_probe"

static bool is_constant(const struct decl *d)
{
    return (d->kind == DECL_VARIABLE || d->kind == DECL_MACRO) && d->params.at == d->params.end &&
           d->value.at < d->value.end;
}

static bool is_word_byte(char c)
{
    return c == '_' || isalnum((unsigned char)c);
}

/* does the name stand in the span, as a word of its own? */
static bool mentions(const struct source *src, struct span in, const char *name)
{
    const char *text = src->text, *at = text + in.at, *end = text + in.end;
    size_t n = strlen(name);

    while ((at = memmem(at, (size_t)(end - at), name, n))) {
        bool begins = at == text || !is_word_byte(at[-1]);
        if (begins && (at + n == end || !is_word_byte(at[n])))
            return true;
        at += n;
    }
    return false;
}

/* Is its name in an annotation, or in what another constant is made from, or defined twice? A plan
 * that comes later may mean what is not mentioned yet; where it is defined once it is taken as it
 * stands */
static bool is_in_question(const struct file *f, const struct decl *d)
{
    for (size_t i = 0; i < f->nannotations; i++)
        if (mentions(f->src, f->annotations[i], d->name))
            return true;
    for (size_t k = 0; k < f->decls->n; k++)
        if (is_constant(&f->decls->decl[k]) &&
            (mentions(f->src, f->decls->decl[k].value, d->name) ||
             (&f->decls->decl[k] != d && strcmp(f->decls->decl[k].name, d->name) == 0)))
            return true;
    return false;
}

static void find_guarded(struct arena *a, struct file *f)
{
    size_t *guarded = NULL;

    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (is_constant(d) && f->tokens->token[d->first].depth_if > 0 && is_in_question(f, d))
            *arena_push(a, guarded, f->nguarded) = i;
    }
    f->guarded = guarded;
    f->conditional |= f->nguarded > 0;
}

static struct file *file_new(struct arena *a, const struct source *src)
{
    struct file *f = arena_alloc(a, sizeof *f);

    f->arena = a;
    f->src = src;
    if (!memmem(src->text, src->len, "ksearch", 7) && !memmem(src->text, src->len, "KSEARCH", 7)) {
        struct tokens *none = arena_alloc(a, sizeof *none); /* nothing to be found */
        none->src = src;
        *arena_push(a, none->token, none->n) = (struct token){TOKEN_END, {src->len, src->len}, 0};
        f->tokens = none;
        f->decls = scan_decls(a, none);
        return f;
    }
    f->tokens = scan_tokens(a, src);
    for (size_t t = 0; t < f->tokens->n; t++) {
        const struct token *k = &f->tokens->token[t];
        if (k->kind != TOKEN_ANNOTATION)
            continue;
        *arena_push(a, f->annotations, f->nannotations) = k->span;
        f->conditional |= k->depth_if > 0;
    }
    f->decls = scan_decls(a, f->tokens);
    if (f->nannotations)
        find_guarded(a, f);
    return f;
}

struct file *annotations_find(struct arena *a, const struct source *src)
{
    return file_new(a, src);
}

struct file *annotations_none(struct arena *a, const struct source *src)
{
    struct file *f = file_new(a, src);

    f->tokens = scan_tokens(a, src); /* also of a text without the word */
    f->decls = scan_decls(a, f->tokens);
    return f;
}

/* --- regions and labels --- */

/* The ended region around a place, or NULL. Regions come in the order of the file and those that
 * ended do not overlap. */
static const struct region *region_around(const struct blocks *blocks, size_t at)
{
    size_t low = 0, high = blocks->nregions;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (blocks->region[mid].inner.at <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 && blocks->region[low - 1].ended && at < blocks->region[low - 1].inner.end
               ? &blocks->region[low - 1]
               : NULL;
}

/* The region of an entry is its definition, or what its begin and end enclose. Each region has
 * exactly one entry. */
static void join_regions(struct file *f, const struct blocks *blocks, struct diag *d)
{
    bool *entered = arena_array(f->arena, bool, blocks->nregions);

    for (size_t b = 0; b < blocks->n; b++) {
        const struct block *block = &blocks->block[b];
        const struct region *region = region_around(
            blocks, block->decl == SIZE_MAX ? block->at : f->decls->decl[block->decl].name_at.at);
        if (!region)
            continue;
        if (entered[region - blocks->region]) {
            diag_error(d, f->src, block->at, "a second entry in one region");
            diag_note(d, f->src, region->at, "the region begins here");
        }
        entered[region - blocks->region] = true;
    }
    for (size_t i = 0; i < blocks->nregions; i++)
        if (!entered[i] && blocks->region[i].ended)
            diag_error(d, f->src, blocks->region[i].at,
                       "no entry in this region: put the clauses above one of its functions");
}

static void set_region(const struct blocks *blocks, struct spec *s)
{
    const struct region *region = region_around(blocks, s->name_at.at);

    if (region) {
        s->region = region->inner;
        s->has_region = true;
    }
    if (!s->label)
        s->label = region && region->name ? region->name : s->name;
    for (size_t i = 0; i < s->nstructures; i++) {
        s->structures[i].region = s->region;
        s->structures[i].has_region = s->has_region;
        s->structures[i].label = s->label;
    }
}

/* by label, and those of one label in the order of the file */
static int label_order(const void *a, const void *b)
{
    const struct spec *x = *(const struct spec *const *)a, *y = *(const struct spec *const *)b;
    int order = strcmp(x->label, y->label);

    return order ? order : x < y ? -1 : x > y;
}

static void check_labels(const struct file *f, struct diag *d)
{
    const struct spec **sorted = arena_array(f->arena, const struct spec *, f->nspecs);

    for (size_t i = 0; i < f->nspecs; i++)
        sorted[i] = &f->specs[i];
    if (f->nspecs > 0)
        qsort(sorted, f->nspecs, sizeof *sorted, label_order);
    for (size_t i = 1, first = 0; i < f->nspecs; i++) {
        if (strcmp(sorted[i]->label, sorted[first]->label) != 0) {
            first = i;
            continue;
        }
        diag_error(d, f->src, sorted[i]->block.at,
                   "two entries are called '%s': tell them apart with name(...)", sorted[i]->label);
        diag_note(d, f->src, sorted[first]->block.at, "the other one");
    }
}

/* marks the definitions that the preprocessor drops */
static void drop_inactive(struct file *f, const bool *active, size_t nactive)
{
    f->is_probed = f->nguarded > 0 && nactive > f->nannotations;
    for (size_t i = 0; i < f->nguarded && f->nannotations + i < nactive; i++)
        f->decls->decl[f->guarded[i]].is_inactive = !active[f->nannotations + i];
}

struct file *annotations_read(struct arena *a, const struct source *src,
                              const struct reading *reading, struct diag *d)
{
    struct file *f = file_new(a, src);
    const struct gpu *gpu = reading->gpu;
    size_t errors = d->nerrors;
    struct blocks blocks;
    struct gpu figures;

    f->headers = reading->headers;
    if (reading->active)
        drop_inactive(f, reading->active, reading->nactive);
    if (gpu)
        figures = *gpu;
    else if (!gpu_of_arch(9, 0, &figures))
        memset(&figures, 0, sizeof figures);
    blocks_read(f, gpu, reading->active, reading->nactive, d, &blocks);
    join_regions(f, &blocks, d);
    f->constants = constants_new(a, f, &figures);
    for (size_t i = 0; i < blocks.n; i++) {
        struct resolver r = {
            .arena = a, .diag = d, .file = f, .constants = f->constants, .block = &blocks.block[i]};
        struct spec spec = {0};
        if (blocks.block[i].failed)
            continue;
        r.decl = &f->decls->decl[blocks.block[i].decl];
        r.spec = &spec;
        if (resolve_block(&r))
            continue;
        set_region(&blocks, &spec);
        *arena_push(a, f->specs, f->nspecs) = spec;
    }
    if (d->nerrors == errors) /* or there is more to say than that */
        check_labels(f, d);
    return d->nerrors > errors ? NULL : f;
}

/* --- probes --- */

/* does anything but white space stand before `at` in its line? */
static bool in_middle_of_line(const struct source *src, size_t at)
{
    while (at > 0 && (src->text[at - 1] == ' ' || src->text[at - 1] == '\t'))
        at--;
    return at > 0 && src->text[at - 1] != '\n';
}

size_t annotations_probes(const struct file *f)
{
    return f->nannotations + f->nguarded;
}

/* probe i in the place of its annotation */
static void probe_annotation(const struct file *f, size_t i, struct buf *out)
{
    struct span span = f->annotations[i];

    /* KSEARCH() may have code beside it, which a pragma line would swallow */
    if (f->src->text[span.at] == '#' && !in_middle_of_line(f->src, span.at))
        buf_addf(out, "#pragma " PROBE " %zu", i);
    else
        buf_addf(out, "_Pragma(\"" PROBE " %zu\")", i);
    for (size_t k = span.at; k < span.end; k++)
        if (f->src->text[k] == '\n')
            buf_addc(out, '\n');
}

char *annotations_probe(const struct file *f)
{
    struct buf out;
    size_t at = 0, i = 0, k = 0;
    char *text;

    buf_init(&out, BUF_LIMIT);
    while (i < f->nannotations || k < f->nguarded) {
        const struct decl *d = k < f->nguarded ? &f->decls->decl[f->guarded[k]] : NULL;
        bool is_guarded = i == f->nannotations || (d && d->span.at < f->annotations[i].at);
        size_t next = is_guarded ? d->span.at : f->annotations[i].at;
        if (next > at)
            buf_add(&out, f->src->text + at, next - at);
        if (is_guarded) {
            buf_addf(&out, "\n#pragma " PROBE " %zu\n", f->nannotations + k++);
            at = next > at ? next : at;
        } else {
            probe_annotation(f, i, &out);
            at = f->annotations[i++].end;
        }
    }
    buf_add(&out, f->src->text + at, f->src->len - at);
    text = arena_copy(f->arena, buf_text(&out), out.len);
    buf_release(&out);
    return text;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* p behind the word if it stands there, else NULL */
static const char *skip_word(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 ? skip_blanks(p + n, end) : NULL;
}

void annotations_active(const char *preprocessed, size_t len, bool *active, size_t n)
{
    const char *end = preprocessed + len, *line = preprocessed;

    memset(active, 0, n * sizeof *active);
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line)), *p;
        size_t index = 0, digits = 0;
        next = next ? next + 1 : end;
        p = skip_word(skip_blanks(line, next), next, "#");
        p = p ? skip_word(p, next, "pragma") : NULL;
        p = p ? skip_word(p, next, PROBE) : NULL;
        for (; p && p < next && *p >= '0' && *p <= '9' && digits < 9; p++, digits++)
            index = index * 10 + (size_t)(*p - '0');
        if (digits > 0 && index < n)
            active[index] = true;
        line = next;
    }
}
