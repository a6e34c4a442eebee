/* tests/gpu/client.h - a small client of ksearch-worker, for tests. */
#ifndef KS_CLIENT_H
#define KS_CLIENT_H

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/frame.h"
#include "runtime/base/proc.h"

struct client {
    pid_t pid;
    int to, from;
    int events; /* "waiting" events that came */
};

/* starts the program with one option and its value, or none */
static inline struct client client_start(const char *program, const char *option, const char *value)
{
    struct client c = {0, -1, -1, 0};
    int in[2], out[2];

    signal(SIGPIPE, SIG_IGN);
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        abort();
    c.pid = fork();
    if (c.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl(program, program, option, value, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    c.to = in[1];
    c.from = out[0];
    return c;
}

/* sends a request, waits for the reply at most ms, events included; NULL when none came. Takes the
 * request. */
static inline json_t *client_ask(struct client *c, json_t *request, const void *blob, size_t len,
                                 int ms)
{
    double end = now_seconds() + 1e-3 * ms;
    struct error err = {{0}};
    json_t *reply = NULL;
    struct buf rest;
    int got;

    buf_init(&rest, BUF_LIMIT);
    got = frame_write(c->to, request, blob, len, &err) ? -1 : 1;
    while (got > 0 && !reply) {
        double left = end - now_seconds();

        got =
            left > 0 ? frame_read(c->from, (int)(1e3 * left), NULL, NULL, &reply, &rest, &err) : -1;
        if (got <= 0 || !json_object_get(reply, "event"))
            break;
        c->events++;
        json_decref(reply);
        reply = NULL;
    }
    json_decref(request);
    buf_release(&rest);
    return got > 0 ? reply : NULL;
}

/* closes the pipes (or kills) and returns the exit status, 128 + n for a signal */
static inline int client_end(struct client *c, int with_kill)
{
    int status = 0;

    if (with_kill)
        kill(c->pid, SIGKILL);
    close(c->to);
    while (waitpid(c->pid, &status, 0) < 0)
        ;
    close(c->from);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
