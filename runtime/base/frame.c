/* runtime/base/frame.c - the format is in frame.h.
 *
 * The other end may be a program that crashed, or code that we do not trust wrote to its output.
 * So lengths are checked before anything is allocated, memory grows only as bytes arrive, and a
 * stream that broke once is never read again by our callers: there is no way to find the next
 * frame in it. */
#include "runtime/base/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JSON_MOST ((size_t)16 << 20)
#define BLOB_MOST ((size_t)1 << 30)

enum { HEADER = 8, CHUNK = 64 * 1024, IDLE_MS = 20 };

struct stream { /* one end of a pipe, and how long to wait there */
    int fd;
    short events;          /* what poll waits for */
    long long deadline_ms; /* -1: none */
    long long idle_at_ms;  /* when `idle` is next called */
    int (*idle)(void *);
    void *idle_arg;
};

static long long clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void put_u32(unsigned char *at, size_t n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(n >> (8 * i));
}

static size_t get_u32(const unsigned char *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

static struct stream stream_open(int fd, short events, int timeout_ms, int (*idle)(void *),
                                 void *idle_arg)
{
    long long now = clock_ms();

    return (struct stream){.fd = fd,
                           .events = events,
                           .deadline_ms = timeout_ms < 0 ? -1 : now + timeout_ms,
                           .idle_at_ms = now,
                           .idle = idle,
                           .idle_arg = idle_arg};
}

/* how long poll may sleep before the deadline or the next call of `idle` */
static int stream_sleep_ms(const struct stream *s, long long now)
{
    long long ms = s->deadline_ms < 0 ? -1 : s->deadline_ms > now ? s->deadline_ms - now : 0;

    if (s->idle && (ms < 0 || ms > IDLE_MS))
        ms = IDLE_MS;
    return ms > 1000000000 ? 1000000000 : (int)ms;
}

/* waits until fd has something to read, or room (or ended): 0, or -1 with *err */
static int stream_wait(struct stream *s, struct error *err)
{
    struct pollfd wait = {.fd = s->fd, .events = s->events};

    for (;;) {
        long long now = clock_ms();
        int got;

        if (s->idle && now >= s->idle_at_ms) {
            s->idle_at_ms = now + IDLE_MS;
            if (s->idle(s->idle_arg))
                return error_set(err, "the wait for a message was given up");
        }
        got = poll(&wait, 1, stream_sleep_ms(s, now));
        if (got > 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return error_errno(err, "cannot wait for a message");
        if (s->deadline_ms >= 0 && clock_ms() >= s->deadline_ms)
            return error_set(err, s->events == POLLOUT ? "a message was not taken in time"
                                                       : "no whole message came in time");
    }
}

static int stream_put(struct stream *s, const void *bytes, size_t n, struct error *err)
{
    const char *p = bytes;

    while (n) {
        ssize_t done = write(s->fd, p, n);
        if (done < 0 && errno == EAGAIN) {
            if (stream_wait(s, err) < 0)
                return -1;
            continue;
        }
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return error_errno(err, "cannot write a message");
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

int frame_write_timed(int fd, int timeout_ms, int (*idle)(void *), void *idle_arg,
                      const json_t *object, const void *blob, size_t blob_len, struct error *err)
{
    struct stream s = stream_open(fd, POLLOUT, timeout_ms, idle, idle_arg);
    unsigned char header[HEADER];
    struct buf head;
    char *text = NULL;
    size_t n;
    int rc;

    buf_init(&head, HEADER + JSON_MOST);
    if (!json_is_object(object) || !(text = json_dumps(object, JSON_COMPACT))) {
        rc = error_set(err, "cannot write a message: it is not a JSON object");
        goto out;
    }
    n = strlen(text);
    if (n > JSON_MOST || blob_len > BLOB_MOST) {
        rc = error_set(err, "cannot write a message of %zu + %zu bytes: it is too large", n,
                       blob_len);
        goto out;
    }
    put_u32(header, n);
    put_u32(header + 4, blob_len);
    buf_add(&head, header, HEADER);
    buf_add(&head, text, n);
    rc = stream_put(&s, head.data, head.len, err);
    if (rc == 0)
        rc = stream_put(&s, blob, blob_len, err);
out:
    free(text);
    buf_release(&head);
    return rc;
}

int frame_write(int fd, const json_t *object, const void *blob, size_t blob_len, struct error *err)
{
    return frame_write_timed(fd, -1, NULL, NULL, object, blob, blob_len, err);
}

/* appends exactly n bytes to b: 1; 0 when the stream ended before the first; -1 otherwise */
static int stream_take(struct stream *s, size_t n, struct buf *b, struct error *err)
{
    char chunk[CHUNK];
    size_t left = n;

    while (left) {
        ssize_t got;

        if (stream_wait(s, err) < 0)
            return -1;
        got = read(s->fd, chunk, left < sizeof chunk ? left : sizeof chunk);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return error_errno(err, "cannot read a message");
        if (got == 0)
            return left == n ? 0 : error_set(err, "the stream ended inside a message");
        buf_add(b, chunk, (size_t)got);
        left -= (size_t)got;
    }
    return 1;
}

/* as stream_take, for a part that must follow */
static int stream_need(struct stream *s, size_t n, struct buf *b, struct error *err)
{
    int rc = stream_take(s, n, b, err);

    return rc == 0 ? error_set(err, "the stream ended inside a message") : rc;
}

static json_t *text_to_object(const struct buf *text, struct error *err)
{
    json_error_t why;
    json_t *object = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES, &why);

    if (!object) {
        error_set(err, "a message is not JSON: %s (byte %d)", why.text, why.position);
        return NULL;
    }
    if (!json_is_object(object)) {
        json_decref(object);
        error_set(err, "a message is not a JSON object");
        return NULL;
    }
    return object;
}

static int stream_frame(struct stream *s, struct buf *head, json_t **object, struct buf *blob,
                        struct error *err)
{
    size_t json_len, blob_len;
    int rc = stream_take(s, HEADER, head, err);

    if (rc <= 0)
        return rc;
    json_len = get_u32((const unsigned char *)head->data);
    blob_len = get_u32((const unsigned char *)head->data + 4);
    if (json_len < 2 || json_len > JSON_MOST || blob_len > BLOB_MOST)
        return error_set(err, "the stream is not one of messages: lengths %zu and %zu", json_len,
                         blob_len);
    if (blob_len > (blob ? blob->limit : 0))
        return error_set(err, "a message brings %zu bytes of data, at most %zu are allowed",
                         blob_len, blob ? blob->limit : (size_t)0);
    buf_clear(head);
    if (stream_need(s, json_len, head, err) < 0)
        return -1;
    if (blob_len && stream_need(s, blob_len, blob, err) < 0)
        return -1;
    *object = text_to_object(head, err);
    return *object ? 1 : -1;
}

int frame_read(int fd, int timeout_ms, int (*idle)(void *), void *idle_arg, json_t **object,
               struct buf *blob, struct error *err)
{
    struct stream s = stream_open(fd, POLLIN, timeout_ms, idle, idle_arg);
    struct buf head;
    int rc;

    *object = NULL;
    if (blob)
        buf_clear(blob);
    buf_init(&head, JSON_MOST);
    rc = stream_frame(&s, &head, object, blob, err);
    buf_release(&head);
    return rc;
}
