/* runtime/capture/activity.c - CUPTI's records of kernels, which cost the program little: nothing
 * is waited for, the GPU writes its own times. */
#include "runtime/capture/activity.h"

#include <stdlib.h>
#include "runtime/capture/book.h"

enum { BUFFER = 1 << 20, ALIGNMENT = 8 };

static void CUPTIAPI give_buffer(uint8_t **buffer, size_t *size, size_t *most)
{
    *buffer = aligned_alloc(ALIGNMENT, BUFFER);
    *size = *buffer ? BUFFER : 0;
    *most = 0;
}

/* the ninth form of the record begins as all later ones do */
static void read_kernel(const CUpti_ActivityKernel9 *k)
{
    unsigned grid[3] = {(unsigned)k->gridX, (unsigned)k->gridY, (unsigned)k->gridZ};
    unsigned block[3] = {(unsigned)k->blockX, (unsigned)k->blockY, (unsigned)k->blockZ};

    if (k->name && k->end > k->start)
        book_time(k->name, grid, block, k->end - k->start);
}

static void CUPTIAPI take_buffer(CUcontext context, uint32_t stream, uint8_t *buffer, size_t size,
                                 size_t used)
{
    CUpti_Activity *record = NULL;

    (void)context;
    (void)stream;
    (void)size;
    while (used && cupti.cuptiActivityGetNextRecord(buffer, used, &record) == CUPTI_SUCCESS)
        if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL ||
            record->kind == CUPTI_ACTIVITY_KIND_KERNEL)
            read_kernel((const CUpti_ActivityKernel9 *)(const void *)record);
    free(buffer);
}

static void flush(void)
{
    if (book_is_open()) /* not in a child that the program forked */
        cupti.cuptiActivityFlushAll(1);
}

void activity_start(void)
{
    if (cupti.cuptiActivityRegisterCallbacks(give_buffer, take_buffer) != CUPTI_SUCCESS ||
        cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) != CUPTI_SUCCESS)
        book_note("CUPTI does not tell how long kernels take: times are left out");
    else
        atexit(flush);
}
