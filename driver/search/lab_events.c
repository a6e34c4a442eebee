/* driver/search/lab_events.c - what is asked for and comes when it comes: compiles and replies. */
#include "driver/search/lab_facts.h"

#include <string.h>

#include "driver/build/cubin_screen.h"
#include "driver/build/harness.h"
#include "driver/search/twins.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

/* ---- events: asking ---- */

static struct lab_pending *lab_wait_for(struct search *s, enum lab_kind kind, size_t id,
                                        const char *fact)
{
    struct lab *l = &s->lab;
    struct lab_pending *p = arena_push(s->arena, l->pending, l->npending);
    *p = (struct lab_pending){.kind = kind, .id = id, .fact = fact};
    return p;
}

void lab_build(struct search *s, size_t trial)
{
    struct trial *x = &s->trials.trial[trial];
    const char *name = arena_printf(s->arena, "build/%s", lab_id(s, x));
    lab_wait_for(s, LAB_BUILT, trial, name);
    if (!lab_known(&s->lab, name) && !s->lab.recording)
        lab_compile(s, x);
}

/* the point that has these values; SPACE_NONE where the form has none */
static size_t recorded_point(struct search *s, const struct form *f, const json_t *values)
{
    uint32_t *index = arena_array(s->arena, uint32_t, f->spec->ntunables + 1);
    for (size_t t = 0; t < f->spec->ntunables; t++) {
        const struct tunable *x = &f->spec->tunables[t];
        const json_t *value = json_object_get(values, x->name);
        size_t i = 0;
        while (i < x->nvalues &&
               (!json_is_integer(value) || x->values[i] != json_integer_value(value)))
            i++;
        if (i == x->nvalues)
            return SPACE_NONE;
        index[t] = (uint32_t)i;
    }
    return space_find(f->space, index);
}

bool lab_recorded(struct search *s, struct form *f, size_t *point)
{
    const struct journal *j = s->lab.recording;
    while (f->replayed < journal_steps(j)) {
        const char *name = journal_step_at(j, f->replayed++).name;
        const json_t *fact = journal_fact(j, name);
        const char *form = json_string_value(json_object_get(fact, "form"));
        if (strncmp(name, "build/", strlen("build/")) || !form || strcmp(form, f->hash))
            continue;
        *point = recorded_point(s, f, json_object_get(fact, "values"));
        if (*point != SPACE_NONE && *point != space_default(f->space))
            return true;
    }
    return false;
}

static bool lab_pending_find(const struct lab *l, const char *fact)
{
    for (size_t i = 0; i < l->npending; i++)
        if (strcmp(l->pending[i].fact, fact) == 0)
            return true;
    return false;
}

static const char *prompt_hash(struct search *s, const struct model_prompt *p)
{
    struct hasher *h = hasher_new();
    hasher_number(h, p->role);
    hasher_string(h, p->system);
    hasher_string(h, p->user);
    hasher_string(h, p->schema);
    struct hash hash = hasher_end(h);
    return lab_hex(s, &hash);
}

struct by_call {
    const char *call, *name;
};

static void match_call(void *arg, const char *name, const json_t *fact)
{
    struct by_call *b = arg;
    const char *call = json_string_value(json_object_get(fact, "call"));
    if (!b->name && call && strcmp(call, b->call) == 0)
        b->name = name;
}

/* The name of the reply's fact: prompts of one text are told apart by their number. A recording in
 * which that prompt is not (its text was improved since) has the reply to the call of that name. */
static const char *reply_name(struct search *s, const struct model_prompt *p)
{
    const char *hash = prompt_hash(s, p), *name;
    struct by_call same = {p->name, NULL};
    for (size_t k = 0;; k++) {
        name = arena_printf(s->arena, "reply/%s/%zu", hash, k);
        if (!json_object_get(s->lab.facts, name) && !lab_pending_find(&s->lab, name))
            break;
    }
    lab_note(s, arena_printf(s->arena, "prompt/%s", hash),
             json_pack("{s:s, s:o, s:o}", "call", p->name, "system", utf8_json(p->system), "user",
                       utf8_json(p->user)));
    if (lab_known(&s->lab, name) || !s->lab.recording)
        return name;
    journal_each(s->lab.recording, "reply/", match_call, &same);
    return same.name ? same.name : name;
}

size_t lab_ask(struct search *s, const struct model_prompt *p)
{
    struct lab *l = &s->lab;
    size_t id = l->calls++;
    const char *name = reply_name(s, p);
    struct lab_pending *pending = lab_wait_for(s, LAB_REPLY, id, name);
    pending->called = p->name;
    if (lab_known(l, name) || l->recording)
        return id;
    if (l->models)
        pending->call = models_ask(l->models, p);
    pending->asked = l->models != NULL;
    return id;
}

/* ---- events: coming ---- */

static json_t *usage_json(const struct usage *u)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "regs", (json_int_t)u->regs, "smem",
                     (json_int_t)u->smem, "spills", (json_int_t)u->spills, "stack",
                     (json_int_t)u->stack);
}

static int64_t usage_member(const json_t *usage, const char *name)
{
    const json_t *value = json_object_get(usage, name);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

const struct buf *lab_plain(struct search *s)
{
    struct units_target target = s->job->target;
    struct error err = {""};
    struct buf said;
    if (s->lab.plain_made)
        return &s->lab.plain;
    target.tells_usage = true;
    buf_init(&said, BUF_LIMIT);
    if (units_plain(&target, &s->lab.plain, &said, &err))
        log_debug("the original alone does not compile as a cubin: %s", err.text);
    s->lab.plain_said = arena_dup(s->arena, buf_text(&said));
    s->lab.plain_made = true;
    buf_release(&said);
    return &s->lab.plain;
}

/* is the machine code of what a model wrote that of kernels that only compute? Else the fact says
 * what is wrong with it */
static bool lab_screened(struct search *s, const struct trial *x, json_t *fact)
{
    struct buf errors;
    if (!s->forms[x->form]->text)
        return true;
    const struct buf *plain = lab_plain(s);
    struct cubin_screen limits = {.original = plain->data, .original_len = plain->len};
    buf_init(&errors, 1 << 14);
    bool clean = cubin_screen(x->built.blob->data, x->built.blob->len, &limits, &errors) == 0;
    if (!clean)
        json_object_set_new(fact, "error", utf8_json(buf_text(&errors)));
    buf_release(&errors);
    return clean;
}

static json_t *build_fact(struct search *s, const struct trial *x)
{
    const struct form *f = s->forms[x->form];
    json_t *fact = json_pack("{s:s, s:o, s:o}", "form", f->hash, "name", utf8_json(f->name),
                             "values", lab_values(s, x));
    if (x->built.error)
        json_object_set_new(fact, "error",
                            utf8_json(x->built.said ? x->built.said : x->built.error));
    else if (lab_screened(s, x, fact))
        json_object_set_new(fact, "usage", usage_json(&x->built.usage));
    if (x->built.is_specific)
        json_object_set_new(fact, "specific", json_true());
    if (!hash_equal(&x->built.code, &(struct hash){{0}}))
        json_object_set_new(fact, "code", json_string(lab_hex(s, &x->built.code)));
    if (x->built.unit_seconds > 0) {
        json_object_set_new(fact, "compile_seconds", json_real(x->built.seconds));
        json_object_set_new(fact, "unit_seconds", json_real(x->built.unit_seconds));
    }
    return fact;
}

static const char *outcome_name(enum model_outcome outcome)
{
    static const char *const names[] = {"replied", "failed", "limit", "waits"};
    return names[outcome];
}

/* who answered, for the journal, which may be passed on: "openai:gpt-5", but of a command or a
 * folder only what kind it is */
static const char *model_label(const char *model)
{
    if (model && strncmp(model, "exec:", 5) == 0)
        return "exec";
    if (model && strncmp(model, "mailbox:", 8) == 0)
        return "mailbox";
    return model ? model : "";
}

static json_t *reply_fact(const struct lab_pending *p, const struct model_reply *r)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:f, s:f, s:i, s:b, s:o}", "call", p->called,
                     "outcome", outcome_name(r->outcome), "model", utf8_json(model_label(r->model)),
                     "text", r->text ? r->text : "", "tokens_in", (json_int_t)r->tokens_in,
                     "tokens_out", (json_int_t)r->tokens_out, "money", r->money, "seconds",
                     r->seconds, "tries", r->tries, "truncated", (int)r->truncated, "why",
                     utf8_json(r->why.text));
}

static void lab_replied(struct search *s, const struct model_reply *r)
{
    struct lab *l = &s->lab;
    for (size_t i = 0; i < l->npending; i++) {
        struct lab_pending *p = &l->pending[i];
        if (p->kind != LAB_REPLY || !p->asked || p->call != r->call)
            continue;
        p->waits = r->outcome == MODEL_WAITS;
        if (!p->waits)
            lab_keep(l, p->fact, reply_fact(p, r));
        return;
    }
}

/* what the world has to say for itself, into the journal */
static void lab_gather(struct search *s)
{
    struct lab *l = &s->lab;
    struct model_reply r;
    lab_pump(s);
    for (size_t i = 0; i < l->npending; i++) {
        const struct lab_pending *p = &l->pending[i];
        if (p->kind == LAB_BUILT && s->trials.trial[p->id].is_built && !lab_known(l, p->fact))
            lab_keep(l, p->fact, build_fact(s, &s->trials.trial[p->id]));
    }
    while (l->models && models_next(l->models, &r)) {
        lab_replied(s, &r);
        model_reply_release(&r);
    }
}

/* what nobody will ever answer: a recording, or no model at all */
static void lab_give_up(struct lab *l, const struct lab_pending *p)
{
    static const char why[] = "it is not in the recording";
    if (lab_known(l, p->fact) || p->asked)
        return;
    if (p->kind == LAB_REPLY)
        lab_keep(l, p->fact,
                 json_pack("{s:s, s:s, s:s}", "call", p->called, "outcome", "failed", "why",
                           l->recording ? why : "there is no model to ask"));
    else if (l->recording)
        lab_keep(l, p->fact, json_pack("{s:s}", "error", why));
}

static bool is_own_text(const struct search *s, const struct trial *x)
{
    return !s->forms[x->form]->spec->structure;
}

/* Variants often come to the same machine code: an unrolling that the compiler does anyway. Only of
 * the entry's own text: what a structure launches follows from its numbers too */
static size_t lab_twin(const struct search *s, const struct trial *x)
{
    for (size_t i = 0; x->code && is_own_text(s, x) && i < s->trials.n; i++) {
        const struct trial *y = &s->trials.trial[i];
        if (y != x && y->code && is_own_text(s, y) && !y->twin && y->state != TRIAL_WAITING &&
            strcmp(x->code, y->code) == 0 &&
            twins_are_alike(s->forms[x->form]->spec, trial_values(s, x), s->forms[y->form]->spec,
                            trial_values(s, y)))
            return i + 1;
    }
    return 0;
}

static void built_take(struct search *s, struct trial *x, const json_t *fact)
{
    const char *error = json_string_value(json_object_get(fact, "error"));
    const json_t *usage = json_object_get(fact, "usage");
    struct error why = {""};
    x->usage = (struct usage){.regs = usage_member(usage, "regs"),
                              .smem = usage_member(usage, "smem"),
                              .spills = usage_member(usage, "spills"),
                              .stack = usage_member(usage, "stack")};
    x->is_specific = json_is_true(json_object_get(fact, "specific"));
    x->code = json_string_value(json_object_get(fact, "code"));
    if (json_object_get(fact, "unit_seconds")) {
        s->took.compiles += json_number_value(json_object_get(fact, "unit_seconds"));
        s->took.ncompiles++;
    }
    x->twin = lab_twin(s, x);
    if (error)
        trials_fail(x, TRIAL_NO_BUILD, error);
    else if (lab_is_limited(s, x) && usage_check(&x->usage, s->spec, &why))
        trials_fail(x, TRIAL_LIMIT, why.text);
}

/* what an earlier run paid counts against the limits of this one */
static void reply_take(struct lab *l, const struct lab_pending *p, const json_t *fact)
{
    int64_t tokens = json_integer_value(json_object_get(fact, "tokens_in")) +
                     json_integer_value(json_object_get(fact, "tokens_out"));
    double money = json_number_value(json_object_get(fact, "money"));
    if (l->models && !p->asked)
        models_spent_before(l->models, tokens, money);
    l->tokens += tokens;
    l->money += money;
    const char *outcome = json_string_value(json_object_get(fact, "outcome"));
    bool replied = outcome && strcmp(outcome, "replied") == 0;
    l->failed_calls = replied ? 0 : l->failed_calls + 1;
    l->limit |= outcome && strcmp(outcome, "limit") == 0;
}

static struct lab_event lab_deliver(struct search *s, size_t i)
{
    struct lab *l = &s->lab;
    struct lab_pending p = l->pending[i];
    const json_t *fact = lab_known(l, p.fact);
    memmove(l->pending + i, l->pending + i + 1, (l->npending - i - 1) * sizeof p);
    l->npending--;
    fact = lab_keep(l, p.fact, json_incref((json_t *)fact));
    lab_step(l, p.fact, fact);
    if (p.kind == LAB_BUILT)
        built_take(s, &s->trials.trial[p.id], fact);
    else
        reply_take(l, &p, fact);
    if (p.kind == LAB_REPLY)
        lab_sync(l); /* it was paid for */
    return (struct lab_event){p.kind, p.id, fact};
}

/* Of those that are built the first; but what did not compile costs nothing, and of others of its
 * form those go before it that more is expected of */
static bool goes_before(const struct search *s, long a, long b)
{
    const struct lab *l = &s->lab;
    if (b < 0)
        return true;
    const struct trial *x = &s->trials.trial[l->pending[a].id];
    const struct trial *y = &s->trials.trial[l->pending[b].id];
    if (json_object_get(lab_known(l, l->pending[b].fact), "error"))
        return false;
    return json_object_get(lab_known(l, l->pending[a].fact), "error") ||
           (x->form == y->form && x->gain > y->gain);
}

/* the pending request that is answered and comes next: replies first, since they lead to more work.
 * -1: none */
static long lab_ready(const struct search *s)
{
    const struct lab *l = &s->lab;
    long built = -1;
    double seconds;
    const char *expected = lab_expected(l, &seconds);
    for (size_t i = 0; expected && i < l->npending; i++)
        if (strcmp(l->pending[i].fact, expected) == 0)
            return (long)i;
    for (size_t i = 0; i < l->npending; i++) {
        if (!lab_known(l, l->pending[i].fact))
            continue;
        if (l->pending[i].kind == LAB_REPLY)
            return (long)i;
        if (goes_before(s, (long)i, built))
            built = (long)i;
    }
    return built;
}

/* what ends the search's exploring now, as a fact's name; NULL: nothing does */
static const char *lab_over(const struct search *s, double deadline)
{
    const struct lab *l = &s->lab;
    double seconds;
    const char *expected = lab_expected(l, &seconds);
    if (expected && strcmp(expected, "deadline") == 0)
        return "deadline";
    if (expected)
        return strcmp(expected, "finish") == 0 ? "finish" : NULL;
    if (proc_should_finish())
        return "finish";
    return (l->recording ? l->now : now_seconds() - l->zero) >= deadline ? "deadline" : NULL;
}

static struct lab_event lab_end(struct lab *l, const char *name)
{
    lab_keep(l, name, json_object());
    lab_step(l, name, NULL);
    return (struct lab_event){.kind = strcmp(name, "finish") == 0 ? LAB_FINISH : LAB_DEADLINE};
}

/* a little time for compilers and models; the GPU has nothing to do meanwhile. What runs for
 * another form, or at a model, is looked at when the time is up */
static void lab_idle(struct search *s)
{
    struct lab *l = &s->lab;
    double start = now_seconds();
    struct units *compiling = NULL;
    size_t others = l->models && models_pending(l->models);
    for (size_t i = 0; i < s->nforms; i++) {
        struct units *u = s->forms[i]->units;
        if (!u || !units_running(u))
            continue;
        others += compiling != NULL;
        compiling = u;
    }
    if (compiling)
        units_wait(compiling, others ? LAB_WAIT_MS / 5 : LAB_WAIT_MS);
    else if (l->models)
        models_wait(l->models, LAB_WAIT_MS);
    *(compiling ? &l->idle.compilers : &l->idle.models) += now_seconds() - start;
}

/* is there anything that may come by itself? */
static bool lab_expects(const struct lab *l)
{
    for (size_t i = 0; i < l->npending; i++)
        if (!l->pending[i].waits)
            return true;
    return false;
}

struct lab_event lab_next(struct search *s, double deadline)
{
    struct lab *l = &s->lab;
    while (!s->lost && !proc_interrupted()) {
        const char *over = lab_over(s, deadline);
        if (over)
            return lab_end(l, over);
        if (!l->recording)
            lab_gather(s);
        double seconds;
        for (size_t i = 0; i < l->npending && !lab_expected(l, &seconds); i++)
            lab_give_up(l, &l->pending[i]);
        long next = lab_ready(s);
        if (next >= 0)
            return lab_deliver(s, (size_t)next);
        lab_sync(l);
        if (!l->npending)
            break;
        if (!lab_expects(l))
            return s->job->finish ? lab_end(l, "finish") : (struct lab_event){.kind = LAB_WAITS};
        lab_idle(s);
    }
    return (struct lab_event){.kind = LAB_NOTHING};
}
