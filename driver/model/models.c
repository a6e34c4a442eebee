/* driver/model/models.c - the calls of a search: asked, moved on, handed out.
 *
 * A call is queued until it is due, there is room for it, and the budget has what it may cost at
 * most; what becomes of it then is in calls.c, and which provider it goes to in turns.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/models_impl.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

enum {
    AT_ONCE = 8,
    MAX_TOKENS = 16384,
    SLICE_MS = 100, /* how long to wait without a look at the clock and for signals */
    SHORT_MS = 20,  /* the same where files, or children beside connections, must be looked at */
};

#define STALL_SECONDS 60.0
#define CALL_SECONDS 600.0
#define BACKOFF_SECONDS 1.0

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

static void list_free(struct call *c)
{
    while (c) {
        struct call *next = c->next;
        calls_free(c);
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

size_t models_ask(struct models *m, const struct model_prompt *p)
{
    struct call *c = calloc(1, sizeof *c);

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
    turns_begin(m, c);
    c->asked = now_seconds();
    c->reply.call = m->asked++;
    calls_append(&m->calls, c);
    m->pending++;
    return c->reply.call;
}

/* ---- moving on ---------------------------------------------------------------------------- */

void models_pump(struct models *m)
{
    bool moved;

    if (m->http)
        http_pump(m->http);
    do { /* again, since what one call gives back is another's to take */
        moved = false;
        for (struct call **at = &m->calls; *at;) {
            struct call *c = *at, *next = c->next;
            if (calls_pump(m, c, &moved))
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
    calls_free(c);
    return 1;
}

void model_reply_release(struct model_reply *r)
{
    free(r->text);
    free(r->model);
    *r = (struct model_reply){.call = r->call};
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
