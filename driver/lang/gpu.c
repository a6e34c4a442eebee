/* gpu.c - what a compute capability alone says of a card, its figures by name, and the text that
 * names a card's model.
 *
 * The sizes are those of the CUDA programming guide's table "technical specifications per compute
 * capability". What differs from card to card of one capability (multiprocessors, L2, memory) is 0,
 * which everywhere means "not known"; sm_90 stands for the card that annotations are read for when
 * no other is named, so its count and cache are those of an H100 or H200 SXM. */
#include "driver/lang/gpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int major, minor;
    int smem_kib; /* the opt-in limit of a block */
    int sms, l2_mib;
} ARCHES[] = {
    {7, 5, 64, 0, 0},   {8, 0, 163, 0, 0},    {8, 6, 99, 0, 0},   {8, 7, 163, 0, 0},
    {8, 9, 99, 0, 0},   {9, 0, 227, 132, 50}, {10, 0, 227, 0, 0}, {10, 3, 227, 0, 0},
    {11, 0, 227, 0, 0}, {12, 0, 99, 0, 0},    {12, 1, 99, 0, 0},
};

int gpu_of_arch(int major, int minor, struct gpu *gpu)
{
    for (size_t i = 0; i < sizeof ARCHES / sizeof *ARCHES; i++) {
        if (ARCHES[i].major != major || ARCHES[i].minor != minor)
            continue;
        memset(gpu, 0, sizeof *gpu);
        gpu->major = major;
        gpu->minor = minor;
        gpu->sms = ARCHES[i].sms;
        gpu->smem = (int64_t)ARCHES[i].smem_kib << 10;
        gpu->regs = 65536;
        gpu->l2 = (int64_t)ARCHES[i].l2_mib << 20;
        return 1;
    }
    return 0;
}

void gpu_model(const struct gpu *gpu, char text[160])
{
    snprintf(text, 160, "%s/%d.%d/%" PRId64 "/%" PRId64 "GB", gpu->name, gpu->major, gpu->minor,
             gpu->sms, gpu->memory / 1000000000);
}

bool gpu_figure(const struct gpu *gpu, const char *name, int64_t *value)
{
    static const struct gpu unknown = {.name = ""};
    const struct gpu *g = gpu ? gpu : &unknown;
    const struct {
        const char *name;
        int64_t value;
    } figures[] = {
        {"gpu.sms", g->sms}, {"gpu.smem", g->smem}, {"gpu.regs", g->regs}, {"gpu.l2", g->l2}};

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(name, figures[i].name) == 0) {
            *value = figures[i].value;
            return true;
        }
    return false;
}
