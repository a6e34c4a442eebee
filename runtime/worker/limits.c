/* runtime/worker/limits.c - see limits.h. */
#include "runtime/worker/limits.h"

#include <stdlib.h>

int limits_smem(const struct variant *v, int fixed, unsigned dynamic, struct refusal *r)
{
    if (v->most_smem < 0 || fixed + (long long)dynamic <= v->most_smem)
        return 0;
    return refuse(
        r, REFUSE_LIMIT,
        "it takes %d + %u bytes of shared memory a block, and require(smem <= %lld) allows "
        "no more",
        fixed, dynamic, v->most_smem);
}

static int limits_node(const struct variant *v, CUgraphNode node, struct refusal *r)
{
    CUDA_KERNEL_NODE_PARAMS params;
    CUgraphNodeType type;
    CUfunction f;
    int fixed = 0;

    if (cuda_check(cu.cuGraphNodeGetType(node, &type), REFUSE_UNSUPPORTED, "reading a graph", r))
        return -1;
    if (type != CU_GRAPH_NODE_TYPE_KERNEL)
        return 0;
    if (cuda_check(cu.cuGraphKernelNodeGetParams(node, &params), REFUSE_UNSUPPORTED,
                   "reading a launch", r))
        return -1;
    f = params.func;
    if ((!f && cuda_check(cu.cuKernelGetFunction(&f, params.kern), REFUSE_UNSUPPORTED,
                          "reading a launch's kernel", r)) ||
        cuda_check(cu.cuFuncGetAttribute(&fixed, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, f),
                   REFUSE_UNSUPPORTED, "reading a kernel's shared memory", r))
        return -1;
    return limits_smem(v, fixed, params.sharedMemBytes, r);
}

int limits_captured(const struct variant *v, CUgraph graph, struct refusal *r)
{
    CUgraphNode *nodes;
    size_t n = 0;
    int result = 0;

    if (v->most_smem < 0 || variant_is_device(v))
        return 0;
    if (!graph || !cu.cuGraphKernelNodeGetParams || !cu.cuKernelGetFunction)
        return refuse(
            r, REFUSE_UNSUPPORTED, "require(smem <= %lld) cannot be verified: %s", v->most_smem,
            graph ? "the driver is too old" : "the launches cannot be captured in a graph");
    if (cuda_check(cu.cuGraphGetNodes(graph, NULL, &n), REFUSE_UNSUPPORTED, "reading a graph", r))
        return -1;
    nodes = calloc(n + 1, sizeof(CUgraphNode));
    if (n)
        result = cuda_check(cu.cuGraphGetNodes(graph, nodes, &n), REFUSE_UNSUPPORTED,
                            "reading a graph", r);
    for (size_t i = 0; i < n && !result; i++)
        result = limits_node(v, nodes[i], r);
    free(nodes);
    return result;
}
