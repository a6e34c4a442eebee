/* driver/ceilings.c - see ceilings.h. The file is {"cards": {"NVIDIA H200/9.0/132/143GB/13000":
 * {"bandwidth": x, "ops": {...}}}}; of two processes that write it at once the later one's is kept,
 * and the other card is measured again. */
#include "driver/ceilings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

const char *ceiling_name(int type)
{
    static const char *const names[CEILING_TYPES] = {"f32", "f64", "f16", "bf16"};
    return names[type];
}

double ceiling_of(const struct ceilings *c, const char *type)
{
    for (int i = 0; i < CEILING_TYPES; i++)
        if (type && strcmp(ceiling_name(i), type) == 0)
            return c->ops[i];
    return 0;
}

json_t *ceilings_json(const struct ceilings *c)
{
    json_t *object = json_object(), *ops = json_object();
    if (c->bandwidth > 0)
        json_object_set_new(object, "bandwidth", json_real(c->bandwidth));
    for (int i = 0; i < CEILING_TYPES; i++)
        if (c->ops[i] > 0)
            json_object_set_new(ops, ceiling_name(i), json_real(c->ops[i]));
    json_object_set_new(object, "ops", ops);
    return object;
}

static struct ceilings ceilings_read(const json_t *object)
{
    struct ceilings c = {.bandwidth = json_number_value(json_object_get(object, "bandwidth"))};
    const json_t *ops = json_object_get(object, "ops");
    for (int i = 0; i < CEILING_TYPES; i++)
        c.ops[i] = json_number_value(json_object_get(ops, ceiling_name(i)));
    return c;
}

/* all that any card has: a remembered lack would stay for ever */
static bool is_whole(const struct ceilings *c)
{
    return c->bandwidth > 0 && c->ops[CEILING_F32] > 0;
}

static struct ceilings probe(struct bench *b, size_t point)
{
    struct ceilings c = {0};
    double bytes, us = bench_floor(b, point, &bytes);
    if (us > 0)
        c.bandwidth = 1e6 * bytes / us;
    for (int i = 0; i < CEILING_TYPES; i++)
        c.ops[i] = bench_peak(b, ceiling_name(i));
    return c;
}

static void remember(const char *path, json_t *memo, const char *card, const struct ceilings *c)
{
    json_t *cards = json_object_get(memo, "cards");
    if (!json_is_object(cards)) {
        cards = json_object();
        json_object_set_new(memo, "cards", cards);
    }
    json_object_set_new(cards, card, ceilings_json(c));
    char *text = json_dumps(memo, JSON_INDENT(1));
    if (text)
        fs_write(path, text, strlen(text), NULL);
    free(text);
}

struct ceilings ceilings_measure(const char *cache_dir, struct bench *b, size_t point)
{
    char model[160], card[200];
    struct buf path;
    gpu_model(bench_gpu(b), model);
    snprintf(card, sizeof card, "%s/%d", model, bench_gpu(b)->driver);
    buf_init(&path, 1 << 16);
    buf_addf(&path, "%s/ceilings.json", cache_dir ? cache_dir : "");
    json_t *memo = cache_dir ? json_load_file(buf_text(&path), 0, NULL) : NULL;
    struct ceilings c = ceilings_read(json_object_get(json_object_get(memo, "cards"), card));
    if (!is_whole(&c)) {
        c = probe(b, point);
        if (!json_is_object(memo)) {
            json_decref(memo);
            memo = json_object();
        }
        if (cache_dir && is_whole(&c))
            remember(buf_text(&path), memo, card, &c);
    }
    json_decref(memo);
    buf_release(&path);
    return c;
}
