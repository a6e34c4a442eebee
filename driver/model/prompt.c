/* prompt.c - filling in a template.
 *
 * Line by line: a line that is one section mark opens or closes the section and leaves nothing; any
 * other is copied with its marks replaced. A section that is not shown is read all the same, so
 * that a mistake in it is found the first time the template is used and not the first time that the
 * value is there. `{{` that is not followed by a letter, # or / is text (C++ writes `{{0, 1}}`). */
#include "driver/model/prompt.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/prompt_file.h"
#include "driver/model/prompt_text.h"
#include "runtime/base/buf.h"

enum { DEPTH = 8, FILE_LIMIT = 1 << 20, PROMPT_LIMIT = 16 << 20 };

struct section {
    char name[64];
    int line;
};

struct render {
    const char *path;
    int line;
    const struct prompt_name *names;
    const struct prompt_value *values;
    size_t nvalues;
    struct buf out;
    struct section open[DEPTH];
    size_t depth,
        shown; /* sections that are open; how many of them, from the outermost, are shown */
    struct error *err;
};

struct mark {
    char kind; /* '#', '/', or '=' for a value */
    char name[64];
    const char *end; /* behind the }} */
};

static int wrong(struct render *r, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int wrong(struct render *r, int line, const char *format, ...)
{
    char text[800];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(r->err, "%.150s:%d: %s", r->path, line, text);
}

/* --- names and values --- */

static const struct prompt_name *name_find(const struct prompt_name *names, const char *name)
{
    for (; names->name; names++)
        if (strcmp(names->name, name) == 0)
            return names;
    return NULL;
}

static void name_list(const struct prompt_name *names, char *text, size_t cap)
{
    size_t n = 0;

    text[0] = '\0';
    for (; names->name && n < cap; names++)
        n += (size_t)snprintf(text + n, cap - n, "%s%s", n ? ", " : "", names->name);
}

static const char *value_of(const struct render *r, const char *name)
{
    for (size_t i = 0; i < r->nvalues; i++)
        if (strcmp(r->values[i].name, name) == 0 && r->values[i].text)
            return r->values[i].text;
    return "";
}

/* --- marks --- */

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* does a mark begin at p? */
static bool at_mark(const char *p)
{
    return p[0] == '{' && p[1] == '{' &&
           (isalpha((unsigned char)p[2]) || p[2] == '_' || p[2] == '#' || p[2] == '/');
}

/* reads the mark at p and checks its name */
static int read_mark(struct render *r, const char *p, struct mark *m)
{
    const char *name = p + 2 + (p[2] == '#' || p[2] == '/');
    char known[400];
    size_t n = 0;

    m->kind = p[2] == '#' || p[2] == '/' ? p[2] : '=';
    while (is_name_char(name[n]))
        n++;
    if (n == 0 || n >= sizeof m->name || name[n] != '}' || name[n + 1] != '}')
        return wrong(r, r->line,
                     "'%.*s' is neither {{name}}, {{#name}} nor {{/name}}: write '{ {' where no "
                     "mark is meant",
                     (int)(n + (size_t)(name - p) + 1), p);
    memcpy(m->name, name, n);
    m->name[n] = '\0';
    m->end = name + n + 2;
    if (name_find(r->names, m->name))
        return 0;
    name_list(r->names, known, sizeof known);
    return wrong(r, r->line, "unknown name '%s'; this template knows: %s", m->name,
                 *known ? known : "none");
}

static int section_mark(struct render *r, const struct mark *m)
{
    struct section *top = r->depth ? &r->open[r->depth - 1] : NULL;

    if (m->kind == '/') {
        if (!top || strcmp(top->name, m->name) != 0)
            return wrong(r, r->line, "{{/%s}} closes nothing: %s%s%s is open", m->name,
                         top ? "{{#" : "no section", top ? top->name : "", top ? "}}" : "");
        r->depth--;
        if (r->shown > r->depth)
            r->shown = r->depth;
        return 0;
    }
    if (r->depth == DEPTH)
        return wrong(r, r->line, "more than %d sections inside of each other", DEPTH);
    if (r->shown == r->depth && *value_of(r, m->name))
        r->shown++;
    top = &r->open[r->depth++];
    memcpy(top->name, m->name, sizeof top->name);
    top->line = r->line;
    return 0;
}

/* --- lines --- */

/* the mark that is all of the line; 0: it is not, 1: *m is it */
static int only_mark(struct render *r, const char *line, const char *end, struct mark *m)
{
    while (line < end && isspace((unsigned char)*line))
        line++;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    if (!at_mark(line))
        return 0;
    if (read_mark(r, line, m))
        return -1;
    return m->end == end;
}

static int add_value(struct render *r, const struct mark *m, bool alone)
{
    const struct prompt_name *name = name_find(r->names, m->name);

    if (name->fence && !alone)
        return wrong(r, r->line, "{{%s}} is a fenced block: it has to stand alone on its line",
                     m->name);
    if (r->shown < r->depth)
        return 0;
    if (name->fence)
        prompt_text_fence(&r->out, name->fence, value_of(r, m->name));
    else
        prompt_text_add(&r->out, value_of(r, m->name));
    return 0;
}

/* a line that holds more than one mark */
static int mixed_line(struct render *r, const char *p, const char *end)
{
    struct mark m;

    while (p < end) {
        if (!at_mark(p)) {
            if (r->shown == r->depth)
                buf_addc(&r->out, *p);
            p++;
            continue;
        }
        if (read_mark(r, p, &m) || (m.kind == '=' ? add_value(r, &m, false) : section_mark(r, &m)))
            return -1;
        p = m.end;
    }
    return 0;
}

static int render_line(struct render *r, const char *line, const char *end)
{
    struct mark m;
    int only = only_mark(r, line, end, &m);

    if (only < 0)
        return -1;
    if (only && m.kind != '=')
        return section_mark(r, &m);
    if ((only ? add_value(r, &m, true) : mixed_line(r, line, end)))
        return -1;
    /* a fenced block ends its own line */
    if (r->shown == r->depth && !(only && name_find(r->names, m.name)->fence))
        buf_addc(&r->out, '\n');
    return 0;
}

static int render_text(struct render *r, const char *text)
{
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        r->line++;
        if (render_line(r, text, end))
            return -1;
    }
    if (r->depth)
        return wrong(r, r->open[r->depth - 1].line, "{{#%s}} is never closed",
                     r->open[r->depth - 1].name);
    return r->out.full ? error_set(r->err, "%s: the prompt is larger than %d MiB", r->path,
                                   PROMPT_LIMIT >> 20)
                       : 0;
}

static int check_values(const struct render *r, const char *template_name)
{
    for (size_t i = 0; i < r->nvalues; i++)
        if (!name_find(r->names, r->values[i].name))
            return error_set(r->err, "the template %s has no value '%s'", template_name,
                             r->values[i].name);
    return 0;
}

char *prompt_render(const char *template_name, const struct prompt_value *values, size_t n,
                    struct error *err)
{
    struct render r = {.names = prompt_names(template_name), .values = values, .nvalues = n};
    char *path = NULL, *result = NULL;
    struct buf file, text;

    if (!r.names) {
        error_set(err, "there is no template '%s'", template_name);
        return NULL;
    }
    r.err = err;
    buf_init(&file, FILE_LIMIT);
    buf_init(&text, BUF_LIMIT);
    buf_init(&r.out, PROMPT_LIMIT);
    if (prompt_file(template_name, prompt_text_carried(template_name), &file, &path, err) > 0) {
        r.path = path;
        prompt_text_add(&text, buf_text(&file)); /* a user's may be in any encoding */
        if (check_values(&r, template_name) == 0 && render_text(&r, buf_text(&text)) == 0)
            result = r.out.len ? buf_steal(&r.out) : strdup("");
    }
    buf_release(&file);
    buf_release(&text);
    buf_release(&r.out);
    free(path);
    return result;
}
