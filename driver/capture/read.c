/* driver/capture/read.c - the traces of a run, put together.
 *
 * A trace may end anywhere, as a program may: what is whole of it counts. A line that makes no
 * sense is passed over, since all others still do. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/capture/captured.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/capture/trace.h"

struct place { /* of a group of the trace, in the result */
    size_t kernel, group;
};

struct reader {
    struct captured *out;
    const char *process; /* its id, as in the files' names */
    size_t *kernels;     /* of the trace, in the result */
    size_t nkernels;
    struct place *groups;
    size_t ngroups;
    struct place *launches; /* .group is the launch */
    unsigned long *numbers; /* theirs */
    size_t nlaunches, nnumbers;
};

static void read_kernel(struct reader *r, const char *words)
{
    struct captured *c = r->out;
    const char *name = words + strcspn(words, " ");
    size_t i = 0;

    name += *name == ' ';
    while (i < c->nkernels && strcmp(c->kernels[i].mangled, name) != 0)
        i++;
    if (i == c->nkernels)
        arena_push(c->arena, c->kernels, c->nkernels)->mangled = arena_dup(c->arena, name);
    *arena_push(c->arena, r->kernels, r->nkernels) = i;
}

static bool same_geometry(const struct captured_group *a, const struct captured_group *b)
{
    return memcmp(a->grid, b->grid, sizeof a->grid) == 0 &&
           memcmp(a->block, b->block, sizeof a->block) == 0 &&
           memcmp(a->cluster, b->cluster, sizeof a->cluster) == 0 && a->smem == b->smem &&
           a->cooperative == b->cooperative;
}

static void read_class(struct reader *r, const char *words)
{
    struct captured_group g = {0};
    struct captured_kernel *k;
    size_t kernel, i = 0;
    int cooperative = 0;

    if (sscanf(words, "%*u %zu %u %u %u %u %u %u %u %u %u %u %d", &kernel, &g.grid[0], &g.grid[1],
               &g.grid[2], &g.block[0], &g.block[1], &g.block[2], &g.smem, &g.cluster[0],
               &g.cluster[1], &g.cluster[2], &cooperative) != 12 ||
        kernel >= r->nkernels)
        return;
    g.cooperative = cooperative != 0;
    k = &r->out->kernels[r->kernels[kernel]];
    while (i < k->ngroups && !same_geometry(&k->groups[i], &g))
        i++;
    if (i == k->ngroups)
        *arena_push(r->out->arena, k->groups, k->ngroups) = g;
    *arena_push(r->out->arena, r->groups, r->ngroups) = (struct place){r->kernels[kernel], i};
}

static struct captured_launch *launch_of(struct reader *r, unsigned long number)
{
    for (size_t i = 0; i < r->nlaunches; i++)
        if (r->numbers[i] == number)
            return &r->out->kernels[r->launches[i].kernel].launches[r->launches[i].group];
    return NULL;
}

static void read_launch(struct reader *r, const char *words)
{
    struct captured_launch *l;
    struct captured_kernel *k;
    unsigned long number, nth;
    size_t class;

    if (sscanf(words, "%lu %zu %lu", &number, &class, &nth) != 3 || class >= r->ngroups)
        return;
    k = &r->out->kernels[r->groups[class].kernel];
    *arena_push(r->out->arena, r->launches, r->nlaunches) =
        (struct place){r->groups[class].kernel, k->nlaunches};
    *arena_push(r->out->arena, r->numbers, r->nnumbers) = number;
    l = arena_push(r->out->arena, k->launches, k->nlaunches);
    l->group = r->groups[class].group;
    l->nth = nth;
    l->index = k->nlaunches - 1;
}

static void read_param(struct reader *r, const char *words)
{
    struct captured_launch *l;
    struct captured_value *v, value = {0};
    unsigned long number;
    size_t p;
    size_t digits;
    int behind = 0;

    if (sscanf(words, "%lu %zu %zu %zu %n", &number, &p, &value.offset, &value.size, &behind) < 4 ||
        !(l = launch_of(r, number)) || p != l->nvalues)
        return;
    digits = strlen(words + behind);
    if (digits % 2 || value.size != digits / 2)
        return;
    value.bytes = arena_alloc(r->out->arena, value.size + 1);
    for (size_t i = 0; i < value.size; i++)
        sscanf(words + behind + 2 * i, "%2hhx", &value.bytes[i]);
    v = arena_push(r->out->arena, l->values, l->nvalues);
    *v = value;
}

static const char *raw_name(const struct reader *r, unsigned long launch, size_t a,
                            const char *suffix)
{
    return arena_printf(r->out->arena, ".raw.%s.%lu.%zu%s.npy", r->process, launch, a, suffix);
}

static void read_array(struct reader *r, const char *words)
{
    struct captured_array x = {0};
    struct captured_launch *l;
    unsigned long number;
    char kind[16];
    int shared, poison;
    size_t a;

    if (sscanf(words, "%lu %zu %zu %zu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %d %15s %d",
               &number, &a, &x.param, &x.word, &x.at, &x.allocated, &x.bytes, &x.kept, &shared,
               kind, &poison) != 11 ||
        !(l = launch_of(r, number)) || a != l->narrays || x.param >= l->nvalues ||
        x.word > l->values[x.param].size || l->values[x.param].size - x.word < 8)
        return;
    x.shared = shared != 0;
    x.poison = poison != 0;
    x.kind = arena_dup(r->out->arena, kind);
    x.raw = x.kept ? raw_name(r, number, a, "") : NULL;
    *arena_push(r->out->arena, l->arrays, l->narrays) = x;
}

static void read_after(struct reader *r, const char *words)
{
    struct captured_launch *l;
    unsigned long number;
    uint64_t changed;
    size_t a;

    if (sscanf(words, "%lu %zu %" SCNu64, &number, &a, &changed) != 3 ||
        !(l = launch_of(r, number)) || a >= l->narrays)
        return;
    l->arrays[a].is_compared = true;
    l->arrays[a].changed = changed;
    if (changed)
        l->arrays[a].raw_after = raw_name(r, number, a, ".after");
}

static void read_done(struct reader *r, const char *words)
{
    struct captured_launch *l;
    unsigned long number;
    char result[80];

    if (sscanf(words, "%lu %79s", &number, result) == 2 && (l = launch_of(r, number)))
        l->result = arena_dup(r->out->arena, result);
}

static void read_note(struct reader *r, const char *text)
{
    struct captured *c = r->out;

    for (size_t i = 0; i < c->nnotes; i++)
        if (strcmp(c->notes[i], text) == 0)
            return;
    *arena_push(c->arena, c->notes, c->nnotes) = arena_dup(c->arena, text);
}

static void read_line(struct reader *r, const char *line)
{
    static const struct {
        const char *word;
        void (*read)(struct reader *r, const char *words);
    } lines[] = {
        {"kernel ", read_kernel}, {"class ", read_class}, {"launch ", read_launch},
        {"param ", read_param},   {"array ", read_array}, {"after ", read_after},
        {"done ", read_done},     {"note ", read_note},
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strncmp(line, lines[i].word, strlen(lines[i].word)) == 0)
            lines[i].read(r, line + strlen(lines[i].word));
}

static void read_counts(struct reader *r)
{
    const char *path = arena_printf(r->out->arena, "%s/.counts.%s", r->out->dir, r->process);
    struct trace_count count;
    struct buf b;

    buf_init(&b, sizeof count * TRACE_CLASSES);
    fs_read(path, &b, NULL);
    for (size_t i = 0; i < r->ngroups && (i + 1) * sizeof count <= b.len; i++) {
        struct captured_group *g = &r->out->kernels[r->groups[i].kernel].groups[r->groups[i].group];
        memcpy(&count, b.data + i * sizeof count, sizeof count);
        g->launches += count.launches;
        g->nanoseconds += count.nanoseconds;
    }
    buf_release(&b);
}

void captured_add(struct captured *c, const char *process, const char *text)
{
    struct reader r = {.out = c, .process = process};
    char *lines = arena_dup(c->arena, text);

    for (char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        read_line(&r, line);
    }
    read_counts(&r);
    c->processes++;
}

static int read_trace(struct captured *c, const char *process, struct error *err)
{
    const char *path = arena_printf(c->arena, "%s/.trace.%s", c->dir, process);
    struct buf b;
    int rc;

    buf_init(&b, BUF_LIMIT);
    rc = fs_read(path, &b, err);
    if (rc == 0)
        captured_add(c, process, buf_text(&b));
    buf_release(&b);
    return rc;
}

static int by_number(const void *a, const void *b)
{
    long x = atol(*(const char *const *)a), y = atol(*(const char *const *)b);

    return (x > y) - (x < y);
}

/* calls `each` with what follows the prefix, for all files that begin so */
static int each_file(const char *dir, const char *prefix, struct arena *a, const char ***names,
                     size_t *n, struct error *err)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    if (!d)
        return error_errno(err, "cannot read %s", dir);
    while ((e = readdir(d)))
        if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
            *arena_push(a, *names, *n) = arena_dup(a, e->d_name + strlen(prefix));
    closedir(d);
    return 0;
}

int captured_read(struct captured *c, struct error *err)
{
    const char **processes = NULL;
    size_t n = 0;

    if (each_file(c->dir, ".trace.", c->arena, &processes, &n, err))
        return -1;
    if (n > 1)
        qsort(processes, n, sizeof *processes, by_number);
    for (size_t i = 0; i < n; i++)
        if (read_trace(c, processes[i], err))
            return -1;
    return 0;
}

void captured_clean(const char *dir)
{
    static const char *const prefixes[] = {".trace.", ".counts.", ".raw."};
    struct arena *a = arena_new();

    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        const char **names = NULL;
        size_t n = 0;
        each_file(dir, prefixes[p], a, &names, &n, NULL);
        for (size_t i = 0; i < n; i++)
            unlink(arena_printf(a, "%s/%s%s", dir, prefixes[p], names[i]));
    }
    arena_free(a);
}
