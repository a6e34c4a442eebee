/* driver/model/models.c - calls: queued, tried, tried again, handed out.
 *
 * A call is queued until it is due, there is room for it, and the budget has what it may cost at
 * most; then it is one attempt, with what that may cost held. An attempt that met something that
 * passes puts it back into the queue for a while: twice as long each time, with a jitter that
 * follows from the call's number and so is the same in every run, and never before the server said.
 *
 * What a provider fails for good goes on to the next one of its list, as if it had just been asked.
 * One that fails calls for a reason that lasts is left alone: it has no turn any more as long as
 * another one of the list is not left alone too. So the last one of a list is always asked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "driver/model/budget.h"
#include "driver/model/provider.h"
#include "driver/model/text.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

enum {
    AT_ONCE = 8,
    MAX_TOKENS = 16384,
    MOST_FAILURES = 6, /* of a call with one provider */
    FAILED_CALLS = 3,  /* of a provider in a row: it is left alone */
    SLICE_MS = 100,    /* how long to wait without a look at the clock and for signals */
    SHORT_MS = 20,     /* the same where files, or children beside connections, must be looked at */
    KEY_LONG = 16,
};

#define STALL_SECONDS 60.0
#define CALL_SECONDS 600.0
#define BACKOFF_SECONDS 1.0
#define BACKOFF_MOST 60.0

struct call {
    struct call *next;
    struct arena *arena; /* of the prompt's texts */
    struct model_prompt prompt;
    struct provider *provider;
    size_t first, passed; /* of the role's list: whose turn it was; how many are behind it */
    bool runs;
    struct attempt attempt;
    unsigned without; /* what was learned so far in this call */
    int most_tokens;
    double asked, began, due; /* began 0: not yet tried with this provider */
    int failures;
    struct error before; /* why the providers before this one failed */
    struct cost held;
    struct model_reply reply; /* as far as it is known */
};

struct models {
    struct arena *arena;
    struct models_config config; /* with the defaults filled in; its texts are not ours */
    double slow_seconds;         /* of mailboxes; 0: no deadline */
    struct providers role[MODEL_ROLES];
    size_t turn[MODEL_ROLES]; /* how many calls the role has made */
    struct http *http;        /* NULL: no provider needs it */
    struct budget budget;
    struct call *calls, *ended; /* in the order of models_ask; of their end */
    size_t asked, pending;
    int running;
};

/* ---- opening and closing ------------------------------------------------------------------ */

static void config_fill(struct models *m, const struct models_config *c)
{
    m->config = *c;
    m->slow_seconds = c->call_seconds;
    if (c->at_once <= 0)
        m->config.at_once = AT_ONCE;
    if (c->stall_seconds <= 0)
        m->config.stall_seconds = STALL_SECONDS;
    if (c->call_seconds <= 0)
        m->config.call_seconds = CALL_SECONDS;
    if (c->backoff_seconds <= 0)
        m->config.backoff_seconds = BACKOFF_SECONDS;
    m->budget.limit = (struct cost){c->tokens, c->money};
}

static int role_open(struct models *m, enum model_role role, const struct prices *prices,
                     struct error *err)
{
    struct providers *all = &m->role[role];
    const char *list = role == MODEL_CODER ? m->config.coder : m->config.planner;

    if (!list)
        list = role == MODEL_CODER ? m->config.planner : m->config.coder;
    if (!list)
        return error_set(err, "no model is named: set KSEARCH_MODEL");
    if (role == MODEL_CODER && (!m->config.planner || !strcmp(list, m->config.planner))) {
        *all = m->role[MODEL_PLANNER]; /* what a server taught is known to both */
        return 0;
    }
    if (providers_parse(m->arena, arena_dup(m->arena, list), all, err) < 0)
        return -1;
    for (size_t i = 0; i < all->n; i++) {
        struct provider *p = all->all[i];
        p->has_price = prices_find(prices, p->name, &p->price);
        if (p->kind->prepare && p->kind->prepare(p, err) < 0)
            return -1;
        if (p->kind->protocol && !m->http && !(m->http = http_open(err)))
            return -1;
    }
    return 0;
}

struct models *models_open(const struct models_config *config, struct error *err)
{
    struct models *m = calloc(1, sizeof *m);
    const char *own = getenv("KSEARCH_PRICES");
    struct prices *prices = prices_open(own && *own ? own : NULL, err);
    int rc = prices ? 0 : -1;

    if (!m)
        fatal("out of memory");
    m->arena = arena_new();
    config_fill(m, config);
    for (int role = 0; rc == 0 && role < MODEL_ROLES; role++)
        rc = role_open(m, (enum model_role)role, prices, err);
    prices_free(prices);
    if (rc == 0)
        return m;
    models_free(m);
    return NULL;
}

void model_reply_release(struct model_reply *r)
{
    free(r->text);
    free(r->model);
    *r = (struct model_reply){.call = r->call};
}

static void attempt_drop(struct call *c)
{
    if (c->attempt.provider)
        c->provider->kind->drop(&c->attempt);
    buf_release(&c->attempt.text);
    c->attempt = (struct attempt){0};
}

static void call_free(struct call *c)
{
    attempt_drop(c);
    arena_free(c->arena);
    model_reply_release(&c->reply);
    free(c);
}

static void list_free(struct call *c)
{
    while (c) {
        struct call *next = c->next;
        call_free(c);
        c = next;
    }
}

void models_free(struct models *m)
{
    if (!m)
        return;
    list_free(m->calls);
    list_free(m->ended);
    http_close(m->http);
    arena_free(m->arena);
    free(m);
}

/* ---- asking ------------------------------------------------------------------------------- */

/* texts go out as JSON: what is not UTF-8 in a prompt (a source in Latin-1, say) is replaced */
static const char *valid_copy(struct arena *a, const char *text)
{
    struct buf b;
    char *copy;

    buf_init(&b, BUF_LIMIT);
    utf8_add(&b, text ? text : "", text ? strlen(text) : 0);
    copy = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return copy;
}

static void append(struct call **list, struct call *c)
{
    while (*list)
        list = &(*list)->next;
    *list = c;
    c->next = NULL;
}

static void call_assign(struct call *c, struct provider *p)
{
    free(c->reply.model);
    c->provider = p;
    c->reply.model = strdup(p->name);
    if (!c->reply.model)
        fatal("out of memory");
}

/* the next one in its turn that is not left alone, once round the list; false: there is none */
static bool call_next_provider(const struct models *m, struct call *c)
{
    const struct providers *role = &m->role[c->prompt.role];

    while (c->passed < role->n) {
        struct provider *p = role->all[(c->first + c->passed++) % role->n];
        if (!p->is_left) {
            call_assign(c, p);
            return true;
        }
    }
    return false;
}

size_t models_ask(struct models *m, const struct model_prompt *p)
{
    struct call *c = calloc(1, sizeof *c);
    const struct providers *role = &m->role[p->role];

    if (!c)
        fatal("out of memory");
    c->arena = arena_new();
    c->prompt = *p;
    c->prompt.name = valid_copy(c->arena, p->name);
    c->prompt.system = valid_copy(c->arena, p->system);
    c->prompt.user = valid_copy(c->arena, p->user);
    c->prompt.schema = p->schema ? valid_copy(c->arena, p->schema) : NULL;
    if (p->max_tokens <= 0)
        c->prompt.max_tokens = MAX_TOKENS;
    c->first = m->turn[p->role]++;
    if (!call_next_provider(m, c))
        call_assign(c, role->all[c->first % role->n]);
    c->asked = now_seconds();
    c->reply.call = m->asked++;
    append(&m->calls, c);
    m->pending++;
    return c->reply.call;
}

/* ---- ending ------------------------------------------------------------------------------- */

/* puts what went wrong before in front of it */
static void error_before(struct error *why, const struct error *before)
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
        error_before(&r->why, &c->before);
    if (outcome != MODEL_REPLIED)
        buf_clear(&c->attempt.text);
    r->text = buf_steal(&c->attempt.text);
    if (key && strlen(key) >= KEY_LONG && strstr(r->text, key)) /* short ones may be any word */
        text_scrub(r->text, key);
    attempt_drop(c);
    append(&m->ended, c);
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

/* is anybody else of the role's list there? */
static bool has_other(const struct models *m, enum model_role role, const struct provider *p)
{
    const struct providers *all = &m->role[role];

    for (size_t i = 0; i < all->n; i++)
        if (all->all[i] != p && !all->all[i]->is_left)
            return true;
    return false;
}

/* The call's provider could not answer it. Calls side by side fail together, and count as one */
static void provider_failed(struct models *m, const struct call *c)
{
    struct provider *p = c->provider;

    if (c->began >= p->failed_at) {
        p->failed++;
        p->failed_at = now_seconds();
    }
    if (p->is_left || (!c->attempt.hopeless && p->failed < FAILED_CALLS) ||
        !has_other(m, c->prompt.role, p))
        return;
    p->is_left = true;
    log_warn("%s; %sit is not asked any more in this search", c->reply.why.text,
             c->attempt.hopeless ? "" : "its last calls all failed, so ");
}

/* to the next provider, as a call that was never tried; false: there is none */
static bool call_hand_on(struct models *m, struct call *c)
{
    struct provider *from = c->provider;

    if (!call_next_provider(m, c))
        return false;
    log_debug("%s: %s takes over from %s: %s", c->prompt.name, c->provider->name, from->name,
              c->reply.why.text);
    error_before(&c->reply.why, &c->before);
    c->before = c->reply.why;
    c->reply.why = (struct error){""};
    attempt_drop(c);
    c->without = 0;
    c->most_tokens = 0;
    c->failures = 0;
    c->began = c->due = 0;
    return true;
}

/* the provider cannot answer, and reply.why says why: true when the call has ended */
static bool call_failed(struct models *m, struct call *c)
{
    text_scrub(c->reply.why.text, c->provider->key);
    provider_failed(m, c);
    if (call_hand_on(m, c))
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
        attempt_drop(c);
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
        if (!call_hand_on(m, c))
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

/* true when the call has ended; *moved when anything happened */
static bool call_pump(struct models *m, struct call *c, bool *moved)
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

void models_pump(struct models *m)
{
    bool moved;

    if (m->http)
        http_pump(m->http);
    do { /* again, since what one call gives back is another's to take */
        moved = false;
        for (struct call **at = &m->calls; *at;) {
            struct call *c = *at, *next = c->next;
            if (call_pump(m, c, &moved))
                *at = next;
            else
                at = &c->next;
        }
    } while (moved);
}

/* waits a moment on whatever runs; at most ms */
static void wait_some(struct models *m, int ms)
{
    struct proc *procs[64];
    size_t n = 0, files = 0, streams = 0;
    double now = now_seconds();

    for (struct call *c = m->calls; c; c = c->next) {
        double due = fmax(c->due, c->provider->not_before);
        if (!c->runs && due > now && (due - now) * 1e3 < ms)
            ms = (int)((due - now) * 1e3) + 1;
        if (c->runs && c->attempt.proc && n < sizeof procs / sizeof *procs)
            procs[n++] = c->attempt.proc;
        files += c->runs && c->provider->kind->is_slow;
        streams += c->runs && c->provider->kind->protocol;
    }
    if (files + (n && streams) && ms > SHORT_MS)
        ms = SHORT_MS;
    if (streams)
        http_wait(m->http, ms);
    else
        proc_wait_any(procs, n, ms);
}

void models_wait(struct models *m, int ms)
{
    double until = now_seconds() + ms * 1e-3, left;

    models_pump(m);
    while (!m->ended && m->calls && !proc_interrupted() &&
           (left = (until - now_seconds()) * 1e3) > 0) {
        wait_some(m, left < SLICE_MS ? (int)left + 1 : SLICE_MS);
        models_pump(m);
    }
}

int models_next(struct models *m, struct model_reply *out)
{
    struct call *c = m->ended;

    if (!c)
        return 0;
    m->ended = c->next;
    m->pending--;
    *out = c->reply;
    c->reply = (struct model_reply){0};
    call_free(c);
    return 1;
}

size_t models_pending(const struct models *m)
{
    return m->pending;
}

void models_spent_before(struct models *m, int64_t tokens, double money)
{
    m->budget.spent.tokens += tokens;
    m->budget.spent.money += money;
}

void models_spent(const struct models *m, int64_t *tokens, double *money)
{
    *tokens = m->budget.spent.tokens;
    *money = m->budget.spent.money;
}
