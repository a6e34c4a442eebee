/* driver/build/order.c
 *
 * Files are known by their last names: those of intermediate files are unique, and some steps name
 * a file without its folder. What a tool reads without naming it (the host compiler includes what
 * cicc and fatbinary wrote) cannot be told from its words, so all but five kinds of steps wait for
 * everything before them, and everything behind waits for them. */
#include "driver/build/order.h"

#include <string.h>
#include "runtime/base/fs.h"

static bool is_known(const struct step *s)
{
    return s->tool == TOOL_CPP_HOST || s->tool == TOOL_CPP_DEVICE || s->tool == TOOL_CUDAFE ||
           s->tool == TOOL_CICC || s->tool == TOOL_PTXAS;
}

/* cudafe++ neither reads nor writes the stub: what it writes includes it, once cicc wrote it */
static bool is_stub(const struct step *s, size_t i)
{
    return s->tool == TOOL_CUDAFE && strcmp(s->argv[i - 1], "--stub_file_name") == 0;
}

static bool mentions(const struct step *s, const char *word)
{
    const char *name = fs_base(word);

    for (size_t i = 1; s->argv[i]; i++)
        if (strcmp(fs_base(s->argv[i]), name) == 0 && !is_stub(s, i))
            return true;
    return false;
}

bool order_writes(const struct step *s, size_t i)
{
    static const char *const outputs[] = {"-o", "--gen_c_file_name", "--gen_device_file_name",
                                          "--stub_file_name"};
    const char *option = s->argv[i - 1];

    for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++)
        if (strcmp(option, outputs[k]) == 0)
            return !is_stub(s, i);
    if (strcmp(option, "--module_id_file_name") != 0)
        return false;
    for (size_t k = 1; s->argv[k]; k++)
        if (strcmp(s->argv[k], "--gen_module_id_file") == 0)
            return true; /* else it is read */
    return false;
}

static bool writes_for(const struct step *writer, const struct step *other)
{
    for (size_t i = 1; writer->argv[i]; i++)
        if (order_writes(writer, i) && mentions(other, writer->argv[i]))
            return true;
    return false;
}

bool order_waits(const struct step *earlier, const struct step *later)
{
    return !is_known(earlier) || !is_known(later) || writes_for(earlier, later) ||
           writes_for(later, earlier);
}
