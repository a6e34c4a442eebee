/* driver/build/order.c
 *
 * Files are known by their last names: those of intermediate files are unique, and some steps name
 * a file without its folder. What a tool reads without naming it (the host compiler includes what
 * cicc and fatbinary wrote) cannot be told from its words, so all but four kinds of steps wait for
 * everything before them, and everything behind waits for them. */
#include "driver/build/order.h"

#include <string.h>
#include "runtime/base/fs.h"

static bool is_known(const struct step *s)
{
    return s->tool == TOOL_CPP_HOST || s->tool == TOOL_CPP_DEVICE || s->tool == TOOL_CUDAFE ||
           s->tool == TOOL_CICC || s->tool == TOOL_PTXAS;
}

static bool mentions(const struct step *s, const char *word)
{
    const char *name = fs_base(word);

    for (size_t i = 1; s->argv[i]; i++)
        if (strstr(s->argv[i], name))
            return true;
    return false;
}

/* does the word behind this option name a file that the step writes? */
static bool is_output(const struct step *s, const char *option)
{
    static const char *const outputs[] = {"-o", "--gen_c_file_name", "--stub_file_name",
                                          "--gen_device_file_name"};

    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (strcmp(option, outputs[i]) == 0)
            return true;
    if (strcmp(option, "--module_id_file_name") != 0)
        return false;
    for (size_t i = 1; s->argv[i]; i++)
        if (strcmp(s->argv[i], "--gen_module_id_file") == 0)
            return true; /* else it is read */
    return false;
}

static bool writes_for(const struct step *writer, const struct step *other)
{
    for (size_t i = 1; writer->argv[i]; i++)
        if (is_output(writer, writer->argv[i - 1]) && mentions(other, writer->argv[i]))
            return true;
    return false;
}

bool order_waits(const struct step *earlier, const struct step *later)
{
    return !is_known(earlier) || !is_known(later) || writes_for(earlier, later) ||
           writes_for(later, earlier);
}
