/* driver/model/turns.c - which provider a call goes to, and to which one next.
 *
 * Calls of a role go round its list. What a provider fails for good goes on to the next one of its
 * list, as if it had just been asked. One that fails calls for a reason that lasts is left alone:
 * it has no turn any more as long as another one of the list is not left alone too. So the last one
 * of a list is always asked. */
#include <stdlib.h>
#include <string.h>
#include "driver/model/models_impl.h"
#include "runtime/base/log.h"

enum { FAILED_CALLS = 3 /* of a provider in a row: it is left alone */ };

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

void turns_begin(struct models *m, struct call *c)
{
    const struct providers *role = &m->role[c->prompt.role];

    c->first = m->turn[c->prompt.role]++;
    if (!call_next_provider(m, c))
        call_assign(c, role->all[c->first % role->n]);
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
void turns_failed(struct models *m, const struct call *c)
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

bool turns_hand_on(struct models *m, struct call *c)
{
    struct provider *from = c->provider;

    if (!call_next_provider(m, c))
        return false;
    log_debug("%s: %s takes over from %s: %s", c->prompt.name, c->provider->name, from->name,
              c->reply.why.text);
    calls_error_before(&c->reply.why, &c->before);
    c->before = c->reply.why;
    c->reply.why = (struct error){""};
    calls_drop_attempt(c);
    c->without = 0;
    c->most_tokens = 0;
    c->failures = 0;
    c->began = c->due = 0;
    return true;
}
