/* driver/model/calls.c - a call: started, tried again, ended, and what it cost.
 *
 * A call is one attempt at a time, with what that may cost held. An attempt that met something that
 * passes puts it back into the queue for a while: twice as long each time, with a jitter that
 * follows from the call's number and so is the same in every run, and never before the server said.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/models_impl.h"
#include "driver/model/text.h"
#include "runtime/base/log.h"

enum {
    MOST_FAILURES = 6, /* of a call with one provider */
    KEY_LONG = 16,
};

#define BACKOFF_MOST 60.0

void calls_append(struct call **list, struct call *c)
{
    while (*list)
        list = &(*list)->next;
    *list = c;
    c->next = NULL;
}

void calls_drop_attempt(struct call *c)
{
    if (c->attempt.provider)
        c->provider->kind->drop(&c->attempt);
    buf_release(&c->attempt.text);
    c->attempt = (struct attempt){0};
}

void calls_free(struct call *c)
{
    calls_drop_attempt(c);
    arena_free(c->arena);
    model_reply_release(&c->reply);
    free(c);
}

/* ---- ending ------------------------------------------------------------------------------- */

void calls_error_before(struct error *why, const struct error *before)
{
    struct error last = *why;

    if (before->text[0])
        snprintf(why->text, sizeof why->text, "%.500s; %.500s", before->text, last.text);
}

/* gives a call to models_next; the caller takes it out of m->calls */
static void call_end(struct models *m, struct call *c, enum model_outcome outcome)
{
    struct model_reply *r = &c->reply;
    const char *key = c->provider->key;

    r->outcome = outcome;
    r->seconds = now_seconds() - c->asked;
    r->truncated = outcome == MODEL_REPLIED && c->attempt.truncated;
    text_scrub(r->why.text, key);
    if (outcome == MODEL_FAILED)
        calls_error_before(&r->why, &c->before);
    if (outcome != MODEL_REPLIED)
        buf_clear(&c->attempt.text);
    r->text = buf_steal(&c->attempt.text);
    if (key && strlen(key) >= KEY_LONG && strstr(r->text, key)) /* short ones may be any word */
        text_scrub(r->text, key);
    calls_drop_attempt(c);
    calls_append(&m->ended, c);
}

static int64_t counted(int64_t said, int64_t estimate, bool paid)
{
    return said >= 0 ? said : paid ? estimate : 0;
}

/* what the attempt that ended has cost */
static void call_settle(struct models *m, struct call *c)
{
    const struct attempt *a = &c->attempt;
    size_t prompt = strlen(c->prompt.system) + strlen(c->prompt.user);
    int64_t in = counted(a->tokens_in, text_tokens(prompt), a->paid);
    int64_t out = counted(a->tokens_out, text_tokens(a->text.len), a->paid);
    struct cost cost = {in + out,
                        c->provider->has_price ? price_of(&c->provider->price, in, out) : 0};

    budget_settle(&m->budget, c->held, cost);
    c->held = (struct cost){0};
    c->reply.tokens_in += in;
    c->reply.tokens_out += out;
    c->reply.money += cost.money;
}

/* between a half and the whole of what the doubling gives */
static double backoff(const struct models *m, const struct call *c)
{
    uint64_t z = (c->reply.call + 1) * 0x9E3779B97F4A7C15u + (uint64_t)c->failures; /* splitmix64 */
    double most = m->config.backoff_seconds * ldexp(1, c->failures - 1);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return fmin(most, BACKOFF_MOST) * (0.5 + ldexp((double)(z >> 11), -54));
}

/* puts a call back into the queue; false when it has been tried enough */
static bool call_again(struct models *m, struct call *c)
{
    double now = now_seconds(), wait;
    struct error why = c->attempt.why;

    c->failures++;
    wait = fmax(backoff(m, c), c->attempt.retry_after);
    if (c->failures >= MOST_FAILURES) {
        error_set(&c->reply.why, "%s: %s (tried %d times)", c->provider->name, why.text,
                  c->reply.tries);
        return false;
    }
    if (now + wait >= c->began + m->config.call_seconds) {
        error_set(&c->reply.why, "%s: %s (no time for another try, in %.3g s)", c->provider->name,
                  why.text, wait);
        return false;
    }
    if (c->attempt.retry_after > 0)
        c->provider->not_before = fmax(c->provider->not_before, now + c->attempt.retry_after);
    c->due = now + wait;
    text_scrub(why.text, c->provider->key);
    log_debug("%s: %s: %s: again in %.1f s", c->prompt.name, c->provider->name, why.text, wait);
    return true;
}

/* the provider cannot answer, and reply.why says why: true when the call has ended */
static bool call_failed(struct models *m, struct call *c)
{
    text_scrub(c->reply.why.text, c->provider->key);
    turns_failed(m, c);
    if (turns_hand_on(m, c))
        return false;
    call_end(m, c, MODEL_FAILED);
    return true;
}

/* an attempt is over: true when the call has ended */
static bool attempt_end(struct models *m, struct call *c, enum attempt_state state)
{
    c->runs = false;
    if (!c->provider->kind->is_slow)
        m->running--;
    call_settle(m, c);
    if (state == ATTEMPT_REPLIED) {
        c->provider->without |= c->attempt.without;
        c->provider->most_tokens = c->attempt.most_tokens;
        c->provider->failed = 0;
        c->provider->is_left = false;
        call_end(m, c, MODEL_REPLIED);
        return true;
    }
    if (state == ATTEMPT_WAITS) {
        call_end(m, c, MODEL_WAITS);
        return true;
    }
    if (state == ATTEMPT_NOW || (state == ATTEMPT_AGAIN && call_again(m, c))) {
        c->without = c->attempt.without;
        c->most_tokens = c->attempt.most_tokens;
        calls_drop_attempt(c);
        return false;
    }
    error_set(&c->reply.why, "%s: %s", c->provider->name, c->attempt.why.text);
    return call_failed(m, c);
}

/* ---- starting ----------------------------------------------------------------------------- */

static void attempt_start(struct models *m, struct call *c)
{
    struct attempt *a = &c->attempt;
    bool is_slow = c->provider->kind->is_slow;

    *a =
        (struct attempt){.provider = c->provider,
                         .prompt = &c->prompt,
                         .http = m->http,
                         .step = m->config.step,
                         .seconds = is_slow ? 0 : c->began + m->config.call_seconds - now_seconds(),
                         .stall_seconds = m->config.stall_seconds,
                         .without = c->without | c->provider->without,
                         .most_tokens = c->most_tokens ? c->most_tokens : c->provider->most_tokens,
                         .tokens_in = -1,
                         .tokens_out = -1};
    buf_init(&a->text, BUF_LIMIT);
    c->reply.tries++;
    c->runs = true;
    if (!is_slow)
        m->running++;
    c->provider->kind->start(a);
}

static enum budget_answer call_afford(struct models *m, struct call *c, struct cost *most)
{
    const struct provider *p = c->provider;
    int64_t in = text_tokens_most(strlen(c->prompt.system) + strlen(c->prompt.user));
    enum budget_answer answer;

    *most = (struct cost){in + c->prompt.max_tokens, 0};
    if (m->budget.limit.money > 0 && !p->has_price) {
        error_set(
            &c->reply.why,
            "the price of %s is not known, so KSEARCH_MONEY cannot be kept to: name a file by "
            "KSEARCH_PRICES with {\"prices\": {\"%s\": {\"in\": 1, \"out\": 2}}}, money for a "
            "million tokens",
            p->name, p->name);
        return BUDGET_NO;
    }
    if (p->has_price)
        most->money = price_of(&p->price, in, c->prompt.max_tokens);
    answer = budget_ask(&m->budget, *most);
    if (answer == BUDGET_NO)
        error_set(&c->reply.why,
                  "up to %lld tokens and %.4g of money would pass the limit: spent %lld of "
                  "%lld tokens, %.4g of %.4g (0: no limit)",
                  (long long)most->tokens, most->money, (long long)m->budget.spent.tokens,
                  (long long)m->budget.limit.tokens, m->budget.spent.money, m->budget.limit.money);
    return answer;
}

/* starts a queued call where it may; true when it has ended instead */
static bool call_start(struct models *m, struct call *c)
{
    double now = now_seconds();
    struct cost most;

    if (c->provider->is_left) { /* since this call was queued */
        error_set(&c->reply.why, "%s: not asked any more", c->provider->name);
        if (!turns_hand_on(m, c))
            c->reply.why = (struct error){""};
    }
    if (now < c->due || now < c->provider->not_before)
        return false;
    if (!c->provider->kind->is_slow && m->running >= m->config.at_once)
        return false;
    if (c->began > 0 && !c->provider->kind->is_slow && now >= c->began + m->config.call_seconds) {
        error_set(&c->reply.why, "%s: no time is left for another try", c->provider->name);
        return call_failed(m, c);
    }
    switch (call_afford(m, c, &most)) {
    case BUDGET_LATER:
        return false;
    case BUDGET_NO:
        call_end(m, c, MODEL_LIMIT);
        return true;
    case BUDGET_YES:
        break;
    }
    if (c->began <= 0)
        c->began = now;
    budget_hold(&m->budget, most);
    c->held = most;
    attempt_start(m, c);
    return false;
}

/* ---- moving on ---------------------------------------------------------------------------- */

bool calls_pump(struct models *m, struct call *c, bool *moved)
{
    enum attempt_state state;
    double most = c->provider->kind->is_slow ? m->slow_seconds : 0;
    bool ended;

    if (!c->runs) {
        ended = call_start(m, c);
        *moved |= c->runs;
        return ended;
    }
    state = c->provider->kind->poll(&c->attempt);
    if (state == ATTEMPT_RUNS && most > 0 && now_seconds() - c->began >= most) {
        error_set(&c->attempt.why, "no reply in %.3g s", most);
        state = ATTEMPT_FAILED;
    }
    if (state == ATTEMPT_RUNS)
        return false;
    *moved = true;
    return attempt_end(m, c, state);
}
