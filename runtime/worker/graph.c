/* runtime/worker/graph.c - see graph.h.
 *
 * A graph is captured again when the sets that it is over were made or shuffled anew, when it is to
 * have more launches, and now and then, so that it begins with another set. */
#include "runtime/worker/graph.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/worker/limits.h"

enum { GRAPH_USES = 16 }; /* then it is captured again, beginning with another set */

struct graph *graph_of(struct variant *v, const struct point *p)
{
    struct graph *g = v->graphs;

    while (g && g->point != p->id)
        g = g->next;
    if (g)
        return g;
    g = calloc(1, sizeof *g);
    g->point = p->id;
    g->next = v->graphs;
    v->graphs = g;
    return g;
}

unsigned graph_launches(struct variant *v, const struct point *p)
{
    unsigned wanted = graph_of(v, p)->wanted;

    wanted = wanted ? wanted : p->launches;
    return wanted < p->sets->active ? wanted : p->sets->active;
}

/* captures the launches; *captured is NULL when they cannot be */
static int capture(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                   CUgraph *captured, struct refusal *r)
{
    struct refusal why = {0};
    CUresult ended;

    *captured = NULL;
    if (cuda_check(cu.cuStreamBeginCapture(s->device->stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                   REFUSE_FAULT, "capturing launches", r))
        return -1;
    s->is_capturing = true;
    for (unsigned i = 0; i < g->launches && !why.class; i++)
        variant_launch(s, v, p, (g->start + i) % p->sets->active, &why);
    s->is_capturing = false;
    ended = cu.cuStreamEndCapture(s->device->stream, captured);
    if (ended == CUDA_SUCCESS && !why.class)
        return 0;
    if (ended == CUDA_SUCCESS && *captured)
        cu.cuGraphDestroy(*captured);
    *captured = NULL;
    if (variant_is_device(v) || (why.class && !strcmp(why.class, REFUSE_FAULT)))
        return why.class ? refuse(r, why.class, "%s", why.text)
                         : cuda_check(ended, REFUSE_LIMIT, "capturing launches", r);
    return 0;
}

static int instantiate(struct session *s, struct graph *g, CUgraph captured, struct refusal *r)
{
    size_t nodes = 0;
    int result = 0;

    /* a launch with an empty grid is none, and a graph of none need not be launched */
    if (!cu.cuGraphGetNodes(captured, NULL, &nodes) && nodes)
        result = cuda_check(cu.cuGraphInstantiate(&g->exec, captured, 0), REFUSE_LIMIT,
                            "making a graph of the launches", r);
    cu.cuGraphDestroy(captured);
    if (!result && g->exec)
        result = cuda_check(cu.cuGraphUpload(g->exec, s->device->stream), REFUSE_LIMIT,
                            "uploading a graph", r);
    return result;
}

static void graph_reset(struct graph *g)
{
    if (g->exec)
        cu.cuGraphExecDestroy(g->exec);
    *g = (struct graph){
        .point = g->point, .is_plain = g->is_plain, .wanted = g->wanted, .next = g->next};
}

/* the graph of v's launches at p, for the sets that there are, beginning with `start` */
static int graph_make(struct session *s, struct variant *v, struct point *p, struct graph *g,
                      unsigned start, struct refusal *r)
{
    CUgraph captured = NULL;

    graph_reset(g);
    g->start = start;
    g->generation = p->sets->generation;
    g->launches = graph_launches(v, p);
    if (!g->is_plain && capture(s, v, p, g, &captured, r))
        return -1;
    if (limits_captured(v, captured, r)) {
        if (captured)
            cu.cuGraphDestroy(captured);
        return -1;
    }
    if (captured && instantiate(s, g, captured, r))
        return -1;
    g->is_plain = !captured;
    if (g->is_plain && s->require.graph)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "the entry cannot be captured in a graph, as require(graph) asks: it "
                      "synchronises, allocates or uses the default stream");
    g->is_made = true;
    return 0;
}

/* with fewer launches than sets, every sample begins where the last one ended */
int graph_ready(struct session *s, struct variant *v, struct point *p, struct graph **out,
                struct refusal *r)
{
    struct graph *g = *out = graph_of(v, p);
    unsigned k = p->sets->active, launches = graph_launches(v, p), start = g->start;

    if (g->is_made && launches < k)
        start = (start + launches) % k;
    else if (g->is_made && g->uses >= GRAPH_USES)
        start = (start + k / 2 + 1) % k;
    if (g->is_made && start == g->start && g->generation == p->sets->generation &&
        g->launches == launches)
        return 0;
    return graph_make(s, v, p, g, start % k, r);
}

int graph_launch(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                 struct refusal *r)
{
    if (g->exec)
        return cuda_check(cu.cuGraphLaunch(g->exec, s->device->stream), REFUSE_FAULT,
                          "launching a graph", r);
    for (unsigned i = 0; g->is_plain && i < g->launches; i++)
        if (variant_launch(s, v, p, (g->start + i) % p->sets->active, r))
            return -1;
    return 0;
}
