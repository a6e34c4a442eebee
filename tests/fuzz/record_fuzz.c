/* tests/fuzz/record_fuzz.c - any bytes as the value of a cache, and as the JSON of a record.
 *
 * What is read must be written and read again as the same record; anything else must be refused
 * with a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cache/store_impl.h"

static void same_again(const struct record *rec)
{
    json_t *object = record_to_json(rec, true), *more;
    struct record *again = record_from_json(object, NULL);
    struct buf value;

    if (!object || !again)
        abort();
    more = record_to_json(again, true);
    if (!json_equal(object, more))
        abort();
    record_free(again);
    buf_init(&value, BUF_LIMIT);
    if (store_encode(rec, &value, NULL) < 0)
        abort();
    again = store_decode(value.data, value.len, NULL);
    if (!again)
        abort();
    record_free(again);
    buf_release(&value);
    json_decref(object);
    json_decref(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
    struct error err = {""}, why = {""};
    struct record *rec = store_decode(data, size, &err);

    if (!rec && !err.text[0])
        abort();
    record_free(rec);
    rec = record_from_json(object, &why);
    if (rec)
        same_again(rec);
    else if (!why.text[0])
        abort();
    record_free(rec);
    json_decref(object);
    return 0;
}
