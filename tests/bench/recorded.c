/* tests/bench/recorded.c */
#include "tests/bench/recorded.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "tests/bench/constraint.h"

enum { COLUMNS_MOST = 64, ROWS_MOST = 1000000, VALUES_MOST = 4096, FILE_MOST = 1 << 28 };

struct value { /* a value as it is written */
    const char *text;
    double number;
    bool is_number;
};

struct column {
    const char *name;
    struct value *value;
    size_t nvalues;
};

struct table {
    struct recorded *r;
    struct error *err;
    struct column column[COLUMNS_MOST];
    size_t nparams, ncolumns, time, compile, bench; /* columns; none: ncolumns */
    uint32_t *index;                                /* of values, in the order they were met */
    double *times, *costs;
    size_t nrows, line;
};

static int table_error(struct table *t, const char *what)
{
    return error_set(t->err, "%s:%zu: %s", t->r->name, t->line, what);
}

/* "kernel: NAME  device: ..." within a comment */
static const char *comment_field(struct table *t, const char *line, const char *field)
{
    const char *at = strstr(line, field);
    size_t n;

    if (!at)
        return NULL;
    at += strlen(field);
    at += strspn(at, " ");
    n = (size_t)(strstr(at, "  ") ? strstr(at, "  ") - at : (ptrdiff_t)strlen(at));
    return arena_copy(t->r->arena, at, n);
}

static void read_comment(struct table *t, const char *line)
{
    const char *kernel = comment_field(t, line, "kernel:");
    const char *device = comment_field(t, line, "device:");

    t->r->kernel = kernel && !*t->r->kernel ? kernel : t->r->kernel;
    t->r->device = device && !*t->r->device ? device : t->r->device;
}

static int read_header(struct table *t, char *line)
{
    char *name;

    while ((name = strsep(&line, "\t"))) {
        if (t->ncolumns == COLUMNS_MOST)
            return table_error(t, "too many columns");
        for (size_t i = 0; i < t->ncolumns; i++)
            if (strcmp(t->column[i].name, name) == 0)
                return table_error(t, "two columns have the same name");
        t->column[t->ncolumns++].name = name;
    }
    t->nparams = t->time = t->compile = t->bench = t->ncolumns;
    for (size_t i = t->ncolumns; i-- > 0;) {
        if (strcmp(t->column[i].name, "time_ms") == 0)
            t->nparams = t->time = i;
        else if (strcmp(t->column[i].name, "compile_s") == 0)
            t->compile = i;
        else if (strcmp(t->column[i].name, "bench_s") == 0)
            t->bench = i;
    }
    if (t->time == t->ncolumns)
        return table_error(t, "there is no column time_ms");
    return t->nparams ? 0 : table_error(t, "there is no parameter before time_ms");
}

static struct value word_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);

    return (struct value){text, number, *text && !*end && isfinite(number)};
}

/* the number of a value in its column, a new one if it was not met before; 8 and 8.0 are the same
 */
static int value_index(struct table *t, struct column *c, const char *text, uint32_t *index)
{
    struct value w = word_of(text);

    for (size_t i = c->nvalues; i-- > 0;) {
        const struct value *v = &c->value[i];
        if (v->is_number && w.is_number ? v->number == w.number : strcmp(v->text, text) == 0) {
            *index = (uint32_t)i;
            return 0;
        }
    }
    if (c->nvalues == VALUES_MOST)
        return table_error(t, "a parameter has too many values");
    *index = (uint32_t)c->nvalues;
    *arena_push(t->r->arena, c->value, c->nvalues) = w;
    return 0;
}

static double seconds(const char *text)
{
    double s = strtod(text, NULL);

    return s > 0 && isfinite(s) ? s : 0;
}

static int read_row(struct table *t, char *line)
{
    char *cell[COLUMNS_MOST];
    size_t n = 0;
    double time;

    while (n < t->ncolumns && (cell[n] = strsep(&line, "\t")))
        n++;
    if (n < t->ncolumns || line)
        return table_error(t, "a row has other columns than the header");
    if (t->nrows == ROWS_MOST)
        return table_error(t, "too many rows");
    if ((t->nrows & (t->nrows - 1)) == 0) {
        size_t room = t->nrows ? 2 * t->nrows : 1;
        t->index = reallocarray(t->index, room * t->nparams, sizeof *t->index);
        t->times = reallocarray(t->times, room, sizeof *t->times);
        t->costs = reallocarray(t->costs, room, sizeof *t->costs);
        if (!t->index || !t->times || !t->costs)
            fatal("out of memory");
    }
    for (size_t i = 0; i < t->nparams; i++)
        if (value_index(t, &t->column[i], cell[i], &t->index[t->nrows * t->nparams + i]))
            return -1;
    time = strtod(cell[t->time], NULL);
    t->times[t->nrows] = time > 0 && isfinite(time) ? time : HUGE_VAL;
    t->costs[t->nrows] = (t->compile < n ? seconds(cell[t->compile]) : 0) +
                         (t->bench < n ? seconds(cell[t->bench]) : 0);
    t->nrows++;
    return 0;
}

static int read_lines(struct table *t, char *text)
{
    char *line;

    while ((line = strsep(&text, "\n"))) {
        size_t n = strlen(line);
        t->line++;
        if (n && line[n - 1] == '\r')
            line[n - 1] = '\0';
        if (*line == '#')
            read_comment(t, line);
        else if (*line && (t->ncolumns ? read_row(t, line) : read_header(t, line)))
            return -1;
    }
    return t->nrows ? 0 : table_error(t, "there is no configuration");
}

static int compare_words(const void *a, const void *b)
{
    const struct value *x = *(const struct value *const *)a, *y = *(const struct value *const *)b;

    if (x->is_number && y->is_number && x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->is_number != y->is_number)
        return x->is_number ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* one column as a tunable: its values in order, and the rows' numbers of them in that order */
static void make_tunable(struct table *t, size_t column)
{
    struct arena *a = t->r->arena;
    struct column *c = &t->column[column];
    const struct value **sorted = arena_array(a, const struct value *, c->nvalues);
    uint32_t *place = arena_array(a, uint32_t, c->nvalues);
    struct tunable *x = arena_push(a, t->r->spec->tunables, t->r->spec->ntunables);
    bool whole = true;

    x->name = c->name;
    x->nvalues = c->nvalues;
    x->values = arena_array(a, int64_t, c->nvalues);
    for (size_t i = 0; i < c->nvalues; i++) {
        sorted[i] = &c->value[i];
        whole = whole && c->value[i].is_number && fabs(c->value[i].number) < 1e15 &&
                c->value[i].number == floor(c->value[i].number);
    }
    qsort(sorted, c->nvalues, sizeof *sorted, compare_words);
    for (size_t i = 0; i < c->nvalues; i++) {
        place[sorted[i] - c->value] = (uint32_t)i;
        x->values[i] = whole ? (int64_t)sorted[i]->number : (int64_t)i;
    }
    for (size_t i = 0; i < t->nrows; i++)
        t->index[i * t->nparams + column] = place[t->index[i * t->nparams + column]];
}

/* ---- constraints ---- */

struct row { /* the values of one configuration, by name */
    const struct spec *spec;
    const int64_t *values;
};

static int row_lookup(void *arg, const char *name, int64_t *value)
{
    const struct row *row = arg;

    for (size_t i = 0; i < row->spec->ntunables; i++) {
        if (strcmp(row->spec->tunables[i].name, name) == 0) {
            *value = row->values[i];
            return 1;
        }
    }
    return 0;
}

/* does every configuration meet it? */
static int check_constraint(const struct recorded *r, const struct expr *e, struct error *err)
{
    for (size_t point = 0; point < r->n; point++) {
        struct row row = {r->spec, space_values(r->space, point)};
        char text[256];
        int64_t value;
        if (expr_eval(e, row_lookup, &row, &value, err))
            return -1;
        if (!value)
            return error_set(err, "it does not hold at %s",
                             space_text(r->space, point, text, sizeof text));
    }
    return 0;
}

static int add_constraint(struct recorded *r, const char *python, struct error *err)
{
    struct constraint *c;
    struct cursor cursor;
    struct expr *e = NULL;
    struct buf b;

    buf_init(&b, 1 << 20);
    if (constraint_translate(python, &b, err) == 0) {
        const char *text = arena_dup(r->arena, buf_text(&b));
        const struct source *src = source_wrap(r->arena, r->name, text, strlen(text));
        cursor_init(&cursor, r->arena, NULL, src, (struct span){0, src->len});
        e = expr_parse(&cursor);
        if (!e || !cursor_at_end(&cursor))
            error_set(err, "it is no expression");
        else if (check_constraint(r, e, err) == 0) {
            c = arena_push(r->arena, r->spec->wheres, r->spec->nwheres);
            *c = (struct constraint){.expr = e, .text = text};
        }
    }
    buf_release(&b);
    return *err->text ? -1 : 0;
}

static void add_constraints(struct recorded *r, const json_t *constraints)
{
    const json_t *all = json_object_get(constraints, "constraints"), *item, *list;
    const char *kernel = json_string_value(
        json_object_get(json_object_get(constraints, "kernel_of_space"), r->name));
    size_t i;

    list = json_object_get(all, r->name);
    if (!list && kernel)
        list = json_object_get(all, kernel);
    if (!list)
        list = json_object_get(all, r->kernel);
    json_array_foreach(list, i, item)
    {
        struct error err = {""};
        const char *python = json_string_value(item);
        if (python && add_constraint(r, python, &err))
            *arena_push(r->arena, r->left_out, r->nleft_out) = arena_printf(
                r->arena, "%s: the constraint %s is left out: %s", r->name, python, err.text);
    }
}

static int make_space(struct table *t)
{
    struct recorded *r = t->r;

    r->spec = arena_alloc(r->arena, sizeof *r->spec);
    for (size_t i = 0; i < t->nparams; i++)
        make_tunable(t, i);
    r->space = space_listed(r->spec, t->index, t->nrows);
    r->n = t->nrows;
    r->time = arena_array(r->arena, double, r->n);
    r->cost = arena_array(r->arena, double, r->n);
    r->best = HUGE_VAL;
    for (size_t i = 0; i < r->n; i++) {
        size_t point = space_find(r->space, t->index + i * t->nparams);
        if (r->time[point] != 0)
            return error_set(t->err, "%s: a configuration is there twice", r->name);
        r->time[point] = t->times[i];
        r->cost[point] = t->costs[i];
        r->cost_mean += t->costs[i] / (double)r->n;
        r->best = t->times[i] < r->best ? t->times[i] : r->best;
        r->failed += !isfinite(t->times[i]);
    }
    return isfinite(r->best) ? 0 : error_set(t->err, "%s: every configuration failed", r->name);
}

struct recorded *recorded_parse(const char *name, const char *text, size_t len,
                                const json_t *constraints, struct error *err)
{
    struct arena *a = arena_new();
    struct recorded *r = arena_alloc(a, sizeof *r);
    struct table *t = arena_alloc(a, sizeof *t);
    int rc;

    *r = (struct recorded){.arena = a, .name = arena_dup(a, name), .kernel = "", .device = ""};
    t->r = r;
    t->err = err;
    rc = read_lines(t, arena_copy(a, text, len));
    if (rc == 0)
        rc = make_space(t);
    free(t->index);
    free(t->times);
    free(t->costs);
    if (rc == 0) {
        add_constraints(r, constraints);
        return r;
    }
    recorded_free(r);
    return NULL;
}

struct recorded *recorded_read(const char *path, const json_t *constraints, struct error *err)
{
    gzFile f = gzopen(path, "rb");
    struct recorded *r = NULL;
    char bytes[65536], *name;
    struct buf b;
    int n;

    if (!f) {
        error_errno(err, "cannot read %s", path);
        return NULL;
    }
    buf_init(&b, FILE_MOST);
    while ((n = gzread(f, bytes, sizeof bytes)) > 0)
        buf_add(&b, bytes, (size_t)n);
    if (gzclose(f) != Z_OK || n < 0 || b.full) {
        error_set(err, "%s is damaged or too large", path);
    } else {
        name = strndup(fs_base(path), strcspn(fs_base(path), "."));
        if (!name)
            fatal("out of memory");
        r = recorded_parse(name, buf_text(&b), b.len, constraints, err);
        free(name);
    }
    buf_release(&b);
    return r;
}

size_t recorded_find(const struct recorded *r, const struct recorded *other, size_t point)
{
    const int64_t *values = space_values(other->space, point);
    uint32_t index[COLUMNS_MOST];

    for (size_t i = 0; i < r->spec->ntunables; i++) {
        const struct tunable *t = &r->spec->tunables[i];
        int at = spec_find_tunable(other->spec, t->name);
        index[i] = 0;
        while (at >= 0 && index[i] < t->nvalues && t->values[index[i]] != values[at])
            index[i]++;
        if (at < 0 || index[i] == t->nvalues)
            return SPACE_NONE;
    }
    return space_find(r->space, index);
}

void recorded_free(struct recorded *r)
{
    if (!r)
        return;
    space_free(r->space);
    arena_free(r->arena);
}
