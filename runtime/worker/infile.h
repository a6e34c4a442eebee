/* runtime/worker/infile.h - inputs that come from .npy files (runtime/base/npy.h).
 *
 * A file fits an array of the same extents and element type. bf16 may be written as V2 or u2, fp8
 * as V1 or u1: NumPy does not know them. Of a vector or complex type a file has the lanes as a last
 * extent (float4 x[n]: float32[n][4]), complex numbers as such, or bytes, V16; a struct's bytes are
 * V<size>, or a last extent of u1. */
#ifndef KS_INFILE_H
#define KS_INFILE_H

#include "runtime/worker/cuda.h"
#include "runtime/worker/inputs.h"

/* refuses a file that cannot be read or is not of the array's shape, which its name is for */
int infile_check(const char *path, const char *array, const struct shape *shape, struct refusal *r);
/* copies the elements to the device, in pieces; checks again, as files change */
int infile_upload(const char *path, const char *array, const struct shape *shape, CUdeviceptr to,
                  struct refusal *r);

#endif
