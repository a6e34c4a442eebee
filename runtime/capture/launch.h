/* runtime/capture/launch.h - a launch, whichever function of the driver made it. */
#ifndef KS_CAPTURE_LAUNCH_H
#define KS_CAPTURE_LAUNCH_H

#include <stdbool.h>
#include "runtime/capture/api.h"

struct launch {
    CUfunction function;
    bool is_kernel;   /* it is a CUkernel; known from the first launch_param on */
    const char *name; /* mangled; "" when it cannot be told */
    unsigned grid[3], block[3], cluster[3], smem;
    bool cooperative;
    CUstream stream; /* as any function of the driver takes it */
    void **params, **extra;
};

/* is the callback one of a launch? Then what is launched */
bool launch_read(CUpti_CallbackId id, const CUpti_CallbackData *call, struct launch *l);
/* the bytes of parameter i, asked for from 0 on, and where they lie in the parameter buffer; NULL
 * behind the last, or where they cannot be told */
const void *launch_param(struct launch *l, size_t i, size_t *offset, size_t *size);
/* calls for every function that launches a kernel */
void launch_each_id(void (*each)(CUpti_CallbackId id));

#endif
