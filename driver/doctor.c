/* driver/doctor.c - is everything here that a build or a search needs?
 *
 * Each check is one line: good; a warning, where builds go on with less; or bad, where they cannot
 * go on. What is missing comes with how to get it. The last line says what a build here would do.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "cache/lock.h"
#include "cache/store.h"
#include "driver/build/sandbox.h"
#include "driver/commands.h"
#include "driver/cupti.h"
#include "driver/sanitizer.h"
#include "driver/find.h"
#include "driver/here.h"
#include "driver/mode.h"
#include "driver/model/model.h"
#include "driver/search/worker.h"
#include "driver/share/share.h"
#include "runtime/base/arena.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

#define SELF "/proc/self/exe"
#define LEAST_SPACE (64ull << 20) /* bytes that a cache should have left */

enum verdict { GOOD, WARNING, BAD };

struct doctor {
    bool json, bad;
    json_t *checks;
    bool gpu, nvcc;
};

/* one line: what was looked at, what was found, and how to better it (NULL: nothing to do) */
static void report(struct doctor *d, enum verdict v, const char *name, const char *hint,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

static void report(struct doctor *d, enum verdict v, const char *name, const char *hint,
                   const char *format, ...)
{
    static const char *const words[] = {"ok", "warning", "bad"};
    struct buf text;
    va_list args;

    buf_init(&text, BUF_LIMIT);
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    d->bad |= v == BAD;
    if (d->json) {
        json_t *check = json_pack("{s:s, s:s, s:o, s:s?}", "check", name, "result", words[v],
                                  "found", utf8_json(buf_text(&text)), "hint", hint);
        json_array_append_new(d->checks, check);
    } else {
        printf("%-8s %-14s %s\n", words[v], name, buf_text(&text));
        if (hint)
            printf("%-8s %-14s -> %s\n", "", "", hint);
    }
    buf_release(&text);
}

/* standard output of a program that should answer at once; NULL when it fails */
static char *output_of(const char *const *argv)
{
    struct proc_spec spec = {.argv = argv, .timeout_ms = 20000};
    struct proc_result result;
    char *text = NULL;

    if (proc_run(&spec, &result, NULL) < 0)
        return NULL;
    if (proc_ok(&result) && result.out.len)
        text = buf_steal(&result.out);
    proc_result_release(&result);
    return text;
}

/* ends text at its first line break */
static char *first_line(char *text)
{
    if (text)
        text[strcspn(text, "\n")] = '\0';
    return text;
}

static void check_nvcc(struct doctor *d)
{
    struct buf tried;
    char *path, *text, *release;

    buf_init(&tried, BUF_LIMIT);
    path = find_nvcc(SELF, &tried);
    if (path) {
        text = output_of((const char *[]){path, "--version", NULL});
        release = text ? strstr(text, "release ") : NULL;
        d->nvcc = release != NULL;
        if (release)
            report(d, GOOD, "nvcc", NULL, "%s, %s", path, first_line(release));
        else
            report(d, BAD, "nvcc", "is it the toolkit's nvcc? Name another by KSEARCH_NVCC",
                   "%s does not tell its version", path);
        free(text);
    } else {
        report(d, BAD, "nvcc",
               "install the CUDA toolkit (https://developer.nvidia.com/cuda-downloads), or set "
               "CUDA_HOME or PATH",
               "not found: %s", buf_text(&tried));
    }
    buf_release(&tried);
    free(path);
}

static void check_host_compiler(struct doctor *d)
{
    const char *named = env_given("NVCC_CCBIN"), *name = named ? named : "g++";
    char *text = output_of((const char *[]){name, "--version", NULL});

    if (text)
        report(d, GOOD, "host compiler", NULL, "%s: %s", name, first_line(text));
    else
        report(d, BAD, "host compiler",
               "nvcc compiles host code with it: apt-get install g++, or name one by NVCC_CCBIN",
               "%s cannot be run", name);
    free(text);
}

static void check_worker(struct doctor *d)
{
    const char *named = getenv("KSEARCH_WORKER");
    char *path = fs_beside_self("ksearch-worker");

    if (named && *named)
        report(d, GOOD, "worker", NULL, "KSEARCH_WORKER: %s", named);
    else if (path && fs_is_program(path))
        report(d, GOOD, "worker", NULL, "%s", path);
    else
        report(d, WARNING, "worker",
               "it comes with ksnvcc: reinstall; without it nothing is searched",
               "%s is no program", path ? path : "ksearch-worker");
    free(path);
}

static void check_capture(struct doctor *d)
{
    struct arena *a = arena_new();
    char *library = fs_beside_self(CUPTI_USER);
    const char *cupti = cupti_find(a);

    if (!library || !fs_exists(library))
        report(d, WARNING, "capture", "only ksnvcc capture needs it: build ksnvcc where cupti.h is",
               "no %s", library ? library : CUPTI_USER);
    else if (!cupti)
        report(d, WARNING, "capture",
               "only ksnvcc capture needs it: install the toolkit's cuda-cupti, or name it by "
               "KSEARCH_CAPTURE_CUPTI",
               "no libcupti");
    else
        report(d, GOOD, "capture", NULL, "%s", cupti);
    free(library);
    arena_free(a);
}

static void check_sanitizer(struct doctor *d)
{
    struct arena *a = arena_new();
    const char *given = getenv("KSEARCH_SANITIZER"), *found = sanitizer_find(a, NULL);

    if (found)
        report(d, GOOD, "sanitizer", NULL, "%s: winners are run under it once", found);
    else if (given && strcmp(given, "none") == 0)
        report(d, GOOD, "sanitizer", NULL, "none, as KSEARCH_SANITIZER says");
    else
        report(d, WARNING, "sanitizer",
               "install the toolkit's cuda-sanitizer, or name it by KSEARCH_SANITIZER",
               "no compute-sanitizer: winners are checked without it");
    arena_free(a);
}

static void check_driver(struct doctor *d)
{
    struct buf b;

    buf_init(&b, 65536);
    if (fs_read("/proc/driver/nvidia/version", &b, NULL) == 0 && b.len)
        report(d, GOOD, "driver", NULL, "%s", first_line(b.data));
    else
        report(d, WARNING, "driver",
               "only a search needs it: builds take winners from the lockfile and the cache",
               "no NVIDIA driver is loaded");
    buf_release(&b);
}

/* the driver's library, where the dynamic linker would look; opening it is the worker's part */
static void check_libcuda(struct doctor *d)
{
    static const char usual[] = "/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu:/usr/lib64:"
                                "/usr/lib:/usr/lib/wsl/lib";
    const char *given = getenv("LD_LIBRARY_PATH");
    char *list = NULL, *rest, *dir, *path = NULL;

    if (asprintf(&list, "%s:%s", given ? given : "", usual) < 0)
        return;
    for (rest = list; !path && (dir = strsep(&rest, ":"));) {
        if (!*dir || asprintf(&path, "%s/libcuda.so.1", dir) < 0) {
            path = NULL;
            continue;
        }
        if (!fs_exists(path)) {
            free(path);
            path = NULL;
        }
    }
    if (path)
        report(d, GOOD, "libcuda", NULL, "%s", path);
    else
        report(
            d, WARNING, "libcuda",
            "only a search needs it; it comes with the driver, and into a container by the NVIDIA "
            "container toolkit",
            "no libcuda.so.1 in LD_LIBRARY_PATH or the usual folders");
    free(path);
    free(list);
}

static void check_gpu(struct doctor *d)
{
    struct error why = {0};
    struct gpu gpu;

    d->gpu = gpu_here(NULL, NULL, NULL, &gpu, &why) == 0;
    if (d->gpu)
        report(d, GOOD, "GPU", NULL, "%s, sm_%d%d, %lld multiprocessors, %.0f GB, driver %d.%d",
               gpu.name, gpu.major, gpu.minor, (long long)gpu.sms, (double)gpu.memory / 1e9,
               gpu.driver / 1000, gpu.driver % 1000 / 10);
    else
        report(d, WARNING, "GPU", "search where there is one, and bring the lockfile here", "%s",
               why.text);
}

static void check_counters(struct doctor *d)
{
    static const char word[] = "RmProfilingAdminOnly: ";
    const char *at = NULL;
    struct buf b;

    buf_init(&b, 65536);
    if (fs_read("/proc/driver/nvidia/params", &b, NULL) == 0)
        at = strstr(buf_text(&b), word);
    if (!at)
        report(d, WARNING, "counters", NULL, "not known: no NVIDIA driver is loaded");
    else if (at[sizeof word - 1] == '0')
        report(d, GOOD, "counters", NULL, "every user may read the GPU's performance counters");
    else if (geteuid() == 0)
        report(d, GOOD, "counters", NULL, "for root only, which you are");
    else
        report(
            d, WARNING, "counters",
            "options nvidia NVreg_RestrictProfilingToAdminUsers=0 in /etc/modprobe.d, then reboot",
            "for root only: reports go without them");
    buf_release(&b);
}

/* which layer keeps what a model wrote from the rest, tried with all that a worker is shown */
static void check_sandbox(struct doctor *d)
{
    struct error why = {0};
    const char *layer = sandbox_layer(&why);
    char *path = fs_which("bwrap", NULL), *text = NULL;

    if (layer && strcmp(layer, "none") == 0)
        report(d, WARNING, "sandbox", "unset it, and install bubblewrap",
               "none: KSEARCH_SANDBOX says that code of a model may be compiled and run as it is");
    else if (layer && path && (text = output_of((const char *[]){path, "--version", NULL})))
        report(d, GOOD, "sandbox", NULL, "bwrap: %s, %s", path, first_line(text));
    else if (layer)
        report(d, GOOD, "sandbox", NULL, "%s", layer);
    else
        report(d, WARNING, "sandbox",
               path ? "unprivileged user namespaces must be allowed: sysctl "
                      "kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap"
                    : "apt-get install bubblewrap; searches without a model go on as ever",
               "%s", why.text);
    free(text);
    free(path);
}

static int count_record(void *arg, const struct record *r, const char *reason)
{
    size_t *counts = arg;

    (void)reason;
    counts[r == NULL]++;
    return 0;
}

static void report_cache(struct doctor *d, const char *dir, struct store *s)
{
    size_t counts[2] = {0};
    struct error err = {0};
    struct statvfs fs = {0};
    double free_gb;
    bool full;

    if (store_each(s, NULL, count_record, counts, &err) < 0) {
        report(d, WARNING, "cache",
               "every lookup is a miss: name another folder by KSEARCH_CACHE_DIR", "%s", err.text);
        return;
    }
    full = statvfs(dir, &fs) == 0 && (unsigned long long)fs.f_bavail * fs.f_frsize < LEAST_SPACE;
    free_gb = (double)fs.f_bavail * (double)fs.f_frsize / 1e9;
    if (store_is_read_only(s))
        report(d, WARNING, "cache", "winners in it are used, new ones are not kept",
               "%s, %zu records, may not be written", dir, counts[0]);
    else if (full)
        report(d, WARNING, "cache", "make room, or name another folder by KSEARCH_CACHE_DIR",
               "%s, %zu records, only %.2f GB free", dir, counts[0], free_gb);
    else if (counts[1])
        report(d, WARNING, "cache", "what is corrupt counts as missing",
               "%s, %zu records and %zu corrupt ones", dir, counts[0], counts[1]);
    else
        report(d, GOOD, "cache", NULL, "%s, %zu records, %.1f GB free", dir, counts[0], free_gb);
}

static void check_cache(struct doctor *d)
{
    char *dir = store_default_dir();
    struct error err = {0};
    struct store *s;

    if (!dir) {
        report(d, WARNING, "cache", "set KSEARCH_CACHE_DIR", "no folder: HOME is not set");
        return;
    }
    if (!fs_exists(dir)) {
        report(d, GOOD, "cache", NULL, "%s, which the first search makes", dir);
    } else if ((s = store_open(dir, false, &err))) {
        report_cache(d, dir, s);
        store_close(s);
    } else {
        report(d, WARNING, "cache", "name another folder by KSEARCH_CACHE_DIR", "%s", err.text);
    }
    free(dir);
}

/* it answers: what is it good for? */
static void report_remote(struct doctor *d, struct share *s, const struct remote_about *about)
{
    const struct keyring *ring = share_keyring(s);
    struct error why = {0};
    const struct signing_key *key = share_signer(s, &why);
    bool writes = about->mode == REMOTE_WRITES;
    const char *mode = writes ? "read-write" : "read-only";
    struct buf text;
    char hex[65];

    buf_init(&text, BUF_LIMIT);
    buf_addf(&text, "%s answers, %s, %zu trusted key%s", about->url, mode, ring->n,
             ring->n == 1 ? "" : "s");
    if (key) {
        public_key_hex(&key->public, hex);
        buf_addf(&text, ", signs as %s (%.16s)", key->name, hex);
    }
    if (*about->has_what)
        buf_addf(&text, ", with %s", about->has_what);
    if (about->is_open)
        report(d, WARNING, "remote", "anybody on the way reads it: name it by https://",
               "%s over plain http", buf_text(&text));
    else if (writes && !key && !share_takes_unsigned(s))
        report(d, WARNING, "remote", "ksnvcc cache keygen; until then nothing is put there",
               "%s, but cannot sign: %s", buf_text(&text), why.text);
    else if (share_takes_unsigned(s))
        report(d, WARNING, "remote", "whoever writes there decides what is built: unset it",
               "%s; KSEARCH_REMOTE_UNSIGNED takes what nobody signed", buf_text(&text));
    else if (!ring->n)
        report(d, WARNING, "remote",
               "put the lines that ksnvcc cache keygen printed there into trusted-keys",
               "%s: nothing there is believed", buf_text(&text));
    else
        report(d, GOOD, "remote", NULL, "%s", buf_text(&text));
    buf_release(&text);
}

static void check_remote(struct doctor *d)
{
    char *dir = store_default_dir();
    struct error err = {0};
    struct share *s = share_open(dir, true, &err);
    struct remote_about about;

    if (s)
        remote_about(share_remote(s), &about);
    if (!s && !err.text[0])
        report(d, GOOD, "remote", NULL, "none: KSEARCH_REMOTE is not set");
    else if (!s || remote_look(share_remote(s), &err) < 0)
        report(d, WARNING, "remote", "builds go on without it", "%s", err.text);
    else
        report_remote(d, s, &about);
    share_close(s);
    free(dir);
}

static void check_lockfile(struct doctor *d)
{
    bool asked = false;
    char *path = lock_find("./x.cu", &asked);
    struct error err = {0};
    struct lockfile *lock;

    if (!path) {
        report(d, GOOD, "lockfile", NULL, "none for this folder");
        return;
    }
    lock = lock_read(path, &err);
    if (!lock)
        report(d, BAD, "lockfile", "mend it, or take it from version control", "%s", err.text);
    else if (!fs_exists(path))
        report(d, GOOD, "lockfile", NULL, "%s, which the first search writes", path);
    else
        report(d, GOOD, "lockfile", NULL, "%s, %zu records%s", path, lock->n,
               asked ? " (KSEARCH_LOCK)" : "");
    lock_free(lock);
    free(path);
}

/* nothing is sent: whether a key is right shows when a model is asked */
static void report_models(struct doctor *d, const struct models_config *c)
{
    struct models_about about;
    struct error err = {0};
    bool is_one = !c->coder || !strcmp(c->planner, c->coder);
    const char *key = "";

    if (models_look(c, &about, &err) < 0) {
        report(d, WARNING, "models", "searches go without a model", "%s", err.text);
        return;
    }
    if (about.is_http)
        key = about.has_key ? ", key set: yes" : ", key set: no";
    if (c->money > 0 && about.has_no_price)
        report(d, WARNING, "models",
               "add it to a table named by KSEARCH_PRICES, or unset KSEARCH_MONEY",
               "%s%s%s%s: no price is known, so nothing would be asked", c->planner,
               is_one ? "" : " and ", is_one ? "" : c->coder, key);
    else
        report(d, GOOD, "models",
               about.is_http && !about.has_key ? "fine where the server wants none" : NULL,
               "%s%s%s%s", c->planner, is_one ? "" : " and ", is_one ? "" : c->coder, key);
}

static void check_models(struct doctor *d)
{
    struct models_config config;
    struct error err = {0};
    int rc = models_config_read(&config, &err);

    if (rc < 0)
        report(d, WARNING, "models", "searches go without a model", "%s", err.text);
    else if (rc == 0)
        report(d, GOOD, "models", NULL, "none: KSEARCH_MODEL is not set");
    else
        report_models(d, &config);
}

/* what a build here would do where nothing is on file */
static void check_mode(struct doctor *d)
{
    bool given = false;
    struct error err = {0};
    enum mode mode = mode_read(&given, &err);
    const char *why = given ? "KSEARCH_MODE" : mode == MODE_CACHED ? "CI is set" : "the default";

    if (err.text[0])
        report(d, WARNING, "mode", "unset it, or set one of these words", "%s", err.text);
    else if (mode == MODE_SEARCH && !d->gpu)
        report(d, given ? WARNING : GOOD, "mode", given ? "there is nothing to search on" : NULL,
               "cached: %s and there is no GPU; a miss compiles the original",
               given ? "search was asked for by KSEARCH_MODE" : "KSEARCH_MODE is not set");
    else if (mode == MODE_SEARCH)
        report(d, GOOD, "mode", NULL, "search (%s): a miss starts a search in the build", why);
    else if (mode == MODE_CACHED)
        report(d, GOOD, "mode", NULL, "cached (%s): a miss compiles the original", why);
    else if (mode == MODE_REQUIRE)
        report(d, GOOD, "mode", NULL, "require (%s): a miss is an error", why);
    else
        report(d, GOOD, "mode", NULL, "off (%s): ksnvcc does nothing", why);
}

/* which the driver takes the best of that a GPU has code for */
static void check_targets(struct doctor *d)
{
    if (env_is_not_off("KSEARCH_ARCH_SPECIFIC"))
        report(d, GOOD, "targets", NULL,
               "a command's own, and sm_90a and the like where a winner needs it "
               "(KSEARCH_ARCH_SPECIFIC=0 forbids it)");
    else
        report(d, GOOD, "targets", NULL, "a command's own, as KSEARCH_ARCH_SPECIFIC=0 says");
}

int command_doctor(const struct command_call *call)
{
    struct doctor d = {.json = call->json};

    if (call->n)
        return command_fail(EXIT_USAGE, "doctor takes no words: usage: ksnvcc doctor [--json]");
    d.checks = json_array();
    check_nvcc(&d);
    check_host_compiler(&d);
    check_worker(&d);
    check_capture(&d);
    check_sanitizer(&d);
    check_driver(&d);
    check_libcuda(&d);
    check_gpu(&d);
    check_counters(&d);
    check_sandbox(&d);
    check_cache(&d);
    check_lockfile(&d);
    check_remote(&d);
    check_models(&d);
    check_targets(&d);
    check_mode(&d);
    if (d.json)
        command_print_json(json_pack("{s:s, s:b, s:O}", "version", KS_VERSION, "ok", (int)!d.bad,
                                     "checks", d.checks));
    json_decref(d.checks);
    return d.bad;
}
