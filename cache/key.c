/* cache/key.c */
#include "cache/key.h"

#include "cache/record.h"

const char *key_part_name(enum key_part part)
{
    static const char *const names[KEY_PARTS] = {
        [KEY_REGION] = "the region's code",
        [KEY_CLAUSES] = "the annotation",
        [KEY_CONTEXT] = "the declarations that the region depends on",
        [KEY_FLAGS] = "the compiler's options",
        [KEY_TOOLKIT] = "the CUDA toolkit",
    };

    return (unsigned)part < KEY_PARTS ? names[part] : "an unknown part";
}

void key_finish(struct key *key, const char *entry)
{
    struct hasher *h = hasher_new();

    hasher_string(h, "ksearch key");
    hasher_number(h, RECORD_SCHEMA);
    hasher_string(h, entry);
    for (int i = 0; i < KEY_PARTS; i++)
        hasher_field(h, key->part[i].byte, sizeof key->part[i].byte);
    key->all = hasher_end(h);
}
