/* structure.c - from structure("file.cu") to a spec with tunables and a plan of its own.
 *
 * The text is read as a file of its own, with the annotated file around it for constants. Its
 * tune() and where() go through the same steps as an entry's; only the places that they speak of
 * lie in the other text. What is wrong is reported as far as one mistake does not make the next:
 * who writes the text, a model above all, is told everything at once. */
#include "driver/lang/structure.h"

#include <string.h>
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "driver/lang/plan_check.h"
#include "driver/lang/plan_parse.h"
#include "driver/lang/resolve.h"
#include "driver/lang/signature.h"
#include "runtime/base/arena.h"
#include "runtime/base/utf8.h"

int structure_type_size(const char *type)
{
    static const struct {
        int size;
        const char *types[14];
    } SIZES[] = {
        {1,
         {"char", "signed char", "unsigned char", "bool", "int8_t", "uint8_t", "__nv_fp8_e4m3",
          "__nv_fp8_e5m2"}},
        {2,
         {"short", "unsigned short", "int16_t", "uint16_t", "half", "__half", "__nv_bfloat16",
          "char2", "uchar2"}},
        {4,
         {"int", "unsigned", "unsigned int", "int32_t", "uint32_t", "float", "half2", "__half2",
          "__nv_bfloat162", "short2", "ushort2", "char4", "uchar4"}},
        {8,
         {"long", "unsigned long", "long long", "unsigned long long", "int64_t", "uint64_t",
          "size_t", "double", "float2", "int2", "uint2", "short4", "ushort4"}},
        {12, {"float3", "int3", "uint3"}},
        {16, {"float4", "int4", "uint4", "double2", "longlong2", "ulonglong2", "long2", "ulong2"}},
    };

    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        for (size_t k = 0; SIZES[i].types[k]; k++)
            if (strcmp(type, SIZES[i].types[k]) == 0)
                return SIZES[i].size;
    return 0;
}

const struct spec *structure_find(const struct spec *entry, const char *path)
{
    for (size_t i = 0; i < entry->nstructures; i++)
        if (strcmp(entry->structures[i].structure->path, path) == 0)
            return &entry->structures[i];
    return NULL;
}

const struct spec *structure_entry(const struct spec *spec)
{
    const struct file *f = spec->file;

    if (spec->structure && spec->structure->entry)
        return spec->structure->entry;
    for (size_t i = 0; i < f->nspecs && spec->structure; i++)
        for (size_t k = 0; k < f->specs[i].nstructures; k++)
            if (&f->specs[i].structures[k] == spec)
                return &f->specs[i];
    return spec;
}

size_t structure_number(const struct spec *spec)
{
    const struct spec *entry = structure_entry(spec);

    if (!spec->structure)
        return 0;
    return spec->structure->entry ? entry->nstructures + 1 + spec->structure->number
                                  : (size_t)(spec - entry->structures) + 1;
}

const char *structure_run_name(const struct structure *s, size_t number)
{
    for (size_t i = 0; i < s->ngroups; i++)
        for (size_t k = 0; k < s->groups[i].nsteps; k++)
            if (s->groups[i].steps[k].kind == PLAN_RUN &&
                s->groups[i].steps[k].run.number == number)
                return s->groups[i].steps[k].run.name;
    return "";
}

const char *structure_kernel(struct arena *a, const struct plan_run *run)
{
    return arena_printf(a, "%s%s", run->name, run->arguments.text ? run->arguments.text : "");
}

const struct source *structure_source(const struct spec *spec)
{
    return spec->structure ? spec->structure->src : spec->file->src;
}

/* --- the text --- */

static struct source *read_text(struct resolver *r, const struct clause *c)
{
    struct error err = {""};
    struct source *src =
        source_read(r->arena, source_beside(r->arena, r->file->src, c->use_at.at, c->text), &err);

    if (!src)
        resolve_error(r, c, c->at.at, "structure(\"%s\"): %s", c->text, err.text);
    else if (memchr(src->text, 0, src->len))
        resolve_error(r, c, c->at.at, "structure(\"%s\"): it holds a NUL byte", c->text);
    else
        return src;
    return NULL;
}

/* only #include <...>: a quoted one, or one that a macro makes, is looked for in folders */
static int check_includes(struct resolver *r, const struct structure *s)
{
    const struct tokens *ts = s->file->tokens;
    int rc = 0;

    for (size_t t = 0; t < ts->n; t++) {
        struct lexer l;
        struct token name;
        if (directive_kind(s->src, &ts->token[t]) != DIRECTIVE_INCLUDE)
            continue;
        lexer_init(&l, s->src, ts->token[t].span, true);
        lexer_next(&l); /* # */
        lexer_next(&l); /* include */
        name = lexer_next(&l);
        if (!lex_punct(s->src, &name, '<'))
            rc = diag_error(r->diag, s->src, name.span.at,
                            "this text stands in no folder: it can include only <...> files of "
                            "the compiler's");
    }
    return rc;
}

/* a word that no structure's line may have */
static void unknown_word(struct cursor *c)
{
    size_t words = 0;
    const char *all[16], *near, *name;
    struct span at;

    all[words++] = "tune";
    all[words++] = "where";
    for (size_t i = 0; plan_words[i].word; i++)
        all[words++] = plan_words[i].word;
    name = cursor_name(c, "tune, where, or a statement of the plan", &at);
    if (!name)
        return;
    near = diag_nearest(name, all, words);
    cursor_error(c, at.at,
                 near ? "'%s' is no line of a structure; did you mean '%s'?"
                      : "'%s' is no line of a structure: those are tune, where, let, "
                        "when, scratch, zero, tensormap and run",
                 name, near);
}

/* the clauses and statements of one annotation of the text */
static int read_line(struct resolver *r, struct structure *s, const struct token *t)
{
    struct cursor c;
    int rc = 0;

    if (s->src->text[t->span.at] == 'K' && s->src->text[t->span.end - 1] != ')')
        return diag_error(r->diag, s->src, t->span.at, "KSEARCH( is never closed");
    cursor_init(&c, r->arena, r->diag, s->src, lex_annotation_body(s->src, t));
    if (cursor_at_end(&c))
        return cursor_expected(&c, "a clause");
    while (!cursor_at_end(&c)) {
        if (plan_is_word(&c)) {
            rc |= plan_parse(&c, s) ? 0 : -1;
        } else if (cursor_is(&c, "tune") || cursor_is(&c, "where")) {
            rc |= clause_parse(&c, &r->clauses, &r->nclauses) ? 0 : -1;
        } else {
            unknown_word(&c);
            return -1;
        }
        if (rc && c.failed && cursor_peek(&c)->kind == TOKEN_END)
            break;
    }
    return rc;
}

static int read_lines(struct resolver *r, struct structure *s)
{
    const struct tokens *ts = s->file->tokens;
    int rc = 0;

    for (size_t t = 0; t < ts->n; t++)
        if (ts->token[t].kind == TOKEN_ANNOTATION)
            rc |= read_line(r, s, &ts->token[t]);
    return rc;
}

/* --- what it has to be --- */

/* the kernel of the entry's name in the text; NULL, reported, when it has none */
static const struct decl *find_kernel(struct resolver *r, const struct structure *s)
{
    const struct decls *decls = s->file->decls;
    const struct decl *found = NULL;

    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        if (d->kind == DECL_FUNCTION && d->is_global && d->body.end > d->body.at && d->scope == 0 &&
            strcmp(d->name, r->spec->name) == 0)
            found = d;
    }
    if (!found)
        diag_error(r->diag, s->src, 0,
                   "this structure of a kernel defines no __global__ function '%s' that could take "
                   "its place",
                   r->spec->name);
    return found;
}

/* the kernel that takes the place of a kernel entry: its name and its parameters */
static int find_entry(struct resolver *r, struct structure *s)
{
    struct spec own = {0};
    struct param_shape *shapes;
    int rc = 0;

    s->kernel = find_kernel(r, s);
    if (s->ncommon || s->ngroups)
        rc = diag_error(r->diag, s->src, s->ncommon ? s->common[0].at.at : 0,
                        "'%s' is a kernel and is launched as launch(...) says: its structures have "
                        "no plan",
                        r->spec->name);
    if (!s->kernel)
        return -1;
    signature_read(r->arena, s->file, s->kernel, &own, &shapes);
    if (own.nparams == r->spec->nparams)
        return rc;
    diag_error(r->diag, s->src, s->kernel->name_at.at,
               "'%s' has %zu parameters here and %zu in the code: both must be the same",
               r->spec->name, own.nparams, r->spec->nparams);
    diag_note(r->diag, r->spec->file->src, r->spec->name_at.at, "in the code");
    return -1;
}

/* where a structure is asked for: in the annotation; of one that came as text (c NULL) the entry */
static size_t asked_at(const struct resolver *r, const struct clause *c)
{
    return c ? c->at.at : r->spec->name_at.at;
}

/* can a structure stand for the entry at all? Its kernels are a module of their own, in which no
 * setup() of the file has filled anything */
static int check_entry(struct resolver *r, const struct clause *c)
{
    if (!r->spec->setup.text)
        return 0;
    return resolve_error(r, c, asked_at(r, c),
                         "setup(...) fills variables of this file, which a structure's kernels do "
                         "not see: pass what they need as arguments");
}

static bool returns_status(const struct spec *s)
{
    return strcmp(s->returns, "void") == 0 || strcmp(s->returns, "cudaError_t") == 0;
}

bool structure_possible(const struct spec *entry)
{
    return !entry->setup.text &&
           (entry->kind == ENTRY_KERNEL || (!entry->call.text && returns_status(entry)));
}

/* can a plan stand for it? */
static int check_host(struct resolver *r, const struct clause *c)
{
    const struct spec *s = r->spec;

    if (s->call.text)
        return resolve_error(r, c, asked_at(r, c),
                             "a plan needs the values of the parameters, which call(...) does not "
                             "tell: describe them with arg(...), or write a wrapper with plain "
                             "parameters and make it the entry");
    if (!returns_status(s))
        return resolve_error(r, c, asked_at(r, c),
                             "'%s' returns %s: a plan can stand only for functions that return "
                             "void or cudaError_t",
                             s->name, s->returns);
    return 0;
}

/* --- one structure --- */

/* constants of this text have their values in it: whoever evaluates a constraint later sees only
 * the annotated file's */
static void fold(struct resolver *r, struct expr *e)
{
    struct constants_view view = {r->constants, 0};

    if (!e)
        return;
    fold(r, e->a);
    fold(r, e->b);
    fold(r, e->c);
    if (e->op == EXPR_NAME && strncmp(e->name, "gpu.", 4) != 0 &&
        spec_find_tunable(r->spec, e->name) < 0 && constants_lookup(&view, e->name, &e->value))
        e->op = EXPR_NUMBER;
}

/* a template parameter of the entry is no constant of the text: only those can be tuned here */
static int resolve_own(struct resolver *r)
{
    size_t ntparams = r->spec->ntparams;
    int rc;

    r->spec->ntparams = 0;
    rc = resolve_tunables(r) || resolve_wheres(r) ? -1 : 0;
    for (size_t i = 0; rc == 0 && i < r->spec->nwheres; i++)
        fold(r, r->spec->wheres[i].expr);
    r->spec->ntparams = ntparams;
    return rc;
}

/* the entry's spec with nothing yet that is the structure's own */
static void start_spec(struct spec *spec, const struct spec *entry, const struct structure *s)
{
    *spec = *entry;
    spec->tunables = NULL;
    spec->wheres = NULL;
    spec->structures = NULL;
    spec->ntunables = spec->nwheres = spec->nstructures = 0;
    spec->structure = s;
}

/* from s, which has its path and source, to its spec. A line that cannot be read may have declared
 * anything: what the lines mean is looked at only when all can be */
static int read_structure(struct resolver *outer, const struct clause *c, struct structure *s,
                          struct spec *spec)
{
    static const struct decl around = {.scope = 0}; /* the text is at no namespace of its own */
    struct resolver r = *outer;
    int lines, rc;

    s->file = r.file = annotations_none(outer->arena, s->src);
    start_spec(spec, outer->spec, s);
    r.spec = spec;
    r.decl = &around;
    r.clauses = NULL;
    r.nclauses = 0;
    r.constants = constants_inside(outer->constants, outer->decl->scope, s->file);
    rc = s->entry ? check_includes(&r, s) : 0;
    rc |= lines = read_lines(&r, s);
    rc |= lines ? -1 : resolve_own(&r);
    if (spec->kind == ENTRY_KERNEL)
        rc |= find_entry(&r, s);
    else if (lines == 0)
        rc |= check_host(outer, c) ? -1 : plan_check(&r, s);
    return rc ? -1 : 0;
}

/* of a file that the annotation names */
static int read_named(struct resolver *r, const struct clause *c, struct spec *spec)
{
    struct structure *s = arena_alloc(r->arena, sizeof *s);
    size_t n = strlen(c->text);

    if (utf8_plain(c->text, n) != n) /* it names the structure in records and journals */
        return resolve_error(r, c, c->at.at, "structure(\"%s\"): the name of the file is not UTF-8",
                             c->text);
    s->path = c->text;
    s->src = check_entry(r, c) ? NULL : read_text(r, c);
    return s->src ? read_structure(r, c, s, spec) : -1;
}

int resolve_structures(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        struct spec spec;
        if (c->kind != CLAUSE_STRUCTURE)
            continue;
        if (structure_find(r->spec, c->text))
            rc = resolve_error(r, c, c->at.at, "structure(\"%s\") is given twice", c->text);
        else if (read_named(r, c, &spec))
            rc = -1;
        else
            *arena_push(r->arena, r->spec->structures, r->spec->nstructures) = spec;
    }
    return rc;
}

/* --- texts that came later --- */

static const struct spec *find_text(const struct file *f, const struct spec *entry,
                                    const char *name)
{
    for (size_t i = 0; i < f->ntexts; i++)
        if (f->texts[i]->structure->entry == entry &&
            strcmp(f->texts[i]->structure->path, name) == 0)
            return f->texts[i];
    return NULL;
}

/* can the text be kept in records and shown? */
static int check_text(struct diag *d, const struct source *src)
{
    size_t plain = utf8_plain(src->text, src->len);

    if (src->len > STRUCTURE_TEXT_LIMIT)
        return diag_error(d, src, 0, "this text has %zu bytes: more than %d are too many", src->len,
                          STRUCTURE_TEXT_LIMIT);
    return plain == src->len
               ? 0
               : diag_error(d, src, plain, "this byte is neither UTF-8 nor plain text: 0x%02x",
                            (unsigned char)src->text[plain]);
}

const struct spec *structure_read(struct file *f, const struct spec *entry, const char *name,
                                  const char *text, size_t len, struct diag *d)
{
    const struct spec *of = structure_entry(entry), *old = find_text(f, of, name);
    struct spec own = *of, *spec = arena_alloc(f->arena, sizeof *spec);
    struct structure *s = arena_alloc(f->arena, sizeof *s);
    struct resolver r = {.arena = f->arena, .diag = d, .file = f, .constants = f->constants};

    s->path = arena_dup(f->arena, name);
    s->src = source_text(f->arena, name, text, len);
    s->entry = of;
    s->number = f->ntexts;
    if (old && old->structure->src->len == len &&
        memcmp(old->structure->src->text, s->src->text, len) == 0)
        return old;
    r.spec = &own;
    r.decl = spec_decl(of);
    if (old) {
        diag_error(d, s->src, 0, "another text of '%s' has the name %s", of->name, name);
        return NULL;
    }
    if (check_text(d, s->src) || check_entry(&r, NULL) || read_structure(&r, NULL, s, spec))
        return NULL;
    *arena_push(f->arena, f->texts, f->ntexts) = spec;
    return spec;
}
