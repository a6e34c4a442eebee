/* runtime/worker/nvml.h - what NVIDIA's management library tells of a GPU, as far as it is there:
 * it is opened at run time. All of it may be asked at any time. */
#ifndef KS_NVML_H
#define KS_NVML_H

/* the GPU that is asked about, by the driver's name for it ("GPU-..."). Returns 0, or -1 when
 * nothing can be told of it */
int nvml_open(const char *uuid);
/* millijoules that it has taken in since its driver was loaded, as the counter stands: it moves
 * some ten times a second. -1: this GPU has none */
long long nvml_energy(void);
/* processes that have a context for computing on it, without this one and other workers; -1: not
 * known */
int nvml_others(void);

#endif
