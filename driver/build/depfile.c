/* driver/build/depfile.c
 *
 * nvcc makes the depfile out of the line markers of all passes: every file that is entered (flag
 * 1), in order of its first appearance, host and architectures together; with -MMD none that is a
 * system header where it is entered (flag 3). A #line is no entry, so made-up names stay out.
 * Blanks are escaped, nothing else is. */
#include "driver/build/depfile.h"

#include <string.h>
#include "driver/build/intern.h"
#include "driver/build/marker.h"
#include "runtime/base/fs.h"

struct names {
    struct arena *a;
    const struct splice *splice; /* NULL: no other file stands in the source */
    const char **name;
    size_t n;
    struct intern texts; /* the same */
};

static void names_add(struct names *names, const char *name)
{
    if (intern(names->a, &names->texts, name, strlen(name)) == names->n)
        *arena_push(names->a, names->name, names->n) = name;
}

/* a file that stands in the source is entered where a #line names it */
static bool stands_in_source(const struct names *names, const char *name)
{
    const struct splice *s = names->splice;

    for (size_t i = 0; s && i < s->npieces; i++)
        if (strcmp(s->piece[i].path, name) == 0)
            return true;
    return false;
}

static void add_markers(struct names *names, bool system, const char *text, size_t len)
{
    const char *end = text + len, *after;

    for (const char *at = text; at < end; at = after + 1) {
        struct marker m;

        after = memchr(at, '\n', (size_t)(end - at));
        after = after ? after : end;
        if (*at == '#' && marker_read(at, after, &m) && (system || !m.system)) {
            char *name = marker_name(names->a, &m);
            if (!m.enters && !stands_in_source(names, name))
                continue;
            for (char *c = name; *c; c++)
                *c = *c == '\\' ? '/' : *c;
            names_add(names, name);
        }
    }
}

const char *const *depfile_names(struct arena *a, const char *text, size_t len)
{
    struct names names = {.a = a};

    add_markers(&names, true, text, len);
    *arena_push(a, names.name, names.n) = NULL;
    return names.name;
}

static int read_passes(struct names *names, bool system, const char *const *passes, size_t n,
                       struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct buf text;
        int rc;

        buf_init(&text, BUF_LIMIT);
        rc = fs_read(passes[i], &text, err);
        if (rc == 0)
            add_markers(names, system, buf_text(&text), text.len);
        buf_release(&text);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static void add_path(struct buf *out, const char *path)
{
    for (; *path; path++) {
        if (*path == ' ')
            buf_addc(out, '\\');
        buf_addc(out, *path);
    }
}

/* what the rule makes: -MT, -o, or the object's usual name */
static const char *target_of(struct arena *a, const struct command *c, const char *source)
{
    struct command one = *c;

    if (c->deptarget || c->output)
        return c->deptarget ? c->deptarget : c->output;
    one.inputs = &source;
    one.ninputs = 1;
    return command_default_output(a, &one, PHASE_C);
}

int depfile_write(const struct command *c, const char *path, const struct splice *splice,
                  const char *const *passes, size_t n, struct error *err)
{
    struct names names = {.a = arena_new(), .splice = splice};
    const char *source = splice->source;
    struct buf out;
    int rc;

    buf_init(&out, BUF_LIMIT);
    names_add(&names, source);
    rc = read_passes(&names, c->depsystem, passes, n, err);
    buf_addf(&out, "%s : ", target_of(names.a, c, source));
    for (size_t i = 0; i < names.n; i++) {
        buf_adds(&out, i ? " \\\n    " : "");
        add_path(&out, names.name[i]);
    }
    buf_adds(&out, "\n");
    for (size_t i = 1; c->depphony && i < names.n; i++) {
        buf_adds(&out, "\n");
        add_path(&out, names.name[i]);
        buf_adds(&out, ":\n");
    }
    if (rc == 0)
        rc = fs_write(path, buf_text(&out), out.len, err);
    buf_release(&out);
    arena_free(names.a);
    return rc;
}
