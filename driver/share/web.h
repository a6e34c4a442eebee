/* driver/share/web.h - a remote over HTTP(S): one request at a time, over one connection. */
#ifndef KS_SHARE_WEB_H
#define KS_SHARE_WEB_H

#include "driver/share/remote.h"

struct web;

struct web_request {
    const char *method; /* GET, HEAD, PUT */
    const char *url;
    const char *login; /* "user:password"; NULL */
    const char *token; /* NULL */
    const void *body;
    size_t n;
    double seconds;
    struct buf *reply;          /* takes the body of a 200; NULL: it is not wanted */
    bool (*is_over)(void *arg); /* asked now and then: is an answer still wanted? */
    void *arg;
};

/* NULL where libcurl is missing */
struct web *web_open(struct error *err);
void web_close(struct web *w);
/* ANSWER_YES: 200 of a GET or HEAD, 200, 201 or 204 of a PUT; ANSWER_NO: 404 or 410 of what is not
 * a PUT. Else *why says what came; no credentials are in it */
enum answer web_ask(struct web *w, const struct web_request *r, struct error *why);

#endif
