/* runtime/worker/metrics.c - see metrics.h.
 *
 * Tier 1 is what tells memory-bound from latency-bound from a tail of blocks, chosen so that one
 * pass counts all of it: nothing is then run twice, and the caches are as cold for every counter as
 * they are for a timed launch. Tier 2 adds where a kernel waits, at a second pass. A single "speed
 * of light" metric (sm__throughput) would take eight. Tier 3 is for a person who asked for it: the
 * other reasons to wait, how memory is accessed, and the operations done, in some ten passes. */
#include "runtime/worker/metrics.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    int tier;
    const char *name;
} known[] = {
    {1, "gpu__time_duration.sum"},
    {1, "gpc__cycles_elapsed.max"},
    {1, "sm__cycles_active.avg.pct_of_peak_sustained_elapsed"},
    {1, "sm__inst_executed.avg.per_cycle_active"},
    {1, "smsp__issue_active.avg.pct_of_peak_sustained_active"},
    {1, "sm__warps_active.avg.pct_of_peak_sustained_active"},
    {1, "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active"},
    {1, "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed"},
    {1, "dram__bytes_read.sum"},
    {1, "dram__bytes_write.sum"},
    {1, "l1tex__t_sector_hit_rate.pct"},
    {2, "lts__t_sectors.avg.pct_of_peak_sustained_elapsed"},
    {2, "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum"},
    {2, "l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum"},
    {2, "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio"},
    {2, "smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio"},
    {3, "lts__t_sector_hit_rate.pct"},
    {3, "l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld.ratio"},
    {3, "l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_st.ratio"},
    {3, "sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active"},
    {3, "sm__inst_executed_pipe_lsu.avg.pct_of_peak_sustained_active"},
    {3, "smsp__average_warps_issue_stalled_math_pipe_throttle_per_issue_active.ratio"},
    {3, "smsp__average_warps_issue_stalled_mio_throttle_per_issue_active.ratio"},
    {3, "smsp__average_warps_issue_stalled_short_scoreboard_per_issue_active.ratio"},
    {3, "smsp__average_warps_issue_stalled_wait_per_issue_active.ratio"},
    {3, "smsp__average_warps_issue_stalled_gmma_per_issue_active.ratio"},
    {3, "smsp__average_thread_inst_executed_per_inst_executed.ratio"},
    /* operations: of threads, and of the tensor cores by the type of their operands */
    {3, "smsp__sass_thread_inst_executed_op_fadd_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_fmul_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_ffma_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_dadd_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_dmul_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_dfma_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_hadd_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_hmul_pred_on.sum"},
    {3, "smsp__sass_thread_inst_executed_op_hfma_pred_on.sum"},
    {3, "sm__ops_path_tensor_src_fp16.sum"},
    {3, "sm__ops_path_tensor_src_fp16_dst_fp16.sum"},
    {3, "sm__ops_path_tensor_src_fp16_dst_fp32.sum"},
    {3, "sm__ops_path_tensor_src_bf16_dst_fp32.sum"},
    {3, "sm__ops_path_tensor_src_tf32_dst_fp32.sum"},
    {3, "sm__ops_path_tensor_src_fp64.sum"},
    {3, "sm__ops_path_tensor_src_fp8.sum"},
    {3, "sm__ops_path_tensor_src_int8.sum"},
};

static bool chip_has(const struct metrics *m, const char *name)
{
    CUpti_Profiler_Host_GetMetricProperties_Params p =
        CUPTI_PARAMS(CUpti_Profiler_Host_GetMetricProperties_Params);

    p.pHostObject = m->host;
    p.pMetricName = name;
    return cupti.cuptiProfilerHostGetMetricProperties(&p) == CUPTI_SUCCESS;
}

static int host_open(struct metrics *m, const char *chip, const uint8_t *availability,
                     struct refusal *r)
{
    CUpti_Profiler_Host_Initialize_Params p = CUPTI_PARAMS(CUpti_Profiler_Host_Initialize_Params);

    p.profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
    p.pChipName = chip;
    p.pCounterAvailabilityImage = availability;
    if (CUPTI_CALL(cuptiProfilerHostInitialize, &p, r))
        return -1;
    m->host = p.pHostObject;
    return 0;
}

static int config_make(struct metrics *m, struct refusal *r)
{
    CUpti_Profiler_Host_ConfigAddMetrics_Params add =
        CUPTI_PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params);
    CUpti_Profiler_Host_GetConfigImageSize_Params size =
        CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImageSize_Params);
    CUpti_Profiler_Host_GetConfigImage_Params image =
        CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImage_Params);
    CUpti_Profiler_Host_GetNumOfPasses_Params passes =
        CUPTI_PARAMS(CUpti_Profiler_Host_GetNumOfPasses_Params);

    add.pHostObject = size.pHostObject = image.pHostObject = m->host;
    add.ppMetricNames = m->names;
    add.numMetrics = m->n;
    if (CUPTI_CALL(cuptiProfilerHostConfigAddMetrics, &add, r) ||
        CUPTI_CALL(cuptiProfilerHostGetConfigImageSize, &size, r))
        return -1;
    m->config_size = size.configImageSize;
    m->config = calloc(1, m->config_size + 1);
    if (!m->config)
        return refuse(r, REFUSE_LIMIT, "out of host memory");
    image.pConfigImage = passes.pConfigImage = m->config;
    image.configImageSize = passes.configImageSize = m->config_size;
    if (CUPTI_CALL(cuptiProfilerHostGetConfigImage, &image, r) ||
        CUPTI_CALL(cuptiProfilerHostGetNumOfPasses, &passes, r))
        return -1;
    m->passes = passes.numOfPasses;
    return 0;
}

int metrics_open(struct metrics *m, int tier, const char *chip, const uint8_t *availability,
                 struct refusal *r)
{
    memset(m, 0, sizeof *m);
    if (host_open(m, chip, availability, r))
        return -1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].tier <= tier && chip_has(m, known[i].name))
            m->names[m->n++] = known[i].name;
    if (!m->n)
        return refuse(r, REFUSE_UNSUPPORTED, "counters need a GPU that has them: %s has none",
                      chip);
    return config_make(m, r);
}

int metrics_read(struct metrics *m, const uint8_t *image, size_t size, size_t range, double *values,
                 struct refusal *r)
{
    CUpti_Profiler_Host_EvaluateToGpuValues_Params p =
        CUPTI_PARAMS(CUpti_Profiler_Host_EvaluateToGpuValues_Params);

    p.pHostObject = m->host;
    p.pCounterDataImage = image;
    p.counterDataImageSize = size;
    p.rangeIndex = range;
    p.ppMetricNames = m->names;
    p.numMetrics = m->n;
    p.pMetricValues = values;
    return CUPTI_CALL(cuptiProfilerHostEvaluateToGpuValues, &p, r);
}

void metrics_close(struct metrics *m)
{
    CUpti_Profiler_Host_Deinitialize_Params p =
        CUPTI_PARAMS(CUpti_Profiler_Host_Deinitialize_Params);

    p.pHostObject = m->host;
    if (m->host)
        cupti.cuptiProfilerHostDeinitialize(&p);
    free(m->config);
    memset(m, 0, sizeof *m);
}
