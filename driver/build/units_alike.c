/* driver/build/units_alike.c - is a file's own code the same with the `a` behind the target's
 * number?
 *
 * It is, as a rule: of the same PTX ptxas makes the same for sm_90 and sm_90a. But a text, or a
 * header of it, may ask which it is compiled for, and then a launch that nobody replaces would run
 * other code than in the user's own build. */
#include "driver/build/units.h"

#include "driver/build/cubin.h"
#include "driver/build/specific.h"
#include "driver/build/symbol.h"

/* -1 when there is none of the user's text */
static int plain_cubin(struct arena *a, const struct units_target *target, char suffix,
                       struct buf *image, struct cubin *cubin, struct error *err)
{
    struct units_target t = *target;

    t.suffix = suffix;
    buf_init(image, BUF_LIMIT);
    return units_plain(&t, image, NULL, err) || cubin_read(a, image->data, image->len, cubin, err)
               ? -1
               : 0;
}

void units_alike_ask(struct units_alike *alike, const struct units_target *target)
{
    struct arena *a = target->file->arena;
    struct buf image = {0}, other_image = {0};
    struct cubin cubin, other;
    const struct cubin_kernel *k;
    struct error err = {""};

    if (alike->asked)
        return;
    alike->asked = true;
    if (plain_cubin(a, target, target->suffix, &image, &cubin, &err) < 0 ||
        plain_cubin(a, target, SPECIFIC_SUFFIX, &other_image, &other, &err) < 0)
        alike->why = arena_dup(a, err.text);
    else if ((k = cubin_other_code(&cubin, &other, NULL, NULL)))
        alike->why = arena_printf(a, SPECIFIC_OTHER, symbol_text(a, k->symbol));
    buf_release(&image);
    buf_release(&other_image);
}
