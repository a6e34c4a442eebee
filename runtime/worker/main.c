/* runtime/worker/main.c - ksearch-worker, the program beside the GPU.
 *
 * Code of the user runs in this process and may print. The pipes of the protocol are therefore
 * moved to other descriptors at once, and standard output goes where standard error goes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/status.h"
#include "runtime/worker/protocol.h"
#include "runtime/worker/replay.h"

static const char usage[] =
    "usage: ksearch-worker [--record FILE | --replay FILE]\n"
    "       ksearch-worker [--replay FILE] --probe\n"
    "       ksearch-worker --version | --help\n"
    "\n"
    "Measures and checks variants of CUDA code on one GPU. Other programs start it and talk to it\n"
    "over standard input and output; see runtime/worker/PROTOCOL.md in the sources.\n"
    "\n"
    "  --record FILE  append what was measured to FILE\n"
    "  --replay FILE  answer from such a file, without a GPU\n"
    "  --probe        print the GPU as one line of JSON; exit status 1 when there is none\n"
    "\n"
    "Environment: CUDA_VISIBLE_DEVICES chooses the GPU; KSEARCH_LOCK_DIR holds its lock (/tmp);\n"
    "KSEARCH_CUPTI is the libcupti.so that counters are read with.\n";

/* the GPU that a recording was made on */
static json_t *recorded_gpu(const char *path, struct error *err)
{
    struct replay *replay = replay_open(path, err);
    struct names names;
    json_t *hello = json_pack("{s:s}", "op", "hello"), *reply = NULL, *gpu = NULL;

    names_init(&names);
    if (replay)
        reply = replay_answer(replay, &names, hello);
    if (reply && !(gpu = json_incref(json_object_get(reply, "gpu"))))
        error_set(err, "%s does not say which GPU it was recorded on", path);
    json_decref(reply);
    json_decref(hello);
    names_release(&names);
    replay_close(replay);
    return gpu;
}

static int probe(const char *replay)
{
    struct error err = {{0}};
    json_t *gpu = replay ? recorded_gpu(replay, &err) : protocol_probe(&err);
    char *text;

    if (!gpu) {
        fprintf(stderr, "ksearch-worker: %s\n", err.text);
        return 1;
    }
    text = json_dumps(gpu, JSON_COMPACT);
    json_decref(gpu);
    if (!text || printf("%s\n", text) < 0 || fflush(stdout))
        return 1;
    free(text);
    return 0;
}

static int usage_error(const char *what, const char *argument)
{
    fprintf(stderr, "ksearch-worker: %s%s\n%s", what, argument, usage);
    return EXIT_USAGE;
}

/* 0 for serving, 1 when all is done and *status holds the exit status */
static int arguments(int argc, char **argv, struct protocol *p, int *status)
{
    bool probes = false;

    for (int i = 1; i < argc; i++) {
        const char **file = !strcmp(argv[i], "--record")   ? &p->record
                            : !strcmp(argv[i], "--replay") ? &p->replay
                                                           : NULL;

        *status = 0;
        if (!strcmp(argv[i], "--help"))
            fputs(usage, stdout);
        else if (!strcmp(argv[i], "--version"))
            puts("ksearch-worker " KS_VERSION);
        else if (!strcmp(argv[i], "--probe")) {
            probes = true;
            continue;
        } else if (!file)
            *status = usage_error("unknown argument: ", argv[i]);
        else if (i + 1 == argc)
            *status = usage_error("a file must follow ", argv[i]);
        else {
            *file = argv[++i];
            continue;
        }
        return 1;
    }
    if (p->record && p->replay) {
        *status = usage_error("--record and --replay exclude each other", "");
        return 1;
    }
    if (probes)
        *status = probe(p->replay);
    return probes;
}

/* the pipes away from 0 and 1, which user code may use. What kernels print goes nowhere: they are
 * launched thousands of times */
static int pipes_move(struct protocol *p)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    p->in = fcntl(0, F_DUPFD_CLOEXEC, 3);
    p->out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    if (null < 0 || p->in < 0 || p->out < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        return -1;
    close(null);
    return 0;
}

int main(int argc, char **argv)
{
    struct protocol p = {-1, -1, NULL, NULL};
    struct error err = {{0}};
    int status;

    if (arguments(argc, argv, &p, &status))
        return status;
    /* nobody is left to read an answer when the engine is gone, and a kernel may never end */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    if (pipes_move(&p)) {
        fprintf(stderr, "ksearch-worker: standard input or output is closed: %s\n",
                strerror(errno));
        return 1;
    }
    status = protocol_serve(&p, &err);
    if (status == 1)
        fprintf(stderr, "ksearch-worker: %s\n", err.text);
    fflush(NULL);
    /* destructors of the user's objects and of a dead context are not worth running */
    _exit(status);
}
