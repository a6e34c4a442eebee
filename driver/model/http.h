/* driver/model/http.h - several requests at once, none of which blocks.
 *
 * libcurl is opened at run time: an engine that cannot be loaded would fail a build, and most
 * builds ask neither a model nor a remote cache. Certificates are checked, against those of the
 * system or of the file that CURL_CA_BUNDLE, else SSL_CERT_FILE names, as the program curl does it.
 * Redirects are not followed (a key must not go to another host), and connections are kept for the
 * next request. Proxies are those of the environment (https_proxy, no_proxy), as for every program
 * with libcurl. */
#ifndef KS_MODEL_HTTP_H
#define KS_MODEL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/error.h"

struct http;
struct http_call;

enum http_state {
    HTTP_RUNS,
    HTTP_DONE,    /* the response came to its end */
    HTTP_BROKEN,  /* no connection, or a connection that broke: worth another try */
    HTTP_STALLED, /* no byte for too long: likewise */
    HTTP_WRONG,   /* a URL or a certificate that no other try will better */
    HTTP_LATE,    /* the deadline passed */
    HTTP_STOPPED, /* the sink had enough */
    HTTP_LARGE,   /* more than `most` bytes */
};

struct http_request {
    const char *method; /* NULL: POST; GET, HEAD, PUT */
    const char *url;
    const char *login; /* "user:password"; NULL: what the URL says */
    bool netrc;        /* else what ~/.netrc, or the file that NETRC names, has for the host */
    const char *const *headers; /* "name: value", NULL at the end */
    const char *body;           /* copied */
    size_t body_len;
    size_t most;          /* bytes of response */
    double seconds;       /* altogether */
    double first_seconds; /* until the response's body begins */
    double stall_seconds; /* between two pieces of it */
    /* takes the body of the response, of any status, as it arrives; not 0: that was enough */
    int (*sink)(void *arg, const char *bytes, size_t n);
    void *arg;
};

/* NULL with *err where there is no libcurl, or one that is too old */
struct http *http_open(struct error *err);
void http_close(struct http *h); /* after its calls were dropped */
struct http_call *http_start(struct http *h, const struct http_request *r);
/* moves all calls on, never waits; sinks are called in here */
void http_pump(struct http *h);
/* waits at most ms for something to happen on any connection */
void http_wait(struct http *h, int ms);

/* how far a call is; *why is set for those that did not end well */
enum http_state http_state(const struct http_call *c, struct error *why);
int http_status(const struct http_call *c);               /* 0: none yet */
const char *http_content_type(const struct http_call *c); /* "" */
const char *http_redirect(const struct http_call *c);     /* where to, without credentials; "" */
double http_retry_after(const struct http_call *c); /* seconds that the server asks for, or 0 */
void http_drop(struct http_call *c);                /* NULL is fine */

#endif
