/* card.c - which card an architecture gets.
 *
 * The next lower architecture's card is right only where the instructions are the same: 8.6 and 8.9
 * are read as 8.0, and 10.3 and 11.0 (which have tcgen05) as 10.0. But 12.x is no larger 10.0: it
 * has neither tcgen05 nor wgmma, and what is newer than that nobody knows here. Those get the
 * generic card, unless KSEARCH_PROMPTS has theirs. */
#include "driver/model/prompt.h"

#include <stdio.h>
#include "driver/model/prompt_file.h"
#include "runtime/base/embed.h"

EMBED_DECLARE(sm_80_md);
EMBED_DECLARE(sm_90_md);
EMBED_DECLARE(sm_100_md);
EMBED_DECLARE(generic_md);

enum { CARD_LIMIT = 1 << 16 };

static const char *carried(int arch)
{
    return arch == 80    ? embed_sm_80_md
           : arch == 90  ? embed_sm_90_md
           : arch == 100 ? embed_sm_100_md
                         : NULL;
}

/* the lowest architecture whose card may stand for this one */
static int family(int major)
{
    return (major == 11 ? 10 : major) * 10;
}

char *prompt_card(int major, int minor, struct error *err)
{
    struct buf b;
    int rc = 0;

    buf_init(&b, CARD_LIMIT);
    for (int arch = major * 10 + minor; arch >= family(major) && rc == 0; arch--) {
        char name[32];
        snprintf(name, sizeof name, "sm_%d", arch);
        rc = prompt_file(name, carried(arch), &b, NULL, err);
    }
    if (rc == 0)
        rc = prompt_file("generic", embed_generic_md, &b, NULL, err);
    if (rc > 0)
        return buf_steal(&b);
    buf_release(&b);
    return NULL;
}
