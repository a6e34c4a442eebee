/* tests/fuzz/missing_fuzz.c - any bytes as a shared object whose undefined symbols may be missing.
 *
 * Nothing changes but the bindings of symbols, from global to weak. */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/worker/missing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *once = malloc(size + 1);

    require(once != NULL);
    memcpy(once, data, size);
    missing_allow(once, size);
    for (size_t i = 0; i < size; i++)
        require(once[i] == data[i] || (data[i] >> 4 == STB_GLOBAL && once[i] >> 4 == STB_WEAK &&
                                       (once[i] & 15) == (data[i] & 15)));
    free(once);
    return 0;
}
