/* tests/unit/annotated.h - an annotated file from a string, and looking into generated text. */
#ifndef KS_TEST_ANNOTATED_H
#define KS_TEST_ANNOTATED_H

#include "tests/unit/fixture.h"

#include <stdlib.h>
#include <string.h>
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"

static struct file *read_file(const char *text)
{
    struct diag d;
    struct gpu gpu;
    struct buf b;

    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, arena);
    struct file *f = annotations_read(arena, source_wrap(arena, "t.cu", text, strlen(text)),
                                      &(struct reading){.gpu = &gpu}, &d);
    buf_init(&b, BUF_LIMIT);
    diag_text(&d, &b);
    if (!f || d.nerrors)
        fail_msg("%s", buf_text(&b));
    buf_release(&b);
    return f;
}

static const char *keep(struct buf *b)
{
    const char *text = arena_copy(arena, buf_text(b), b->len);

    buf_release(b);
    return text;
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

#define CLAUSES                                                                                \
    "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), " \
    "block = B)\n"
#define KERNEL CLAUSES "__global__ void k(float *x, int n) { x[threadIdx.x] += B; }\n"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
