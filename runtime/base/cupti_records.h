/* runtime/base/cupti_records.h - CUPTI's activity records of kernels, for those who have its header
 * and a `cupti` table with cuptiActivityGetNextRecord: the worker, and the library that is
 * injected. */
#ifndef KS_CUPTI_RECORDS_H
#define KS_CUPTI_RECORDS_H

#include <cupti.h>
#include <stdint.h>
#include <stdlib.h>

/* a buffer for records, for cuptiActivityRegisterCallbacks */
static inline void CUPTIAPI records_give(uint8_t **buffer, size_t *size, size_t *most)
{
    enum { BYTES = 1 << 20, ALIGNMENT = 8 };

    *buffer = aligned_alloc(ALIGNMENT, BYTES);
    *size = *buffer ? BYTES : 0;
    *most = 0;
}

/* The next kernel in a buffer of which `used` bytes are, NULL behind the last; *record is NULL at
 * first. The ninth form of the record begins as all later ones do */
static inline const CUpti_ActivityKernel9 *
records_next(__typeof__(cuptiActivityGetNextRecord) *next, uint8_t *buffer, size_t used,
             CUpti_Activity **record)
{
    while (used && next(buffer, used, record) == CUPTI_SUCCESS)
        if ((*record)->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL ||
            (*record)->kind == CUPTI_ACTIVITY_KIND_KERNEL)
            return (const CUpti_ActivityKernel9 *)(const void *)*record;
    return NULL;
}

#endif
