/* driver/build/jobs.c - see jobs.h.
 *
 * Without a jobserver the first compiler takes a slot too if it can. While it has none, all slots
 * are others', and no second compiler starts: so the searches of a build end up with one compiler
 * each before any of them has two. */
#include "driver/build/jobs.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/base/jobserver.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/slots.h"

enum { POLL_MS = 10, WAIT_MOST_MS = 300000, CORES_MOST = 64 };

static struct {
    bool is_open;
    int running;
    struct jobserver *server;
    int tokens; /* of the server, held */
    struct slots *slots;
    int width;            /* how many of the slots there are */
    int slot[SLOTS_MOST]; /* held */
    int nslots;
} jobs;

int jobs_most(void)
{
    const char *given = getenv("KSEARCH_JOBS");
    int n = given ? atoi(given) : 0;
    cpu_set_t set;

    if (n <= 0 && sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > CORES_MOST ? CORES_MOST : n;
}

static void jobs_open(void)
{
    const char *flags = getenv("MAKEFLAGS"), *given = getenv("KSEARCH_JOBS");
    struct error err = {""};

    if (jobs.is_open)
        return;
    jobs.is_open = true;
    if ((jobs.server = jobserver_open(flags, &err)))
        return;
    jobs.width = jobs_most();
    if (*err.text) {
        log_debug("make's jobserver cannot be used: %s", err.text);
        if (!given && jobserver_width(flags))
            jobs.width = jobserver_width(flags);
    }
    err = (struct error){""};
    if (!(jobs.slots = slots_open(&err)))
        log_debug("searches side by side do not know of each other: %s", err.text);
}

static bool take_slot(void)
{
    int slot = jobs.nslots < SLOTS_MOST ? slots_take(jobs.slots, jobs.width) : -1;

    if (slot >= 0)
        jobs.slot[jobs.nslots++] = slot;
    return slot >= 0;
}

/* a token or a slot for one more than what runs */
static bool take_more(void)
{
    if (jobs.server) {
        bool got = jobserver_take(jobs.server);
        jobs.tokens += got;
        return got;
    }
    if (!jobs.slots)
        return true;
    while (jobs.nslots < jobs.running)
        if (!take_slot())
            return false;
    return take_slot();
}

bool jobs_take(void)
{
    jobs_open();
    if (jobs.running == 0) {
        if (jobs.slots)
            take_slot();
    } else if (!take_more()) {
        return false;
    }
    jobs.running++;
    return true;
}

static bool child_ended(void)
{
    siginfo_t info = {0};

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

void jobs_wait(void)
{
    const struct timespec nap = {0, POLL_MS * 1000000L};

    for (int ms = 0; !jobs_take(); ms += POLL_MS) {
        if (child_ended() || proc_interrupted() || ms > WAIT_MOST_MS) {
            jobs.running++;
            return;
        }
        nanosleep(&nap, NULL);
    }
}

void jobs_give(void)
{
    jobs.running--;
    for (; jobs.tokens > 0 && jobs.tokens >= jobs.running; jobs.tokens--)
        jobserver_give(jobs.server);
    for (; jobs.nslots > jobs.running; jobs.nslots--)
        slots_give(jobs.slots, jobs.slot[jobs.nslots - 1]);
}
