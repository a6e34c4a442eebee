/* driver/share/web.c - driver/model/http.h, waited for. */
#include "driver/share/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/http.h"
#include "runtime/base/buf.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

enum { WAIT_MS = 100, REPLY_MAX = 64 << 20 };

struct web {
    struct http *http;
};

struct web *web_open(struct error *err)
{
    struct http *http = http_open(err);
    struct web *w = http ? calloc(1, sizeof *w) : NULL;

    if (!http)
        return NULL;
    if (!w)
        fatal("out of memory");
    w->http = http;
    return w;
}

void web_close(struct web *w)
{
    if (w)
        http_close(w->http);
    free(w);
}

/* more than it may be stops the transfer */
static int take(void *arg, const char *bytes, size_t n)
{
    struct buf *b = arg;

    if (b)
        buf_add(b, bytes, n);
    return b && b->full;
}

static const char *meaning(int status, bool puts)
{
    if (status == 400)
        return ": bazel-remote wants a URL that ends in /ac, and --disable_http_ac_validation";
    if (status == 401)
        return ": it wants other credentials (KSEARCH_REMOTE_TOKEN, KSEARCH_REMOTE_LOGIN, "
               "~/.netrc)";
    if (status == 403)
        return puts ? ": it may not be written" : ": it may not be read";
    if (status == 404 || status == 405 || status == 409)
        return ": is it a server that takes files? nginx needs dav_methods PUT and "
               "create_full_put_path on";
    if (status == 413 || status == 507)
        return ": it is full, or takes no more than so much";
    if (status == 429 || status == 503)
        return ": it has too much to do";
    return "";
}

/* what an answer means that came to its end */
static enum answer judge(const struct http_call *c, const struct web_request *r, struct error *why)
{
    int status = http_status(c);
    bool puts = !strcmp(r->method, "PUT");
    const char *to = http_redirect(c);

    if (status == 200 || (puts && (status == 201 || status == 204)))
        return ANSWER_YES;
    if (!puts && (status == 404 || status == 410))
        return ANSWER_NO;
    if (status >= 300 && status < 400 && *to)
        error_set(why, "it answers %d and sends us on to %.200s, which is not followed", status,
                  to);
    else
        error_set(why, "it answers %s with %d%s", r->method, status, meaning(status, puts));
    return ANSWER_REFUSED;
}

static struct http_call *begin(struct web *w, const struct web_request *r)
{
    struct http_call *c;
    char *bearer = NULL;
    const char *headers[] = {"Expect:", "Accept: application/octet-stream",
                             "Content-Type: application/octet-stream", NULL, NULL};
    struct http_request request = {
        .method = r->method,
        .url = r->url,
        .login = r->token ? NULL : r->login,
        .netrc = !r->token && !r->login,
        .headers = headers,
        .body = r->body ? r->body : "",
        .body_len = r->n,
        .most = REPLY_MAX,
        .seconds = r->seconds,
        .first_seconds = r->seconds,
        .stall_seconds = r->seconds,
        .sink = take,
        .arg = r->reply,
    };

    if (r->token && asprintf(&bearer, "Authorization: Bearer %s", r->token) < 0)
        fatal("out of memory");
    headers[3] = bearer;
    c = http_start(w->http, &request);
    free(bearer);
    return c;
}

enum answer web_ask(struct web *w, const struct web_request *r, struct error *why)
{
    struct http_call *c = begin(w, r);
    enum answer answer = ANSWER_LOST;
    enum http_state state;

    http_pump(w->http);
    while ((state = http_state(c, why)) == HTTP_RUNS && !proc_interrupted() &&
           !(r->is_over && r->is_over(r->arg))) {
        http_wait(w->http, WAIT_MS);
        http_pump(w->http);
    }
    if (state == HTTP_DONE)
        answer = judge(c, r, why);
    else if (state == HTTP_STOPPED || state == HTTP_LARGE)
        error_set(why, "it sends more than a row of records can be");
    else
        error_set(why, "nobody waits for it any more");
    if (state == HTTP_STOPPED || state == HTTP_LARGE)
        answer = ANSWER_REFUSED;
    http_drop(c);
    return answer;
}
