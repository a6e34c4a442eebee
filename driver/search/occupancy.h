/* driver/search/occupancy.h - how many blocks of a kernel a multiprocessor holds at a time.
 *
 * The arithmetic is that of NVIDIA's occupancy calculator, cuda_occupancy.h of the toolkit (which
 * the test compares it with), for a device in its usual configuration: all of the shared memory may
 * be used. An estimate for people and models; nothing is decided by it. */
#ifndef KS_OCCUPANCY_H
#define KS_OCCUPANCY_H

#include <stdbool.h>
#include <stdint.h>

struct occupancy {
    int blocks;        /* on a multiprocessor at a time; 0: it cannot be launched */
    int warps, most;   /* of those blocks, and that the multiprocessor could hold */
    const char *limit; /* what allows no more: "registers", "shared memory", "warps", "blocks" */
};

/* Of blocks of that many threads, registers a thread, and bytes of shared memory a block, static
 * and dynamic together. false when the architecture is not known */
bool occupancy_of(int major, int minor, int64_t threads, int64_t regs, int64_t smem,
                  struct occupancy *out);

#endif
