/* driver/build/launch_text.h - `k<<<g, b>>>(x)` in tokens: of a file, or of a macro's text. */
#ifndef KS_LAUNCH_TEXT_H
#define KS_LAUNCH_TEXT_H

#include "driver/lang/scan.h"

struct launch_text {
    const struct tokens *tokens;
    const size_t *match; /* brackets_match of them */
};

struct launch_parts { /* token numbers */
    size_t name;      /* the kernel's, template arguments may follow */
    size_t open;      /* the first < of <<< */
    size_t close;     /* the first > of >>> */
    size_t paren;     /* the ( behind it */
};

struct launch_text launch_text(struct arena *a, const struct tokens *tokens);
/* the launch whose <<< begins at token t; false when there is none */
bool launch_read(const struct launch_text *r, size_t t, struct launch_parts *out);

#endif
