/* runtime/capture/book.c - see book.h.
 *
 * One lock covers the tables; nothing is waited for while it is held. The counts are in a mapped
 * file, so a program may end as it likes. A child that the program forks shares none of it: its
 * process id differs, and it is left alone. */
#include "runtime/capture/book.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/base/demangle.h"
#include "runtime/capture/trace.h"

enum { NOTES = 64 };

struct kernel {
    char *name;
    bool wanted;
    unsigned long launches, captured;
};

struct group {
    size_t kernel;
    struct launch launch; /* its function, geometry and `cooperative` */
    bool captured;
};

static struct {
    pthread_mutex_t lock;
    pid_t pid;
    char dir[4000];
    int fd;
    struct trace_count *counts;
    struct kernel *kernels;
    size_t nkernels;
    struct group *groups;
    size_t ngroups;
    unsigned long shots, nth;
    bool list, has_regex;
    regex_t regex;
    char *notes[NOTES];
    size_t nnotes;
} book = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

/* ---- lines ---- */

static bool text_reserve(struct text *t, size_t more)
{
    size_t cap = t->cap ? t->cap : 1024;
    char *data;

    while (cap < t->len + more + 1)
        cap *= 2;
    if (cap == t->cap)
        return true;
    data = realloc(t->data, cap);
    if (data) {
        t->data = data;
        t->cap = cap;
    }
    return data != NULL;
}

static void text_vaddf(struct text *t, const char *format, va_list args)
{
    va_list again;
    int n;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0 || !text_reserve(t, (size_t)n)) {
        t->lost = true;
        return;
    }
    vsnprintf(t->data + t->len, (size_t)n + 1, format, args);
    t->len += (size_t)n;
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vaddf(t, format, args);
    va_end(args);
}

static void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

static bool write_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, at, n);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0) {
            at += put;
            n -= (size_t)put;
        }
    }
    return true;
}

void book_write(struct text *t)
{
    if (book.fd >= 0 && book.pid == getpid() && t->len && !write_all(book.fd, t->data, t->len)) {
        close(book.fd);
        book.fd = -1;
        fprintf(stderr, "ksearch-capture: cannot write into %s: %s\n", book.dir, strerror(errno));
    }
    text_free(t);
}

void book_note(const char *format, ...)
{
    struct text t = {0}, line = {0};
    va_list args;
    bool said = false;

    va_start(args, format);
    text_vaddf(&t, format, args);
    va_end(args);
    if (!t.data)
        return;
    pthread_mutex_lock(&book.lock);
    for (size_t i = 0; i < book.nnotes; i++)
        said |= strcmp(book.notes[i], t.data) == 0;
    if (!said && book.nnotes < NOTES)
        book.notes[book.nnotes++] = strdup(t.data);
    else if (!said)
        said = true; /* there is a limit to what anybody reads */
    if (!said && !book.notes[book.nnotes - 1])
        book.nnotes--;
    pthread_mutex_unlock(&book.lock);
    if (!said) {
        fprintf(stderr, "ksearch-capture: %s\n", t.data);
        text_addf(&line, "note %s\n", t.data);
        book_write(&line);
    }
    text_free(&t);
}

/* ---- files ---- */

static int open_file(const char *name, int flags)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/.%s.%ld", book.dir, name, (long)book.pid);
    return open(path, flags | O_CREAT | O_CLOEXEC, 0666);
}

static bool map_counts(void)
{
    size_t bytes = TRACE_CLASSES * sizeof *book.counts;
    int fd = open_file("counts", O_RDWR | O_TRUNC);
    void *at = MAP_FAILED;

    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0) /* a full disk must not be a SIGBUS */
        at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    book.counts = at == MAP_FAILED ? NULL : at;
    return book.counts != NULL;
}

bool book_open(const char *dir)
{
    struct text t = {0};

    if (strlen(dir) >= sizeof book.dir) {
        book_note("the folder's name is too long: nothing is captured");
        return false;
    }
    strcpy(book.dir, dir);
    book.pid = getpid();
    book.groups = calloc(TRACE_CLASSES, sizeof *book.groups);
    book.kernels = calloc(TRACE_CLASSES, sizeof *book.kernels);
    book.fd = open_file("trace", O_WRONLY | O_APPEND | O_TRUNC);
    if (!book.groups || !book.kernels || book.fd < 0 || !map_counts()) {
        book_note("cannot write into %s: %s: nothing is captured", dir, strerror(errno));
        return false;
    }
    text_addf(&t, TRACE_MAGIC "\n");
    book_write(&t);
    return true;
}

bool book_is_open(void)
{
    return book.fd >= 0 && book.pid == getpid();
}

void book_raw_path(char *path, size_t size, unsigned long launch, size_t a, const char *suffix)
{
    snprintf(path, size, "%s/.raw.%ld.%lu.%zu%s.npy", book.dir, (long)book.pid, launch, a, suffix);
}

/* ---- which launches ---- */

bool book_choose(const char *kernel_regex, unsigned long nth, bool list)
{
    char why[200];
    int rc = 0;

    book.nth = nth;
    book.list = list;
    if (kernel_regex)
        rc = regcomp(&book.regex, kernel_regex, REG_EXTENDED | REG_NOSUB);
    book.has_regex = kernel_regex && rc == 0;
    if (rc == 0)
        return true;
    regerror(rc, &book.regex, why, sizeof why);
    book_note("'%s' is no regular expression: %s: nothing is captured", kernel_regex, why);
    return false;
}

/* by the mangled name, the demangled one, or that without its parameters. (Names of templates begin
 * with their result's type, which is void) */
static bool is_wanted(const char *name)
{
    char *plain, *from;
    bool wanted;

    if (!book.has_regex || regexec(&book.regex, name, 0, NULL, 0) == 0)
        return true;
    plain = demangle(name);
    from = plain && strncmp(plain, "void ", 5) == 0 ? plain + 5 : plain;
    wanted = plain && regexec(&book.regex, from, 0, NULL, 0) == 0;
    if (plain && !wanted && strchr(from, '(')) {
        *strchr(from, '(') = '\0';
        wanted = regexec(&book.regex, from, 0, NULL, 0) == 0;
    }
    free(plain);
    return wanted;
}

static int kernel_of(const char *name, struct text *t)
{
    struct kernel *k;

    for (size_t i = 0; i < book.nkernels; i++)
        if (strcmp(book.kernels[i].name, name) == 0)
            return (int)i;
    if (book.nkernels == TRACE_CLASSES)
        return -1;
    k = &book.kernels[book.nkernels];
    k->name = strdup(name);
    if (!k->name)
        return -1;
    k->wanted = is_wanted(name);
    text_addf(t, "kernel %zu %s\n", book.nkernels, name);
    return (int)book.nkernels++;
}

static bool same_geometry(const struct launch *a, const struct launch *b)
{
    return memcmp(a->grid, b->grid, sizeof a->grid) == 0 &&
           memcmp(a->block, b->block, sizeof a->block) == 0 &&
           memcmp(a->cluster, b->cluster, sizeof a->cluster) == 0 && a->smem == b->smem &&
           a->cooperative == b->cooperative;
}

static int group_add(const struct launch *l, struct text *t)
{
    int kernel = kernel_of(l->name, t);
    struct group *c = &book.groups[book.ngroups];

    if (kernel < 0 || book.ngroups == TRACE_CLASSES)
        return -1;
    c->kernel = (size_t)kernel;
    c->launch = *l;
    text_addf(t, "class %zu %d %u %u %u %u %u %u %u %u %u %u %d\n", book.ngroups, kernel,
              l->grid[0], l->grid[1], l->grid[2], l->block[0], l->block[1], l->block[2], l->smem,
              l->cluster[0], l->cluster[1], l->cluster[2], l->cooperative);
    return (int)book.ngroups++;
}

static int group_of(const struct launch *l, struct text *t)
{
    for (size_t i = 0; i < book.ngroups; i++)
        if (same_geometry(&book.groups[i].launch, l) &&
            strcmp(book.kernels[book.groups[i].kernel].name, l->name) == 0)
            return (int)i;
    return group_add(l, t);
}

struct choice book_launch(const struct launch *launch)
{
    struct choice choice = {.group = -1};
    struct text t = {0};
    struct kernel *k;
    struct group *c;

    pthread_mutex_lock(&book.lock);
    choice.group = group_of(launch, &t);
    if (choice.group >= 0) {
        c = &book.groups[choice.group];
        k = &book.kernels[c->kernel];
        book.counts[choice.group].launches++;
        choice.nth = ++k->launches;
        choice.capture = k->wanted && !book.list && !c->captured &&
                         k->captured < TRACE_GEOMETRIES &&
                         (book.nth == 0 || book.nth == choice.nth);
        if (choice.capture) {
            c->captured = true;
            k->captured++;
            choice.launch = book.shots++;
        }
    }
    book_write(&t); /* in the order of their numbers, hence under the lock */
    pthread_mutex_unlock(&book.lock);
    return choice;
}

void book_retry(int group)
{
    pthread_mutex_lock(&book.lock);
    book.groups[group].captured = false;
    book.kernels[book.groups[group].kernel].captured--;
    pthread_mutex_unlock(&book.lock);
}

void book_time(const char *name, const unsigned grid[3], const unsigned block[3],
               unsigned long long nanoseconds)
{
    pthread_mutex_lock(&book.lock);
    for (size_t i = 0; i < book.ngroups; i++) {
        const struct group *c = &book.groups[i];
        if (memcmp(c->launch.grid, grid, sizeof c->launch.grid) == 0 &&
            memcmp(c->launch.block, block, sizeof c->launch.block) == 0 &&
            strcmp(book.kernels[c->kernel].name, name) == 0) {
            book.counts[i].nanoseconds += nanoseconds;
            break;
        }
    }
    pthread_mutex_unlock(&book.lock);
}
