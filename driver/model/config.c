/* driver/model/config.c - what the environment says about models. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/provider.h"

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && value[strspn(value, " \t")] ? value : NULL;
}

/* "200000", "200k", "1.5M" */
static int read_tokens(const char *text, int64_t *tokens, struct error *err)
{
    char *end;
    double n = strtod(text, &end);

    if (end != text && (*end == 'k' || *end == 'K'))
        n *= 1e3, end++;
    else if (end != text && (*end == 'm' || *end == 'M'))
        n *= 1e6, end++;
    if (end == text || *end || !isfinite(n) || n < 1 || n > 1e15)
        return error_set(err, "KSEARCH_TOKENS=%s is not a number of tokens (200000, 200k, 2M)",
                         text);
    *tokens = (int64_t)n;
    return 0;
}

static int read_money(const char *text, double *money, struct error *err)
{
    char *end;
    double n = strtod(text, &end);

    if (end == text || *end || !isfinite(n) || n <= 0)
        return error_set(err, "KSEARCH_MONEY=%s is not an amount of money (0.50, 20)", text);
    *money = n;
    return 0;
}

int models_config_read(struct models_config *config, struct error *err)
{
    const char *tokens = variable("KSEARCH_TOKENS"), *money = variable("KSEARCH_MONEY");

    *config = (struct models_config){.coder = variable("KSEARCH_MODEL"),
                                     .planner = variable("KSEARCH_PLANNER")};
    if (!config->planner)
        config->planner = config->coder;
    if (tokens && read_tokens(tokens, &config->tokens, err) < 0)
        return -1;
    if (money && read_money(money, &config->money, err) < 0)
        return -1;
    return config->planner != NULL;
}

int models_look(const struct models_config *config, struct models_about *about, struct error *err)
{
    struct arena *a = arena_new();
    struct providers all = {0};
    const char *const lists[] = {config->planner, config->coder};
    struct prices *prices = prices_open(variable("KSEARCH_PRICES"), err);
    int rc = prices ? 0 : -1;

    *about = (struct models_about){.has_key = true};
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        if (lists[i])
            rc = providers_parse(a, lists[i], &all, err);
    }
    for (size_t i = 0; i < all.n; i++) {
        struct price price;
        about->is_http |= all.all[i]->kind->protocol != NULL;
        about->has_key &= !all.all[i]->kind->protocol || all.all[i]->key;
        about->has_no_price |= rc == 0 && !prices_find(prices, all.all[i]->name, &price);
    }
    if (rc == 0 && about->is_http) {
        struct http *h = http_open(err);
        rc = h ? 0 : -1;
        http_close(h);
    }
    prices_free(prices);
    arena_free(a);
    return rc;
}
