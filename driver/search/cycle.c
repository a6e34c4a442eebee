/* driver/search/cycle.c - ideas at work.
 *
 * A cycle realises one idea that the world model chose. Its proposals are structures that a model
 * writes, several at once, each of which may be repaired a few times; or, for a built-in idea, one
 * form that needs no model: the declared tunables, a structure that the annotation names, a family
 * of knobs. A structure whose first point is right is tuned (forms.c); when all that came of the
 * proposals is over, and the best is better than what the cycle began with, it is refined, as long
 * as that helps. Then the idea is closed with its evidence, and a model may edit the tree.
 *
 * Two cycles are open at a time or more, so that one idea's proposals are written and compiled
 * while another's variants are timed. */
#include <math.h>
#include <string.h>

#include "driver/search/propose.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"

#define AT_ONCE 2      /* open cycles */
#define AT_ONCE_MOST 6 /* the same, where no model is asked and compilers have nothing to do */
/* Of an idea, at once. tests/bench/policy finds a little more with as many calls when the second
 * waits for the first to fail, but then so does everything else. */
#define PROPOSALS 2
#define REPAIRS 3        /* rounds for builds, and as many for wrong answers */
#define REFINEMENTS 3    /* rounds at most */
#define BETTER 0.99      /* of the time before: an improvement */
#define FORM_QUOTA 16    /* points of a form, at first */
#define LEAST_GAIN 0.005 /* expected of an idea that is worth a cycle */
#define EDIT_TRIES 3     /* for one edit script */

enum proposal_state { PROPOSAL_ASKED, PROPOSAL_TRYING, PROPOSAL_OVER };

struct proposal {
    enum proposal_state state;
    struct request request; /* what was asked last */
    size_t call;
    struct form *form;  /* what came of it */
    int builds, checks; /* repairs so far */
    int64_t tokens;     /* of its replies that are not booked yet */
    double money;
};

struct cycle {
    size_t idea;
    bool open;
    struct proposal *proposal;
    size_t nproposals;
    int refinements;
    double before;    /* the least score known of the parent when the round began */
    double attempted; /* up to when its cost is booked */
    size_t parent;    /* trial + 1 on which it builds; 0: the original */
};

struct planning { /* one conversation about the tree */
    bool asked;
    size_t call, idea; /* 0: any ideas are wanted */
    int tries;
    const char *evidence;
};

struct cycles {
    struct cycle *cycle;
    size_t n;
    struct planning planning;
    size_t asked_for_ideas; /* times that the model was asked for more, having none */
};

/* ---- what is known ---- */

/* the best trial of an idea + 1; 0: nothing works so far */
static size_t idea_best(const struct search *s, size_t idea)
{
    size_t best = 0;
    for (size_t i = 0; i < s->nforms; i++) {
        const struct form *f = s->forms[i];
        if (f->idea == idea && f->best &&
            (!best || s->trials.trial[f->best - 1].score < s->trials.trial[best - 1].score))
            best = f->best;
    }
    return best;
}

/* the trial + 1 that an idea builds on: the best of its parent, or of the nearest forebear that has
 * one */
static size_t idea_base(const struct search *s, size_t idea)
{
    size_t parent = world_idea(s->world, idea)->parent;
    while (parent && !idea_best(s, parent))
        parent = world_idea(s->world, parent)->parent;
    return parent ? idea_best(s, parent) : 0;
}

static double score_of(const struct search *s, size_t trial)
{
    return trial ? s->trials.trial[trial - 1].score : 1;
}

static struct cycle *cycle_of(const struct search *s, size_t idea)
{
    for (size_t i = 0; i < s->cycles->n; i++)
        if (s->cycles->cycle[i].open && s->cycles->cycle[i].idea == idea)
            return &s->cycles->cycle[i];
    return NULL;
}

static size_t cycles_open(const struct search *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->cycles->n; i++)
        n += s->cycles->cycle[i].open;
    return n;
}

/* the tree as it is now, for reports */
static void cycles_note(struct search *s, size_t chosen)
{
    lab_show(s, "world",
             json_pack("{s:o, s:I, s:f}", "ideas", world_json(s->world), "chosen",
                       (json_int_t)chosen, "seconds", s->lab.now));
}

/* ---- proposals ---- */

static void proposal_over(struct search *s, struct cycle *c, struct proposal *p,
                          enum attempt outcome)
{
    p->state = PROPOSAL_OVER;
    world_attempt(s->world, c->idea, outcome, s->lab.now - c->attempted, p->tokens, p->money);
    c->attempted = s->lab.now;
}

/* asks for the same again, with what was wrong */
static void proposal_repair(struct search *s, struct cycle *c, struct proposal *p, int *rounds,
                            const char *errors, enum attempt outcome)
{
    if (*rounds >= REPAIRS) {
        proposal_over(s, c, p, outcome);
        return;
    }
    p->request.round = ++*rounds;
    p->request.rounds = REPAIRS;
    p->request.errors = arena_dup(s->arena, errors);
    p->state = PROPOSAL_ASKED;
    p->call = propose_ask(s, &p->request);
}

static void proposal_replied(struct search *s, struct cycle *c, struct proposal *p,
                             const json_t *fact)
{
    const char *outcome = json_string_value(json_object_get(fact, "outcome"));
    struct buf errors;
    bool same = false;
    p->tokens += json_integer_value(json_object_get(fact, "tokens_in")) +
                 json_integer_value(json_object_get(fact, "tokens_out"));
    p->money += json_number_value(json_object_get(fact, "money"));
    if (!outcome || strcmp(outcome, "replied") != 0) {
        const char *why = json_string_value(json_object_get(fact, "why"));
        log_debug("%s: no reply: %s", p->request.name, why ? why : "");
        p->state = PROPOSAL_OVER; /* says nothing about the idea */
        return;
    }
    buf_init(&errors, 1 << 16);
    p->form = propose_read(s, &p->request, json_string_value(json_object_get(fact, "text")),
                           FORM_QUOTA, &same, &errors);
    if (p->form) {
        p->state = PROPOSAL_TRYING;
        form_begin(s, p->form);
    } else if (same) {
        proposal_over(s, c, p, ATTEMPT_SCREEN);
    } else {
        proposal_repair(s, c, p, &p->builds, buf_text(&errors), ATTEMPT_SCREEN);
    }
    buf_release(&errors);
}

/* the first point of a structure came back */
static void proposal_tried(struct search *s, struct cycle *c, struct proposal *p,
                           const struct trial *x)
{
    p->request.ran = x->state != TRIAL_NO_BUILD;
    if (x->state == TRIAL_NO_BUILD)
        proposal_repair(s, c, p, &p->builds, x->why, ATTEMPT_BUILD);
    else if (x->state != TRIAL_GOOD)
        proposal_repair(s, c, p, &p->checks, x->why, ATTEMPT_CHECK);
}

/* a structure has been tuned as far as it was worth it */
static void proposal_settle(struct search *s, struct cycle *c, struct proposal *p)
{
    if (p->state != PROPOSAL_TRYING || form_is_open(p->form) || p->form->back < p->form->asked)
        return;
    /* what it builds on may have become better since it began */
    double before = fmin(c->before, score_of(s, idea_base(s, c->idea)));
    bool better = p->form->best && score_of(s, p->form->best) < BETTER * before;
    enum attempt outcome = better ? ATTEMPT_GAIN : ATTEMPT_SLOW;
    if (!p->form->best)
        outcome =
            s->trials.trial[p->form->first].state == TRIAL_NO_BUILD ? ATTEMPT_BUILD : ATTEMPT_CHECK;
    proposal_over(s, c, p, outcome);
}

/* ---- one cycle ---- */

static void cycle_ask(struct search *s, struct cycle *c, size_t base, int n)
{
    for (int k = 1; k <= n; k++) {
        struct proposal *p = arena_push(s->arena, c->proposal, c->nproposals);
        p->request = (struct request){
            .idea = c->idea, .base = base, .refines = c->refinements > 0, .number = k, .of = n};
        p->call = propose_ask(s, &p->request);
    }
}

/* a built-in idea: a form that needs no model */
static void cycle_build(struct search *s, struct cycle *c)
{
    struct proposal *p = arena_push(s->arena, c->proposal, c->nproposals);
    p->form = builtin_form(s, c->idea, c->parent, FORM_QUOTA);
    p->state = p->form ? PROPOSAL_TRYING : PROPOSAL_OVER;
}

static void cycle_begin(struct search *s, size_t idea)
{
    struct cycle *c = arena_push(s->arena, s->cycles->cycle, s->cycles->n);
    c->idea = idea;
    c->open = true;
    c->attempted = s->lab.now;
    c->parent = idea_base(s, idea);
    c->before = score_of(s, c->parent);
    log_debug("%s: idea %zu: %s", s->name, idea, world_idea(s->world, idea)->title);
    cycles_note(s, idea);
    if (builtin_is(s, idea))
        cycle_build(s, c);
    else
        cycle_ask(s, c, c->parent, PROPOSALS);
}

/* true when the cycle goes on with the best of it */
static bool cycle_refine(struct search *s, struct cycle *c)
{
    size_t best = idea_best(s, c->idea);
    if (builtin_is(s, c->idea) || c->refinements >= REFINEMENTS || !best ||
        score_of(s, best) >= BETTER * c->before || !propose_possible(s))
        return false;
    c->refinements++;
    c->before = score_of(s, best);
    cycle_ask(s, c, best, PROPOSALS);
    return true;
}

static void cycle_close(struct search *s, struct cycle *c)
{
    c->open = false;
    world_close(s->world, c->idea);
    builtin_follow(s, c->idea);
    cycles_note(s, 0);
    if (propose_possible(s) && !s->cycles->planning.asked && world_wants_ideas(s->world, c->idea)) {
        struct planning *p = &s->cycles->planning;
        *p = (struct planning){
            .asked = true, .idea = c->idea, .evidence = propose_evidence(s, c->idea)};
        p->call = planner_ask(s, c->idea, p->evidence, "", "");
    }
}

static void cycle_settle(struct search *s, struct cycle *c)
{
    for (size_t i = 0; i < c->nproposals; i++) {
        proposal_settle(s, c, &c->proposal[i]);
        if (c->proposal[i].state != PROPOSAL_OVER)
            return;
    }
    if (!cycle_refine(s, c))
        cycle_close(s, c);
}

/* ---- the tree ---- */

/* an edit script came; one that is wrong goes back with what is wrong, a few times */
static void planning_replied(struct search *s, const json_t *fact)
{
    struct planning *p = &s->cycles->planning;
    const char *text = json_string_value(json_object_get(fact, "text"));
    const char *outcome = json_string_value(json_object_get(fact, "outcome"));
    struct buf errors;
    p->asked = false;
    if (!outcome || strcmp(outcome, "replied") != 0)
        return;
    buf_init(&errors, 1 << 16);
    if (planner_read(s, text, &errors) == 0) {
        cycles_note(s, 0);
    } else if (++p->tries < EDIT_TRIES) {
        p->asked = true;
        p->call = planner_ask(s, p->idea, p->evidence, text, buf_text(&errors));
    }
    buf_release(&errors);
}

/* Nothing is open, or nothing that is promises enough: a model may have more ideas, twice at most
 * in a row */
static bool cycles_want_ideas(struct search *s)
{
    struct cycles *c = s->cycles;
    if (!propose_possible(s) || c->planning.asked || c->asked_for_ideas >= 2)
        return false;
    c->asked_for_ideas++;
    c->planning = (struct planning){.asked = true, .evidence = ""};
    c->planning.call = planner_ask(s, 0, "", "", "");
    return true;
}

/* ---- all of them ---- */

void cycles_start(struct search *s)
{
    s->cycles = arena_alloc(s->arena, sizeof *s->cycles);
    builtin_ideas(s);
    cycles_want_ideas(s);
}

/* A model's ideas are chosen by what came of those before them. Built-in ones cost a few compiles,
 * for which the GPU would wait with one family of knobs at a time */
static bool cycles_may_open(const struct search *s)
{
    size_t open = cycles_open(s);
    return open < AT_ONCE || (open < AT_ONCE_MOST && !s->run.asks && !s->lab.recording &&
                              !builtin_goes_first(s) && forms_are_few(s));
}

/* What follows a cycle need not wait for the last points of its form to come back, when all of them
 * are on their way: the GPU would wait for compilers then */
static void cycles_follow(struct search *s)
{
    for (size_t i = 0; i < s->cycles->n && !s->run.asks && !s->lab.recording; i++) {
        const struct cycle *c = &s->cycles->cycle[i];
        const struct form *f = c->nproposals ? c->proposal[0].form : NULL;
        if (c->open && f && form_is_spent(f)) {
            world_follow(s->world, c->idea);
            builtin_follow(s, c->idea);
        }
    }
}

void cycles_fill(struct search *s)
{
    forms_fill(s);
    cycles_follow(s);
    for (size_t i = 0; i < s->cycles->n; i++)
        if (s->cycles->cycle[i].open)
            cycle_settle(s, &s->cycles->cycle[i]);
    while (cycles_may_open(s)) {
        size_t idea = world_choose(s->world, s->run.all ? 0 : LEAST_GAIN);
        if (!idea)
            break;
        s->cycles->asked_for_ideas = 0;
        cycle_begin(s, idea);
    }
    if (!cycles_open(s))
        cycles_want_ideas(s);
    forms_fill(s);
}

bool cycles_busy(const struct search *s)
{
    return cycles_open(s) > 0 || s->cycles->planning.asked;
}

void cycles_trial(struct search *s, size_t trial)
{
    struct trial *x = &s->trials.trial[trial];
    struct form *f = s->forms[x->form];
    struct cycle *c = cycle_of(s, f->idea);
    form_report(s, f, trial);
    for (size_t w = 0; x->state == TRIAL_GOOD && w < s->ntimed; w++)
        if (x->samples[w].n)
            s->best_us[w] =
                fmin(s->best_us[w], samples_figure(&x->samples[w], s->spec->objective_p90));
    if (x->state == TRIAL_GOOD)
        world_measured(s->world, f->idea, trial_us(s, x));
    for (size_t i = 0; c && i < c->nproposals; i++) {
        struct proposal *p = &c->proposal[i];
        if (p->form == f && f->text && trial == f->first && p->state == PROPOSAL_TRYING)
            proposal_tried(s, c, p, x);
    }
}

void cycles_reply(struct search *s, size_t call, const json_t *fact)
{
    if (s->cycles->planning.asked && s->cycles->planning.call == call) {
        planning_replied(s, fact);
        return;
    }
    for (size_t i = 0; i < s->cycles->n; i++) {
        struct cycle *c = &s->cycles->cycle[i];
        for (size_t k = 0; k < c->nproposals; k++)
            if (c->proposal[k].state == PROPOSAL_ASKED && c->proposal[k].call == call)
                proposal_replied(s, c, &c->proposal[k], fact);
    }
}
