/* driver/model/price.h - what a million tokens cost.
 *
 * A table is a JSON object, {"prices": {"openai:gpt-5": {"in": 1.25, "out": 10}, ...}}; all its
 * other fields are for readers. A name is for that model and its dated snapshots
 * (openai:gpt-5-2025-08-07), one with a * at its end for all that begin so; the longest that fits
 * counts. The one that comes with ksnvcc is driver/model/prices.json; names of the user's own
 * (KSEARCH_PRICES) come first. */
#ifndef KS_MODEL_PRICE_H
#define KS_MODEL_PRICE_H

#include <stdbool.h>
#include <stdint.h>
#include "runtime/base/error.h"

struct prices;
struct price {
    double in, out; /* a million tokens */
};

/* `path` is the user's table or NULL. NULL with *err where it cannot be read or is not a table */
struct prices *prices_open(const char *path, struct error *err);
/* false: not known */
bool prices_find(const struct prices *p, const char *model, struct price *price);
double price_of(const struct price *price, int64_t in, int64_t out);
void prices_free(struct prices *p);

#endif
