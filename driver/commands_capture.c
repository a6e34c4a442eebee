/* driver/commands_capture.c - capture: the user's program under our library, and what came of it.
 *
 * What would keep the capture from working is found before the program starts, since a run may take
 * long. Once it runs, it is the program that matters: its exit status is ours, whatever happens to
 * the capture. */
#include <errno.h>
#include <jansson.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver/capture/write.h"
#include "driver/commands.h"
#include "driver/cupti.h"
#include "driver/lang/source.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/foreground.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"
#include "runtime/capture/trace.h"

#define MOST_BYTES "1073741824"

enum { BLOCKS_SHOWN = 8 };

struct capture {
    struct arena *arena;
    const struct command_call *call;
    const char *dir, *kernel, *launch, *most;
    const char **sources;
    size_t nsources;
    bool list, poison;
};

/* ---- options ---- */

static int usage(const char *format, const char *word)
{
    char text[300];

    snprintf(text, sizeof text, format, word);
    return command_fail(EXIT_USAGE, "capture: %s; ksnvcc capture --help says how", text);
}

/* bytes with K, M or G, as decimal digits; NULL when it is no number */
static const char *bytes_of(struct arena *a, const char *word)
{
    static const char units[] = "KMG";
    char *end;
    unsigned long long n = strtoull(word, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;

    if (end == word || *word == '-' || n == 0 || (*end && (!unit || end[1])) || n > 1ull << 50)
        return NULL;
    return arena_printf(a, "%llu", n << shift);
}

static int check_values(struct capture *cap)
{
    struct error err = {0};
    regex_t regex;
    char *end = NULL;

    if (cap->launch && (strtoul(cap->launch, &end, 10) == 0 || *end || *cap->launch == '-'))
        return usage("--launch takes a number from 1 on, not '%s'", cap->launch);
    if (cap->most && !(cap->most = bytes_of(cap->arena, cap->most)))
        return usage("--max-bytes takes a number of bytes, like 500M or 2G%s", "");
    if (cap->kernel && regcomp(&regex, cap->kernel, REG_EXTENDED | REG_NOSUB))
        return usage("'%s' is no extended regular expression", cap->kernel);
    if (cap->kernel)
        regfree(&regex);
    for (size_t i = 0; i < cap->nsources; i++)
        if (!source_read(cap->arena, cap->sources[i], &err))
            return command_fail(1, "%s", err.text);
    return 0;
}

/* 0, or the status to end with */
static int read_options(struct capture *cap)
{
    const char *source = NULL;
    const struct {
        const char *name;
        const char **value;
    } options[] = {{"--kernel", &cap->kernel},
                   {"--launch", &cap->launch},
                   {"--out", &cap->dir},
                   {"--max-bytes", &cap->most},
                   {"--source", &source}};
    const struct command_call *call = cap->call;
    size_t n = sizeof options / sizeof *options, k;

    for (size_t i = 0; i < call->n; i++) {
        const char *word = call->words[i], *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);
        cap->list |= strcmp(word, "--list") == 0;
        cap->poison |= strcmp(word, "--poison") == 0;
        if (strcmp(word, "--list") == 0 || strcmp(word, "--poison") == 0)
            continue;
        for (k = 0;
             k < n && (strlen(options[k].name) != len || strncmp(options[k].name, word, len) != 0);
             k++)
            ;
        if (k == n && *word != '-')
            return usage("put -- before the program: ksnvcc capture -- %s", word);
        if (k == n)
            return usage("there is no option '%s'", word);
        if (!equals && i + 1 == call->n)
            return usage("%s needs a value", word);
        *options[k].value = equals ? equals + 1 : call->words[++i];
        if (options[k].value == &source)
            *arena_push(cap->arena, cap->sources, cap->nsources) = source;
    }
    if (!call->rest[0])
        return usage("which program? ksnvcc capture -- PROGRAM ARGS%s", "");
    return check_values(cap);
}

/* ---- what the library needs ---- */

static void set(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* makes the folder and the environment; 0, or the status to end with */
static int prepare(const struct capture *cap)
{
    char *library = fs_beside_self(CUPTI_USER), *full;
    const char *cupti = cupti_find(cap->arena), *other = getenv("CUDA_INJECTION64_PATH");
    struct error err = {0};

    if (!library || !fs_exists(library))
        return command_fail(1, "there is no %s: it comes with ksnvcc where the toolkit has CUPTI",
                            library ? library : CUPTI_USER);
    if (!cupti)
        return command_fail(1, "no libcupti found: it comes with the CUDA toolkit "
                               "(cuda-cupti-*); name the toolkit by CUDA_HOME, or the library "
                               "by " TRACE_CUPTI_VARIABLE);
    if (other && *other)
        log_warn("CUDA_INJECTION64_PATH is %s: ksnvcc takes its place", other);
    if (fs_mkdirs(cap->dir, &err))
        return command_fail(1, "%s", err.text);
    if (access(cap->dir, W_OK | X_OK) < 0)
        return command_fail(1, "cannot write into %s: %s", cap->dir, strerror(errno));
    full = realpath(cap->dir, NULL);
    set(TRACE_DIR_VARIABLE, full);
    set(TRACE_CUPTI_VARIABLE, cupti);
    set(TRACE_KERNEL_VARIABLE, cap->kernel);
    set(TRACE_LAUNCH_VARIABLE, cap->launch);
    set(TRACE_MOST_VARIABLE, cap->most ? cap->most : MOST_BYTES);
    set(TRACE_LIST_VARIABLE, cap->list ? "1" : NULL);
    set(TRACE_POISON_VARIABLE, cap->poison ? "1" : NULL);
    set("CUDA_INJECTION64_PATH", library);
    free(library);
    free(full);
    captured_clean(cap->dir);
    if (!cap->list && write_forget(cap->dir, &err))
        return command_fail(1, "%s", err.text);
    return 0;
}

/* ---- the report ---- */

static const char *sizes_text(struct arena *a, const unsigned x[3])
{
    return arena_printf(a, "%u,%u,%u", x[0], x[1], x[2]);
}

static void report_list(const struct capture *cap, const struct captured *c)
{
    fprintf(stderr, "%10s %12s  %-16s %-12s %8s  %s\n", "launches", "total ms", "grid", "block",
            "smem", "kernel");
    for (size_t i = 0; i < c->nkernels; i++)
        for (size_t g = 0; g < c->kernels[i].ngroups; g++) {
            const struct captured_group *x = &c->kernels[i].groups[g];
            fprintf(stderr, "%10llu ", (unsigned long long)x->launches);
            if (x->nanoseconds)
                fprintf(stderr, "%12.3f", (double)x->nanoseconds / 1e6);
            else
                fprintf(stderr, "%12s", "-");
            fprintf(stderr, "  %-16s %-12s %8u  %s\n", sizes_text(cap->arena, x->grid),
                    sizes_text(cap->arena, x->block), x->smem, c->kernels[i].demangled);
        }
}

static void report_nothing(const struct captured *c)
{
    if (c->processes == 0)
        log_warn("the program did not start CUDA, or its driver cannot be asked: nothing is "
                 "captured");
    else if (c->nkernels == 0)
        log_warn("the program launched no kernel that could be seen: nothing is captured");
    else
        log_warn("none of the %zu kernels was captured: --list shows them", c->nkernels);
}

/* how many launches were captured, of how many kernels */
static size_t captured_launches(const struct captured *c, size_t *kernels)
{
    size_t n = 0;

    *kernels = 0;
    for (size_t i = 0; i < c->nkernels; i++) {
        n += c->kernels[i].nlaunches;
        *kernels += c->kernels[i].nlaunches > 0;
    }
    return n;
}

static int write_text(const char *dir, const char *name, const char *text, struct error *err)
{
    char *path = NULL;
    int rc;

    if (asprintf(&path, "%s/%s", dir, name) < 0)
        fatal("out of memory");
    rc = fs_write(path, text, strlen(text), err);
    free(path);
    return rc;
}

/* the kernel's arrays and block; the block is shown, too, unless there are many */
static int write_kernel(const struct capture *cap, struct captured *c, const struct description *d,
                        size_t shown, struct error *err)
{
    char *from = d->kernel->source ? fs_dir(d->kernel->source) : strdup(".");
    const char *name = arena_printf(c->arena, "%s.ks", d->kernel->label);
    struct buf text;
    int rc;

    buf_init(&text, BUF_LIMIT);
    rc = write_arrays(c, d, err);
    if (rc == 0) {
        write_block(c, d, from, &text);
        rc = write_text(c->dir, name, buf_text(&text), err);
    }
    if (rc == 0 && shown < BLOCKS_SHOWN && !cap->call->json)
        fprintf(stderr, "\n%s/%s\n%s", c->dir, name, buf_text(&text));
    buf_release(&text);
    free(from);
    return rc;
}

static int write_all(const struct capture *cap, struct captured *c, json_t **index,
                     struct error *err)
{
    struct description *d = arena_array(c->arena, struct description, c->nkernels + 1);
    size_t shown = 0;
    char *text;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < c->nkernels; i++) {
        if (c->kernels[i].nlaunches == 0)
            continue;
        d[i] = describe(c, &c->kernels[i]);
        rc = write_kernel(cap, c, &d[i], shown++, err);
    }
    if (rc)
        return rc;
    *index = write_index(c, d);
    if (cap->list)
        return 0;
    text = *index ? json_dumps(*index, JSON_INDENT(2)) : NULL;
    rc = text ? write_text(c->dir, "index.json", text, err)
              : error_set(err, "cannot make the index: a name in it is no UTF-8");
    free(text);
    return rc;
}

/* what the program left behind becomes the user's; -1 after saying what went wrong */
static int report(const struct capture *cap)
{
    struct captured c = {.arena = cap->arena, .dir = cap->dir};
    struct error err = {0};
    json_t *index = NULL;
    size_t launches, kernels;
    int rc = 0;

    if (captured_read(&c, &err) || captured_name(&c, cap->sources, cap->nsources, &err) ||
        write_all(cap, &c, &index, &err)) {
        command_fail(1, "capture: %s", err.text);
        json_decref(index);
        return -1;
    }
    launches = captured_launches(&c, &kernels);
    if (cap->list && c.nkernels && !cap->call->json)
        report_list(cap, &c);
    else if (launches == 0 && !(cap->list && c.nkernels))
        report_nothing(&c);
    else if (!cap->list)
        log_line("captured %zu launch%s of %zu kernel%s into %s", launches,
                 launches == 1 ? "" : "es", kernels, kernels == 1 ? "" : "s", c.dir);
    if (cap->call->json)
        rc = command_print_json(json_incref(index)) ? -1 : 0;
    json_decref(index);
    return rc;
}

/* 0 when the program ran: then *status is how it ended; else the status to end with */
static int run(const struct capture *cap, int *status)
{
    struct error err = {0};
    int rc = prepare(cap), out = cap->call->json ? STDERR_FILENO : STDOUT_FILENO;

    if (rc)
        return rc;
    if (foreground_run(cap->call->rest, out, status, &err))
        return command_fail(1, "%s", err.text);
    if (report(cap) == 0)
        captured_clean(cap->dir);
    else if (*status == 0) /* what the library kept stays, to be looked at */
        return 1;
    return 0;
}

int command_capture(const struct command_call *call)
{
    struct capture cap = {.arena = arena_new(), .call = call, .dir = "ksearch-capture"};
    struct error err = {0};
    char *temporary = NULL;
    int status = 0, rc = read_options(&cap);

    if (rc == 0 && cap.list) {
        temporary = fs_tempdir("ksearch-capture", &err);
        cap.dir = temporary;
        if (!temporary)
            rc = command_fail(1, "%s", err.text);
    }
    if (rc == 0)
        rc = run(&cap, &status);
    if (temporary)
        fs_remove(temporary);
    free(temporary);
    arena_free(cap.arena);
    return rc ? rc : foreground_end_like(status);
}
