/* driver/cupti.h - where is libcupti, which the capture library opens? */
#ifndef KS_CUPTI_H
#define KS_CUPTI_H

struct arena;

#define CUPTI_USER "libksearch-capture.so" /* beside the engine */

/* KSEARCH_CAPTURE_CUPTI; else in the toolkit of CUDA_HOME, CUDA_PATH, the nvcc in use, or the usual
 * place; else where the dynamic linker finds it (a name without a folder). NULL: nowhere */
const char *cupti_find(struct arena *a);

#endif
