/* driver/here.h - the GPU in this machine, without starting CUDA when that can be avoided. */
#ifndef KS_HERE_H
#define KS_HERE_H

#include "driver/lang/gpu.h"
#include "runtime/base/error.h"

/* Asks `ksearch-worker --probe` for the GPU and remembers the answer in memo_dir (may be NULL) for
 * as long as the machine has not been restarted and driver, worker and CUDA_VISIBLE_DEVICES are the
 * same. `meanwhile`, unless NULL, is called where it has to wait for an answer. 0; or -1 with the
 * reason why there is none. */
int gpu_here(const char *memo_dir, void (*meanwhile)(void *arg), void *arg, struct gpu *gpu,
             struct error *why);

#endif
