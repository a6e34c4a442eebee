#include "driver/build/intern.h"

#include <string.h>

static size_t *find_slot(const struct intern *in, const char *text, size_t len)
{
    size_t h = 5381;

    for (size_t i = 0; i < len; i++)
        h = h * 33 ^ (unsigned char)text[i];
    for (h %= in->slots; in->slot[h]; h = (h + 1) % in->slots) {
        const struct interned *have = &in->item[in->slot[h] - 1];
        if (have->len == len && memcmp(have->text, text, len) == 0)
            break;
    }
    return &in->slot[h];
}

static void grow(struct arena *a, struct intern *in)
{
    in->slots = in->slots ? 2 * in->slots : 4096;
    in->slot = arena_array(a, size_t, in->slots);
    for (size_t i = 0; i < in->n; i++)
        *find_slot(in, in->item[i].text, in->item[i].len) = i + 1;
}

size_t intern(struct arena *a, struct intern *in, const char *text, size_t len)
{
    size_t *slot;

    if (2 * in->n >= in->slots)
        grow(a, in);
    slot = find_slot(in, text, len);
    if (!*slot) {
        *arena_push(a, in->item, in->n) = (struct interned){text, len};
        *slot = in->n;
    }
    return *slot - 1;
}
