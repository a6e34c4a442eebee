/* Any text as a template: it is filled in, or the error says where it is wrong. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/model/prompt.h"
#include "runtime/base/fs.h"

static char *dir, *path;

static void clean(void)
{
    fs_remove(dir);
    free(dir);
    free(path);
}

static void begin(void)
{
    dir = fs_tempdir("ks-prompt-fuzz", NULL);
    if (!dir || asprintf(&path, "%s/repair.md", dir) < 0 || setenv("KSEARCH_PROMPTS", dir, 1))
        abort();
    atexit(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prompt_value values[] = {
        {"idea", "{{k}}"}, {"structure", "a\n```\n\xFF"}, {"k", "1"}, {"build", ""}};
    struct error err = {""};
    FILE *f;
    char *text;

    if (!path)
        begin();
    unlink(path); /* a file that is cut short is flushed to the disk, a new one is not */
    f = fopen(path, "w");
    if (!f || (size && fwrite(data, size, 1, f) != 1) || fclose(f))
        abort();
    text = prompt_render("repair", values, sizeof values / sizeof *values, &err);
    if (!text && !strstr(err.text, "repair.md"))
        abort();
    if (text && (err.text[0] || strchr(text, 0xFF - 256)))
        abort();
    free(text);
    return 0;
}
