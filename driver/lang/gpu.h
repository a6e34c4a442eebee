/* driver/lang/gpu.h - the GPU a search is for, as far as annotations and keys speak of it. */
#ifndef KS_GPU_H
#define KS_GPU_H

#include <stdbool.h>
#include <stdint.h>

struct gpu {
    char name[96];    /* "NVIDIA H200"; "" when only the architecture is known */
    char uuid[48];    /* "GPU-..." ; "" when not in this machine */
    int major, minor; /* compute capability */
    int64_t sms;      /* multiprocessors */
    int64_t smem;     /* bytes of shared memory a block may have (opt-in limit) */
    int64_t regs;     /* 32-bit registers a block */
    int64_t l2;       /* bytes */
    int64_t memory;   /* bytes */
    int driver;       /* CUDA driver version, 13000 for 13.0; 0 when unknown */
};

/* what is known of an architecture without a card in hand: 1 and *gpu filled for sm_75 and later
 * (sizes from the CUDA programming guide's table of compute capabilities), else 0 */
int gpu_of_arch(int major, int minor, struct gpu *gpu);
/* is the name that of a figure that expressions may use, gpu.sms, gpu.smem, gpu.regs or gpu.l2?
 * Then its value, 0 where it is not known (gpu NULL: none is) */
bool gpu_figure(const struct gpu *gpu, const char *name, int64_t *value);
/* "NVIDIA H200/9.0/132/143GB": what makes two cards the same model for a record */
void gpu_model(const struct gpu *gpu, char text[160]);

#endif
