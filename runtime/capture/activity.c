/* runtime/capture/activity.c - CUPTI's records of kernels, which cost the program little: nothing
 * is waited for, the GPU writes its own times. */
#include "runtime/capture/activity.h"

#include <stdlib.h>
#include "runtime/base/cupti_records.h"
#include "runtime/capture/book.h"

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
    const CUpti_ActivityKernel9 *kernel;

    (void)context;
    (void)stream;
    (void)size;
    while ((kernel = records_next(cupti.cuptiActivityGetNextRecord, buffer, used, &record)))
        read_kernel(kernel);
    free(buffer);
}

static void flush(void)
{
    if (book_is_open()) /* not in a child that the program forked */
        cupti.cuptiActivityFlushAll(1);
}

void activity_start(void)
{
    if (cupti.cuptiActivityRegisterCallbacks(records_give, take_buffer) != CUPTI_SUCCESS ||
        cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) != CUPTI_SUCCESS)
        book_note("CUPTI does not tell how long kernels take: times are left out");
    else
        atexit(flush);
}
