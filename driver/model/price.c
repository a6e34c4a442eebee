/* driver/model/price.c */
#include "driver/model/price.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/buf.h"
#include "runtime/base/embed.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

EMBED_DECLARE(prices_json);

enum { OWN, BUILT_IN, TABLES };

struct prices {
    json_t *table[TABLES]; /* the "prices" of each; NULL: there is none */
};

static int price_read(const json_t *entry, struct price *price)
{
    const json_t *in = json_object_get(entry, "in"), *out = json_object_get(entry, "out");

    *price = (struct price){json_number_value(in), json_number_value(out)};
    return json_is_number(in) && json_is_number(out) && price->in >= 0 && price->out >= 0 ? 0 : -1;
}

/* the checked "prices" of a table's text */
static json_t *table_read(const char *name, const char *text, size_t n, struct error *err)
{
    json_error_t why;
    json_t *whole = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why), *prices, *entry;
    const char *key;

    if (!whole) {
        error_set(err, "%s:%d:%d: %s", name, why.line, why.column, why.text);
        return NULL;
    }
    prices = json_incref(json_object_get(whole, "prices"));
    json_decref(whole);
    if (!json_is_object(prices)) {
        json_decref(prices);
        error_set(
            err,
            "%s: a table of prices is {\"prices\": {\"openai:MODEL\": {\"in\": 1, \"out\": 2}}}",
            name);
        return NULL;
    }
    json_object_foreach(prices, key, entry)
    {
        struct price price;
        if (price_read(entry, &price) < 0) {
            error_set(err, "%s: %s: a price is {\"in\": 1, \"out\": 2}, money for a million tokens",
                      name, key);
            json_decref(prices);
            return NULL;
        }
    }
    return prices;
}

struct prices *prices_open(const char *path, struct error *err)
{
    struct prices *p = calloc(1, sizeof *p);
    struct buf text;

    if (!p)
        fatal("out of memory");
    p->table[BUILT_IN] = table_read("prices.json", embed_prices_json, embed_prices_json_size, err);
    buf_init(&text, 1 << 20);
    if (path && fs_read(path, &text, err) == 0)
        p->table[OWN] = table_read(path, buf_text(&text), text.len, err);
    buf_release(&text);
    if (!p->table[BUILT_IN] || (path && !p->table[OWN])) {
        prices_free(p);
        return NULL;
    }
    return p;
}

/* does a table's name stand for the model? "-2025-08-07" and "-20250929" are snapshots */
static bool stands_for(const char *name, const char *model)
{
    size_t n = strlen(name);
    const char *rest = model + n;

    if (n && name[n - 1] == '*')
        return !strncmp(name, model, n - 1);
    if (strncmp(name, model, n) != 0)
        return false;
    return !*rest || (rest[0] == '-' && strlen(rest) >= 9 && !rest[strspn(rest, "-0123456789")]);
}

bool prices_find(const struct prices *p, const char *model, struct price *price)
{
    for (int i = 0; i < TABLES; i++) {
        size_t longest = 0;
        const char *name;
        json_t *entry;

        json_object_foreach(p->table[i], name, entry)
        {
            size_t n = strlen(name);
            if (n > longest && stands_for(name, model) && price_read(entry, price) == 0)
                longest = n;
        }
        if (longest)
            return true;
    }
    return false;
}

double price_of(const struct price *price, int64_t in, int64_t out)
{
    return ((double)in * price->in + (double)out * price->out) * 1e-6;
}

void prices_free(struct prices *p)
{
    if (!p)
        return;
    for (int i = 0; i < TABLES; i++)
        json_decref(p->table[i]);
    free(p);
}
