/* driver/search/counted.c - see counted.h. The metrics are those of runtime/worker/metrics.c. */
#include "driver/search/counted.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define DURATION "gpu__time_duration.sum"
#define THREADS(op) "smsp__sass_thread_inst_executed_op_" op "_pred_on.sum"
#define TENSOR(type) "sm__ops_path_tensor_src_" type ".sum"

/* ---- one kernel ---- */

/* one metric of one kernel */
static double counted_metric(const json_t *kernel, const char *name)
{
    const json_t *x = json_object_get(json_object_get(kernel, "metrics"), name);
    return json_is_number(x) ? json_number_value(x) : -1;
}

int64_t counted_launches(const json_t *kernel)
{
    return json_integer_value(json_object_get(kernel, "launches"));
}

double counted_us(const json_t *kernel)
{
    double ns = counted_metric(kernel, DURATION);
    return ns < 0 ? -1 : 1e-3 * ns * (double)counted_launches(kernel);
}

/* the product of three numbers; 0 when they are not there */
static int64_t product(const json_t *kernel, const char *name)
{
    const json_t *three = json_object_get(kernel, name);
    int64_t n = json_array_size(three) ? 1 : 0;
    for (size_t i = 0; i < json_array_size(three); i++)
        n *= json_integer_value(json_array_get(three, i));
    return n;
}

int64_t counted_blocks(const json_t *kernel)
{
    return product(kernel, "grid");
}

int64_t counted_threads(const json_t *kernel)
{
    return product(kernel, "block");
}

int64_t counted_cluster(const json_t *kernel)
{
    return product(kernel, "cluster");
}

/* ---- all of them ---- */

const json_t *counted_longest(const json_t *kernels)
{
    const json_t *found = NULL;
    double most = -INFINITY;
    for (size_t i = 0; i < json_array_size(kernels); i++) {
        const json_t *k = json_array_get(kernels, i);
        if (counted_us(k) > most) {
            most = counted_us(k);
            found = k;
        }
    }
    return found;
}

/* the sum over kernels of weight(kernel) * metric, and of the weights; kernels without it are left
 * out */
static double weighed(const json_t *kernels, const char *name, double (*weight)(const json_t *),
                      double *weights)
{
    double sum = 0;
    *weights = 0;
    for (size_t i = 0; i < json_array_size(kernels); i++) {
        const json_t *k = json_array_get(kernels, i);
        double x = counted_metric(k, name), w = weight(k);
        if (x < 0 || w < 0)
            continue;
        sum += w * x;
        *weights += w;
    }
    return sum;
}

static double by_launches(const json_t *kernel)
{
    return (double)counted_launches(kernel);
}

/* the sum of a metric over all kernels and launches */
static double counted_sum(const json_t *kernels, const char *name)
{
    double n, sum = weighed(kernels, name, by_launches, &n);
    return n > 0 ? sum : -1;
}

double counted_mean(const json_t *kernels, const char *name)
{
    double us, sum = weighed(kernels, name, counted_us, &us);
    return us > 0 ? sum / us : -1;
}

double counted_all_us(const json_t *kernels)
{
    double ns = counted_sum(kernels, DURATION);
    return ns < 0 ? -1 : 1e-3 * ns;
}

double counted_dram(const json_t *kernels)
{
    double in = counted_sum(kernels, "dram__bytes_read.sum");
    double out = counted_sum(kernels, "dram__bytes_write.sum");
    return in < 0 || out < 0 ? -1 : in + out;
}

/* ---- arithmetic ---- */

static const struct {
    const char *name, *peak;
    struct {
        const char *metric;
        double operations; /* each of it is */
    } of[4];
} kinds[COUNTED_OPS] = {
    [OPS_F32] = {"f32", "f32", {{THREADS("fadd"), 1}, {THREADS("fmul"), 1}, {THREADS("ffma"), 2}}},
    [OPS_F64] = {"f64", "f64", {{THREADS("dadd"), 1}, {THREADS("dmul"), 1}, {THREADS("dfma"), 2}}},
    [OPS_F16] = {"f16", NULL, {{THREADS("hadd"), 1}, {THREADS("hmul"), 1}, {THREADS("hfma"), 2}}},
    /* chips have either the first or the two others */
    [OPS_TENSOR_F16] = {"tensor f16",
                        "f16",
                        {{TENSOR("fp16"), 1},
                         {TENSOR("fp16_dst_fp16"), 1},
                         {TENSOR("fp16_dst_fp32"), 1}}},
    [OPS_TENSOR_BF16] = {"tensor bf16", "bf16", {{TENSOR("bf16_dst_fp32"), 1}}},
    [OPS_TENSOR_OTHER] = {"tensor, other types",
                          NULL,
                          {{TENSOR("tf32_dst_fp32"), 1},
                           {TENSOR("fp64"), 1},
                           {TENSOR("fp8"), 1},
                           {TENSOR("int8"), 1}}},
};

const char *counted_ops_name(enum counted_ops kind)
{
    return kinds[kind].name;
}

const char *counted_ops_peak(enum counted_ops kind)
{
    return kinds[kind].peak;
}

bool counted_is_operation(const char *metric)
{
    for (size_t k = 0; k < COUNTED_OPS; k++)
        for (size_t i = 0; i < sizeof kinds[k].of / sizeof *kinds[k].of; i++)
            if (kinds[k].of[i].metric && strcmp(kinds[k].of[i].metric, metric) == 0)
                return true;
    return false;
}

double counted_operations(const json_t *kernels, enum counted_ops kind)
{
    double all = -1;
    for (size_t i = 0; i < sizeof kinds[kind].of / sizeof *kinds[kind].of; i++) {
        double n = kinds[kind].of[i].metric ? counted_sum(kernels, kinds[kind].of[i].metric) : -1;
        if (n >= 0)
            all = fmax(all, 0) + kinds[kind].of[i].operations * n;
    }
    return all;
}

double counted_arithmetic(const json_t *kernels)
{
    static const char *const pipes[] = {
        "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active",
        "sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active",
    };
    double active = counted_mean(kernels, "sm__cycles_active.avg.pct_of_peak_sustained_elapsed");
    double busiest = -1;
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++)
        busiest = fmax(busiest, counted_mean(kernels, pipes[i]));
    return busiest < 0 || active < 0 ? -1 : busiest * active / 100;
}
