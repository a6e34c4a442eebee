/* driver/search/propose.c - what a model is asked, and what its replies mean.
 *
 * The texts are templates (driver/model/prompts/); here are the values for them: the code, what was
 * measured, the idea. All of it follows from the spec and from answers that came through the lab,
 * so the same search asks the same. */
#include "driver/search/propose_impl.h"

#include <stdlib.h>
#include <string.h>

#include "driver/build/sandbox.h"
#include "driver/build/specific.h"
#include "driver/build/structure_text.h"
#include "driver/model/prompt.h"
#include "driver/model/reply.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define TREE_BYTES 6000     /* of the tree in a prompt */
#define CONTEXT_BYTES 24000 /* of the file before the entry: what is nearest */
#define MOST_INSERTS "8"
#define FAILED_CALLS 6 /* in a row: nobody is there */

/* ---- values of templates ---- */

struct values {
    struct search *s;
    struct prompt_value value[40];
    size_t n;
};

static void put(struct values *v, const char *name, const char *text)
{
    v->value[v->n++] = (struct prompt_value){name, text};
}

/* takes the buffer's text */
static void put_buf(struct values *v, const char *name, struct buf *b)
{
    put(v, name, arena_dup(v->s->arena, buf_text(b)));
    buf_release(b);
}

static const char *render(struct values *v, const char *template_name)
{
    struct error err = {""};
    char *text = prompt_render(template_name, v->value, v->n, &err);
    if (!text) {
        log_warn("the prompt cannot be made: %s", err.text);
        return NULL;
    }
    const char *kept = arena_dup(v->s->arena, text);
    free(text);
    return kept;
}

static const char *arch_text(struct search *s)
{
    const struct units_target *t = &s->job->target;
    const char suffix[2] = {t->suffix, 0};
    return arena_printf(s->arena, "sm_%d%d%s", t->major, t->minor, suffix);
}

/* "" where the target is all there is, or has the `a` itself */
static const char *offer_text(struct search *s)
{
    const struct units_target *t = &s->job->target;
    if (!s->run.specific)
        return "";
    return arena_printf(s->arena,
                        "; what needs the target %s may be used, and is compiled for that",
                        specific_name(s->arena, t->major, t->minor));
}

static void put_limits(struct values *v)
{
    const struct spec *spec = v->s->spec;
    struct buf b;
    buf_init(&b, 1 << 16);
    if (spec->scratch > 0)
        buf_addf(&b, "- scratch: at most %lld bytes\n", (long long)spec->scratch);
    if (spec->require.deterministic)
        buf_adds(&b, "- deterministic: two runs give the same bits\n");
    if (spec->require.graph)
        buf_adds(&b, "- graph: the launches can be captured in a CUDA graph\n");
    if (spec->require.regs >= 0)
        buf_addf(&b, "- registers: at most %lld a thread\n", (long long)spec->require.regs);
    if (spec->require.smem >= 0)
        buf_addf(&b, "- shared memory: at most %lld bytes a block\n",
                 (long long)spec->require.smem);
    if (spec->require.spills >= 0)
        buf_addf(&b, "- spills: at most %lld bytes a thread\n", (long long)spec->require.spills);
    for (size_t i = 0; i < spec->nassumes; i++)
        buf_addf(&b, "- may be relied on: %s\n", spec->assumes[i].text);
    put_buf(v, "limits", &b);
}

static void put_hints(struct values *v)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < v->s->spec->nhints; i++)
        buf_addf(&b, "- %s\n", v->s->spec->hints[i]);
    put_buf(v, "hints", &b);
}

/* the last bytes of what stands before the entry, in whole lines */
static const char *context_of(struct search *s)
{
    const struct source *src = s->spec->file->src;
    size_t end = s->spec->region.at < s->spec->block.at ? s->spec->region.at : s->spec->block.at;
    size_t at = end > CONTEXT_BYTES ? end - CONTEXT_BYTES : 0;
    while (at > 0 && at < end && src->text[at - 1] != '\n')
        at++;
    return source_copy(s->arena, src, (struct span){at, end});
}

static const char *code_of(struct search *s)
{
    const struct spec *spec = s->spec;
    size_t at = spec->region.at < spec->block.at ? spec->region.at : spec->block.at;
    return source_copy(s->arena, spec->file->src, (struct span){at, spec->region.end});
}

static void put_entry(struct values *v)
{
    struct search *s = v->s;
    const struct gpu *gpu = &s->job->gpu;
    bool kernel = s->spec->kind == ENTRY_KERNEL;
    struct buf b;
    put(v, "entry",
        arena_printf(s->arena, "%s, a %s of %s", s->name, kernel ? "kernel" : "host function",
                     fs_base(s->spec->file->src->path)));
    put(v, "host", kernel ? "" : "yes");
    put(v, "kernel", kernel ? "yes" : "");
    put(v, "context", context_of(s));
    put(v, "code", code_of(s));
    buf_init(&b, 1 << 16);
    evidence_workloads(propose_times(s, NULL), s->ntimed, &b);
    put_buf(v, "workloads", &b);
    put(v, "gpu",
        arena_printf(s->arena,
                     "%s: compute capability %d.%d, %lld multiprocessors, %lld KB of shared "
                     "memory a block, %lld MB of L2 cache%s",
                     gpu->name, gpu->major, gpu->minor, (long long)gpu->sms,
                     (long long)gpu->smem / 1024, (long long)gpu->l2 >> 20, offer_text(s)));
    put_limits(v);
    put_hints(v);
}

static void put_card(struct values *v)
{
    struct error err = {""};
    char *card = prompt_card(v->s->job->gpu.major, v->s->job->gpu.minor, &err);
    if (!card)
        log_warn("%s", err.text);
    put(v, "card", card ? arena_dup(v->s->arena, card) : "");
    free(card);
}

static void put_idea(struct values *v, size_t idea)
{
    const struct idea *x = world_idea(v->s->world, idea);
    put(v, "idea", x->title);
    put(v, "rationale", x->rationale);
    put(v, "regime", x->regime);
}

/* ---- asking ---- */

bool propose_possible(const struct search *s)
{
    return s->run.asks && !s->lab.limit && s->lab.failed_calls < FAILED_CALLS;
}

static size_t ask(struct search *s, enum model_role role, const char *what, const char *system,
                  const char *user, const char *schema, double temperature, const char **name)
{
    *name = arena_printf(s->arena, "%04zu-%s", s->lab.calls, what);
    return lab_ask(s, &(struct model_prompt){.role = role,
                                             .name = *name,
                                             .system = system ? system : "",
                                             .user = user ? user : "",
                                             .schema = schema,
                                             .temperature = temperature});
}

static const char *coder_system(struct search *s)
{
    struct values v = {.s = s};
    bool kernel = s->spec->kind == ENTRY_KERNEL;
    put(&v, "host", kernel ? "" : "yes");
    put(&v, "kernel", kernel ? "yes" : "");
    put(&v, "target", arch_text(s));
    return render(&v, "coder");
}

/* the text that edits of a reply are anchored in, and what the model is told to start from; NULL: a
 * host entry's own text, which is no structure */
static const char *base_text(struct search *s, size_t base)
{
    const struct form *f = base ? s->forms[s->trials.trial[base - 1].form] : NULL;
    if (f && f->text)
        return f->text;
    if (f && f->spec->structure)
        return f->spec->structure->src->text;
    if (s->spec->kind == ENTRY_KERNEL)
        return source_copy(s->arena, s->spec->file->src, s->spec->def);
    return NULL;
}

static bool is_structure(const struct search *s, size_t base)
{
    return base && s->forms[s->trials.trial[base - 1].form]->spec->structure;
}

static const char *proposal_user(struct search *s, const struct request *r)
{
    struct values v = {.s = s};
    struct buf b;
    put_entry(&v);
    put_card(&v);
    put_idea(&v, r->idea);
    put(&v, "target", arch_text(s));
    if (is_structure(s, r->base))
        put(&v, "parent", base_text(s, r->base));
    buf_init(&b, 1 << 18);
    propose_add_evidence(s, r->base ? &s->trials.trial[r->base - 1] : NULL, &b);
    put_buf(&v, "evidence", &b);
    buf_init(&b, 1 << 18);
    if (r->errors)
        evidence_failure("Your last reply could not be used", r->errors, EVIDENCE_MOST, &b);
    propose_add_failures(s, r->idea, &b);
    put_buf(&v, "failures", &b);
    if (r->of > 1) {
        put(&v, "k", arena_printf(s->arena, "%d", r->number));
        put(&v, "n", arena_printf(s->arena, "%d", r->of));
    }
    return render(&v, "propose");
}

static const char *repair_user(struct search *s, const struct request *r)
{
    struct values v = {.s = s};
    struct buf b;
    put_entry(&v);
    put_idea(&v, r->idea);
    put(&v, "target", arch_text(s));
    put(&v, "structure", r->text);
    put(&v, r->ran ? "check" : "build", "yes");
    buf_init(&b, 1 << 16);
    evidence_errors(r->errors, EVIDENCE_MOST, &b);
    put_buf(&v, "errors", &b);
    put(&v, "k", arena_printf(s->arena, "%d", r->round));
    put(&v, "n", arena_printf(s->arena, "%d", r->rounds));
    return render(&v, "repair");
}

size_t propose_ask(struct search *s, struct request *r)
{
    static const double temperature[] = {0.4, 0.7, 0.9, 1.0};
    bool repair = r->errors && r->text;
    const char *user = repair ? repair_user(s, r) : proposal_user(s, r);
    const char *what = arena_printf(s->arena, "%s-idea%zu-%dof%d%s",
                                    repair       ? "repair"
                                    : r->refines ? "refine"
                                                 : "propose",
                                    r->idea, r->number, r->of,
                                    repair ? arena_printf(s->arena, "-round%d", r->round) : "");
    return ask(s, MODEL_CODER, what, coder_system(s), user, NULL, temperature[(r->number - 1) % 4],
               &r->name);
}

/* ---- structures ---- */

static struct form *find_form(const struct search *s, const char *hash)
{
    for (size_t i = 0; i < s->nforms; i++)
        if (strcmp(s->forms[i]->hash, hash) == 0)
            return s->forms[i];
    return NULL;
}

static struct form *read_text(struct search *s, const struct request *r, const char *text,
                              size_t len, size_t quota, bool *same, struct buf *errors)
{
    struct hash hash = structure_hash(text, len);
    struct diag d;
    char hex[65];
    hash_hex(&hash, hex);
    const char *name = arena_printf(s->arena, "model:%.8s", hex);
    const char *id = arena_copy(s->arena, hex, 16);
    if ((*same = find_form(s, id) != NULL))
        return NULL;
    if (sandbox_screen(text, len, errors))
        return NULL;
    diag_init(&d, s->arena);
    const struct spec *spec =
        structure_read((struct file *)s->spec->file, s->spec, name, text, len, &d);
    struct form *f =
        spec ? form_add(s, spec, name, id, arena_copy(s->arena, text, len), r->idea, quota, &d)
             : NULL;
    if (!f)
        diag_text(&d, errors);
    else
        lab_note(s, arena_printf(s->arena, "form/%s", id),
                 json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", name, "call", r->name, "idea",
                           (json_int_t)r->idea, "proposer", "model", "text", f->text));
    return f;
}

struct form *propose_read(struct search *s, struct request *r, const char *reply, size_t quota,
                          bool *same, struct buf *errors)
{
    const char *parent = r->text ? r->text : base_text(s, r->base);
    struct form *f = NULL;
    struct buf text;
    *same = false;
    buf_init(&text, REPLY_TEXT_LIMIT + 1);
    if (reply_structure(reply, strlen(reply), parent, &text, errors) == 0) {
        f = read_text(s, r, buf_text(&text), text.len, quota, same, errors);
        r->text = arena_copy(s->arena, buf_text(&text), text.len);
    }
    buf_release(&text);
    return f;
}

/* ---- the tree ---- */

static const char *left_text(struct search *s)
{
    struct buf b;
    double seconds = s->deadline - s->lab.now;
    buf_init(&b, 1 << 10);
    buf_addf(&b, "%.0f s", seconds > 0 ? seconds : 0);
    if (s->run.evals > 0)
        buf_addf(&b, ", %lld variants", (long long)s->run.evals - (long long)s->trials.n);
    const char *text = arena_dup(s->arena, buf_text(&b));
    buf_release(&b);
    return text;
}

static const char *incumbent_text(struct search *s)
{
    const struct trial *best = trials_best(&s->trials);
    char text[256];
    if (!best || best->score >= 1)
        return "the original";
    const struct idea *x = world_idea(s->world, s->forms[best->form]->idea);
    return arena_printf(s->arena,
                        "idea %zu, %s: %s, %.2fx as %s as the original over all workloads", x->id,
                        x->title, trial_text(s, best, text, sizeof text), 1 / best->score,
                        s->spec->objective_energy ? "sparing" : "fast");
}

static void put_tree(struct values *v, size_t idea)
{
    struct search *s = v->s;
    const struct idea *x = world_idea(s->world, idea);
    struct buf b;
    buf_init(&b, 1 << 16);
    world_project(s->world, idea, TREE_BYTES, &b);
    put_buf(v, "tree", &b);
    put(v, "active",
        idea ? arena_printf(s->arena, "%zu, %s", idea, x->title)
             : "none: nothing that is open is worth a try");
    put(v, "incumbent", incumbent_text(s));
    put(v, "left", left_text(s));
    buf_init(&b, 1 << 18);
    propose_add_failures(s, idea, &b);
    put_buf(v, "failures", &b);
}

static const char *original_evidence(struct search *s)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    propose_add_evidence(s, NULL, &b);
    const char *text = arena_dup(s->arena, buf_text(&b));
    buf_release(&b);
    return text;
}

/* has a model put anything into the tree? */
static bool has_ideas(const struct search *s)
{
    for (size_t i = 1; i < world_ideas(s->world); i++)
        if (!builtin_is(s, i))
            return true;
    return false;
}

size_t planner_ask(struct search *s, size_t idea, const char *evidence, const char *script,
                   const char *errors)
{
    struct values v = {.s = s}, system = {.s = s};
    bool first = !has_ideas(s);
    const char *name;
    put(&system, "most", MOST_INSERTS);
    put_entry(&v);
    put_card(&v);
    put(&v, "evidence", first ? original_evidence(s) : evidence);
    if (first)
        put(&v, "bottleneck", propose_bottleneck(s));
    else
        put_tree(&v, idea);
    put(&v, "script", script);
    put(&v, "errors", errors);
    const char *user = render(&v, first ? "ideas" : "evolve");
    return ask(s, MODEL_PLANNER, first ? "ideas" : arena_printf(s->arena, "evolve-idea%zu", idea),
               render(&system, "planner"), user, world_edit_schema(), -1, &name);
}

int planner_read(struct search *s, const char *reply, struct buf *errors)
{
    json_t *script = reply_json(reply, strlen(reply), errors);
    int rc = script ? world_edit(s->world, script, "model", errors) : -1;
    json_decref(script);
    return rc;
}
