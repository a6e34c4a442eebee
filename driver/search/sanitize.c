/* driver/search/sanitize.c - see sanitize.h. The tools, their options and the form of their reports
 * are those of https://docs.nvidia.com/compute-sanitizer/ComputeSanitizer. */
#include "driver/search/sanitize.h"

#include <stdlib.h>
#include <string.h>

#include "driver/search/bench_impl.h"
#include "driver/search/worker.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define LINE "========= "
#define OWN "ks_" /* what our own kernels are called */

enum { FINDING_MOST = 400, LOG_MOST = 16 << 20 };

/* in the order of what they find most; the first are run on everything */
static const char *const tools[] = {"memcheck", "racecheck", "synccheck", "initcheck"};
#define RACECHECK tools[1]
enum { TOOLS = sizeof tools / sizeof *tools, TOOLS_QUICK = 2 };

/* ---- what a log says ---- */

struct line {
    const char *text; /* behind LINE */
    int n;
    bool is_detail; /* of the finding above it */
};

/* the next line of the tool's; false at the end */
static bool line_next(const char **at, const char *end, struct line *l)
{
    while (*at < end) {
        const char *start = *at, *stop = memchr(start, '\n', (size_t)(end - start));
        stop = stop ? stop : end;
        *at = stop < end ? stop + 1 : end;
        if (stop - start < (int)strlen(LINE) || memcmp(start, LINE, strlen(LINE)) != 0)
            continue;
        start += strlen(LINE);
        l->is_detail = start < stop && *start == ' ';
        while (start < stop && *start == ' ')
            start++;
        l->text = start;
        l->n = (int)(stop - start);
        return true;
    }
    return false;
}

static bool begins(const struct line *l, const char *word)
{
    return l->n >= (int)strlen(word) && memcmp(l->text, word, strlen(word)) == 0;
}

/* a line that begins no finding */
static bool is_talk(const struct line *l)
{
    static const char *const words[] = {"COMPUTE-SANITIZER", "ERROR SUMMARY", "RACECHECK SUMMARY",
                                        "Warning",           "Info",          "Internal",
                                        "Program hit",       "Target",        "LEAK SUMMARY"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(l, words[i]))
            return true;
    return l->n == 0;
}

/* where on the host the kernel was launched: a page of frames of ours and the driver's */
static bool is_host(const struct line *l)
{
    return begins(l, "Host Frame") || begins(l, "Saved host");
}

/* The kernel that a line names: behind the last " at " of a finding's first line, or where a detail
 * begins with "at "; NULL: none */
static const char *line_place(const struct line *l)
{
    const char *found = begins(l, "at ") ? l->text + 3 : NULL;

    for (int i = 0; !l->is_detail && i + 4 < l->n; i++)
        if (memcmp(l->text + i, " at ", 4) == 0)
            found = l->text + i + 4;
    return found;
}

/* adds a line to the finding that it belongs to */
static void finding_add(struct buf *finding, const struct line *l)
{
    if (finding->len + (size_t)l->n < FINDING_MOST)
        buf_addf(finding, "%s%.*s", finding->len ? " " : "", l->n, l->text);
}

static bool is_theirs(const char *place)
{
    return place && memcmp(place, OWN, strlen(OWN)) != 0;
}

bool sanitize_finding(const char *log, size_t len, struct buf *out)
{
    const char *at = log, *end = log + len, *place = NULL;
    struct buf finding;
    struct line l;
    bool is_open = false;

    buf_init(&finding, BUF_LIMIT);
    while (line_next(&at, end, &l)) {
        if (!l.is_detail) { /* another one begins */
            if (is_theirs(place))
                break;
            buf_clear(&finding);
            place = NULL;
            is_open = !is_talk(&l);
        }
        if (!is_open || is_host(&l))
            continue;
        if (!place)
            place = line_place(&l);
        finding_add(&finding, &l);
    }
    if (is_theirs(place))
        buf_add(out, finding.data, finding.len);
    buf_release(&finding);
    return is_theirs(place);
}

/* ---- one run ---- */

static bool has_finding(const struct buf *log)
{
    struct buf finding;
    bool has;

    buf_init(&finding, BUF_LIMIT);
    has = sanitize_finding(log->data, log->len, &finding);
    buf_release(&finding);
    return has;
}

/* checks the variants at the point under a tool; the log is in *log. -1: the tool could not be
 * used, *err says why. What became of the checks themselves does not matter: others have seen to
 * that */
static int run_tool(struct bench *b, const char *tool, const size_t *variants, size_t n,
                    size_t point, const char *path, struct buf *log, struct error *err)
{
    const char *words[] = {b->sanitizer, "--tool",
                           tool,         "--log-file",
                           path,         "--report-api-errors",
                           "no",         "--kernel-name-exclude",
                           "kns=" OWN,   NULL};
    struct worker_tool under = {words, path};
    struct error why = {""};
    size_t ran = 0;
    int rc = bench_use_tool(b, &under, err);

    /* not beyond one that ends the worker: another would begin the log anew */
    while (rc == 0 && ran < n && (ran == 0 || b->worker))
        bench_check_as(b, variants[ran++], point, &(struct bench_checking){1, 0, NULL}, NULL, &why);
    bench_use_tool(b, NULL, NULL); /* the tool writes the end of its log when its worker ends */
    if (rc)
        return -1;
    buf_clear(log);
    if (fs_read(path, log, err))
        return -1;
    if (!memmem(log->data, log->len, "ERROR SUMMARY", 13) &&
        !memmem(log->data, log->len, "RACECHECK SUMMARY", 17))
        return error_set(err, "it came to no end: %s", *why.text ? why.text : "no summary");
    if (ran < n && !has_finding(log))
        return error_set(err, "it ended before all had run: %s", why.text);
    return 0;
}

static size_t point_for(const struct sanitizing *job, const char *tool)
{
    return tool == RACECHECK ? job->few : job->point;
}

/* does the tool find nothing in the original, so that it may judge? */
static bool may_judge(struct bench *b, const char *tool, size_t point, const char *path,
                      struct buf *log)
{
    static const size_t original[] = {BENCH_ORIGINAL};
    struct error why = {""};
    struct buf finding;
    bool clean = run_tool(b, tool, original, 1, point, path, log, &why) == 0;

    buf_init(&finding, BUF_LIMIT);
    if (clean && sanitize_finding(log->data, log->len, &finding)) {
        log_debug("%s has no say, as it refuses the original too: %s", tool, buf_text(&finding));
        clean = false;
    }
    buf_release(&finding);
    return clean;
}

/* 1: the tool found something in these variants, it is in *finding. 0: nothing; -1: it could not be
 * used */
static int judge(struct bench *b, const char *tool, const size_t *variants, size_t n, size_t point,
                 const char *path, struct buf *log, struct buf *finding)
{
    struct error why = {""};

    buf_clear(finding);
    if (run_tool(b, tool, variants, n, point, path, log, &why)) {
        log_debug("compute-sanitizer --tool %s: %s", tool, why.text);
        return -1;
    }
    buf_addf(finding, "compute-sanitizer's %s: ", tool);
    return sanitize_finding(log->data, log->len, finding);
}

/* the same for a job; of several variants the one at fault is found by running each alone */
static int judge_job(struct bench *b, const char *tool, struct sanitizing *job, const char *path,
                     struct buf *finding)
{
    size_t point = point_for(job, tool);
    struct buf log;
    int found;

    buf_init(&log, LOG_MOST);
    found = judge(b, tool, job->variants, job->n, point, path, &log, finding);
    if (found > 0 && !may_judge(b, tool, point, path, &log))
        found = -1;
    for (job->bad = 0; found > 0 && job->n > 1 && job->bad < job->n; job->bad++)
        if (judge(b, tool, &job->variants[job->bad], 1, point, path, &log, finding) > 0)
            break;
    if (found > 0 && job->bad == job->n) /* none of them alone */
        found = -1;
    buf_release(&log);
    return found;
}

enum bench_result sanitize_run(struct bench *b, struct sanitizing *job, struct error *err)
{
    char *dir = b->sanitizer ? fs_tempdir("ksearch-sanitizer", err) : NULL;
    size_t n = job->thorough ? TOOLS : TOOLS_QUICK;
    struct buf finding, path;
    enum bench_result r = BENCH_OK;

    if (!dir)
        return BENCH_OK;
    buf_init(&finding, BUF_LIMIT);
    buf_init(&path, BUF_LIMIT);
    buf_addf(&path, "%s/log", dir);
    for (size_t i = 0; r == BENCH_OK && i < n && !proc_interrupted(); i++) {
        int found = judge_job(b, tools[i], job, buf_text(&path), &finding);
        if (found >= 0)
            buf_addf(&job->ran, "%s%s", job->ran.len ? ", " : "", tools[i]);
        if (found > 0) {
            r = BENCH_FAILED;
            error_set(err, "%s", buf_text(&finding));
        }
    }
    buf_release(&path);
    buf_release(&finding);
    fs_remove(dir);
    free(dir);
    return r;
}
