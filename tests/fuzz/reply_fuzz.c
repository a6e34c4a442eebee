/* tests/fuzz/reply_fuzz.c - any bytes as what a model sent.
 *
 * With a parent and without, a structure comes out that is plain text within its limit, or nothing
 * and a line for each thing that is wrong. A structure put into a block of its own comes out as it
 * was. JSON comes out as an object, or there is a line that says why not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/reply.h"
#include "runtime/base/utf8.h"

static const char PARENT[] = "constexpr int N = 4;\n"
                             "#pragma ksearch tune(N = 4, 8) run(k<<<n, N>>>(y, n))\n"
                             "__global__ void k(float *y, int n)\n"
                             "{\n"
                             "    int i = threadIdx.x;\n"
                             "    if (i < n)\n"
                             "        y[i] = 1;\n"
                             "    if (i < n)\n"
                             "        y[i] = 2;\n"
                             "}\n";

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_again(const struct buf *text)
{
    struct buf reply, again, errors;

    buf_init(&reply, BUF_LIMIT);
    buf_init(&again, BUF_LIMIT);
    buf_init(&errors, BUF_LIMIT);
    buf_addf(&reply, "~~~~~~~~~~~~~~~~~~~~~~~~cuda\n%s~~~~~~~~~~~~~~~~~~~~~~~~\n", text->data);
    if (!strstr(text->data, "<<<<<<<") && !strstr(text->data, "~~~~~~~~~~~~~~~~~~~~~~~~")) {
        require(reply_structure(reply.data, reply.len, NULL, &again, &errors) == 0);
        require(strcmp(text->data, again.data) == 0 && errors.len == 0);
    }
    buf_release(&reply);
    buf_release(&again);
    buf_release(&errors);
}

static void check_structure(const char *reply, size_t size, const char *parent)
{
    struct buf text, errors;

    buf_init(&text, BUF_LIMIT);
    buf_init(&errors, BUF_LIMIT);
    if (reply_structure(reply, size, parent, &text, &errors) == 0) {
        require(text.len > 0 && text.len <= REPLY_TEXT_LIMIT && errors.len == 0);
        require(utf8_plain(text.data, text.len) == text.len && text.data[text.len - 1] == '\n');
        check_again(&text);
    } else {
        require(text.len == 0 && errors.len > 0 && errors.data[errors.len - 1] == '\n');
        require(utf8_plain(errors.data, errors.len) == errors.len);
    }
    buf_release(&text);
    buf_release(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *reply = (const char *)data;
    struct buf errors;
    json_t *value;

    check_structure(reply, size, PARENT);
    check_structure(reply, size, NULL);
    buf_init(&errors, BUF_LIMIT);
    value = reply_json(reply, size, &errors);
    require(value ? json_is_object(value) && errors.len == 0 : errors.len > 0);
    require(utf8_plain(buf_text(&errors), errors.len) == errors.len);
    json_decref(value);
    buf_release(&errors);
    return 0;
}
