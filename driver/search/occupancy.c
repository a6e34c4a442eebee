/* occupancy.c - see occupancy.h.
 *
 * From cuda_occupancy.h (CUDA 13.0): a warp's registers are given out in units of 256, from a
 * quarter of the file each (cudaOccMaxBlocksPerSMRegsLimit); a block's shared memory in units of
 * 128 bytes (256 before 8.0), with 1 KB more for the system from 8.0 on
 * (cudaOccMaxBlocksPerSMSmemLimit); the blocks that a multiprocessor holds are those of
 * cudaOccMaxBlocksPerMultiprocessor. Warps and shared memory of a multiprocessor are those of the
 * CUDA programming guide's table of compute capabilities. */
#include "driver/search/occupancy.h"

#include <stddef.h>

enum {
    WARP = 32,
    REGS = 65536,
    QUARTERS = 4,
    REG_UNIT = 256,
    MOST_REGS = 255,
    MOST_THREADS = 1024
};

static const struct arch {
    int major, minor;
    int warps, blocks, smem_kib;
} ARCHES[] = {
    {7, 5, 32, 16, 64},   {8, 0, 64, 32, 164},  {8, 6, 48, 16, 100},  {8, 7, 48, 16, 164},
    {8, 9, 48, 24, 100},  {9, 0, 64, 32, 228},  {10, 0, 64, 32, 228}, {10, 3, 64, 32, 228},
    {11, 0, 48, 24, 228}, {12, 0, 48, 24, 100}, {12, 1, 48, 24, 100},
};

static const struct arch *find(int major, int minor)
{
    for (size_t i = 0; i < sizeof ARCHES / sizeof *ARCHES; i++)
        if (ARCHES[i].major == major && ARCHES[i].minor == minor)
            return &ARCHES[i];
    return NULL;
}

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* blocks that the registers allow */
static int64_t by_registers(int64_t warps, int64_t regs)
{
    int64_t a_warp = round_up(regs * WARP, REG_UNIT);

    if (regs > MOST_REGS || a_warp * round_up(warps, QUARTERS) > REGS)
        return 0;
    return a_warp ? REGS / QUARTERS / a_warp * QUARTERS / warps : MOST_THREADS;
}

/* blocks that the shared memory allows */
static int64_t by_smem(const struct arch *x, int64_t smem)
{
    int64_t own = x->major >= 8 ? 1024 : 0, all = (int64_t)x->smem_kib << 10;
    int64_t a_block = round_up(smem + own, x->major >= 8 ? 128 : 256);

    return a_block > all ? 0 : a_block ? all / a_block : MOST_THREADS;
}

bool occupancy_of(int major, int minor, int64_t threads, int64_t regs, int64_t smem,
                  struct occupancy *out)
{
    const struct arch *x = find(major, minor);
    int64_t warps = (threads + WARP - 1) / WARP;

    if (!x || threads < 1 || regs < 0 || regs > REGS || smem < 0 || smem > (int64_t)1 << 40)
        return false;
    const struct {
        const char *name;
        int64_t blocks;
    } limits[] = {{"blocks", x->blocks},
                  {"warps", threads > MOST_THREADS ? 0 : x->warps / warps},
                  {"registers", threads > MOST_THREADS ? 0 : by_registers(warps, regs)},
                  {"shared memory", by_smem(x, smem)}};
    size_t least = 0;
    for (size_t i = 1; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].blocks < limits[least].blocks)
            least = i;
    *out = (struct occupancy){(int)limits[least].blocks, (int)(limits[least].blocks * warps),
                              x->warps, limits[least].name};
    return true;
}
