/* driver/model/http.c - libcurl's multi interface behind a table of its functions.
 *
 * The deadlines are kept here: libcurl's own count whole seconds (CURLOPT_LOW_SPEED_TIME), and a
 * stream is judged by when it last said something, not by its speed. */
#include "driver/model/http.h"

#define CURL_DISABLE_TYPECHECK /* its checks are macros around functions that are called by \
                                  pointer */
#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

enum { CONNECT_MS = 20000, KEPT_CONNECTIONS = 16 };

static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

/* clang-format off */
#define CURL_FUNCTIONS(X) \
    X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_cleanup) X(easy_strerror) \
    X(multi_init) X(multi_cleanup) X(multi_setopt) X(multi_add_handle) X(multi_remove_handle) \
    X(multi_perform) X(multi_info_read) X(multi_poll) X(slist_append) X(slist_free_all)
/* clang-format on */

static struct {
    void *library;
#define FIELD(name) __typeof__(&curl_##name) name;
    CURL_FUNCTIONS(FIELD)
#undef FIELD
} curl;

struct http {
    CURLM *multi;
    struct http_call *calls; /* those that run */
};

struct http_call {
    struct http *http;
    struct http_call *next;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request; /* its texts are the caller's and not used after the start */
    double started, heard;       /* heard 0: nothing of the body came yet */
    size_t got;
    enum http_state state;
    char why[CURL_ERROR_SIZE];
    char redirect[1024]; /* where we are sent to, without credentials */
};

/* ---- the library -------------------------------------------------------------------------- */

static int library_find(const char *name, void **function, struct error *err)
{
    char symbol[64];

    snprintf(symbol, sizeof symbol, "curl_%s", name);
    *function = dlsym(curl.library, symbol);
    if (!*function)
        return error_set(err, "libcurl is too old: it has no %s (7.66 or later is needed)", symbol);
    return 0;
}

static int library_open(struct error *err)
{
    if (curl.library)
        return 0;
    for (size_t i = 0; !curl.library && i < sizeof libraries / sizeof *libraries; i++)
        curl.library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    if (!curl.library)
        return error_set(err, "there is no libcurl.so.4, which HTTP needs: "
                              "apt-get install libcurl4");
#define FIND(name)                                                 \
    if (library_find(#name, (void **)(void *)&curl.name, err) < 0) \
        goto fail;
    CURL_FUNCTIONS(FIND)
#undef FIND
    if (curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        return 0;
    error_set(err, "libcurl cannot be used");
fail:
    dlclose(curl.library);
    curl.library = NULL;
    return -1;
}

struct http *http_open(struct error *err)
{
    struct http *h;

    if (library_open(err) < 0)
        return NULL;
    h = calloc(1, sizeof *h);
    if (!h || !(h->multi = curl.multi_init()))
        fatal("out of memory");
    curl.multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    return h;
}

void http_close(struct http *h)
{
    if (!h)
        return;
    while (h->calls)
        http_drop(h->calls);
    curl.multi_cleanup(h->multi);
    free(h);
}

/* ---- one call ----------------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t one, size_t n, void *arg)
{
    struct http_call *c = arg;

    n *= one;
    c->heard = now_seconds();
    c->got += n;
    if (c->got > c->request.most)
        c->state = HTTP_LARGE;
    else if (c->request.sink(c->request.arg, bytes, n) != 0)
        c->state = HTTP_STOPPED;
    return c->state == HTTP_RUNS ? n : 0;
}

/* connections outlive a call, and compilers that are started meanwhile must not inherit them */
static int close_on_exec(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)arg;
    (void)purpose;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? CURL_SOCKOPT_ERROR : CURL_SOCKOPT_OK;
}

/* the file of CAs to trust in place of the system's; NULL: the system's */
static const char *trusted_file(void)
{
    static const char *const variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *file = getenv(variables[i]);
        if (file && *file)
            return file;
    }
    return NULL;
}

static void set_method(CURL *easy, const struct http_request *r)
{
    const char *method = r->method ? r->method : "POST";

    if (!strcmp(method, "GET") || !strcmp(method, "HEAD")) {
        curl.easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        curl.easy_setopt(easy, CURLOPT_NOBODY, (long)!strcmp(method, "HEAD"));
        return;
    }
    curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)r->body_len);
    curl.easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, r->body);
    if (r->method)
        curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_login(CURL *easy, const struct http_request *r)
{
    const char *netrc = getenv("NETRC");

    if (r->login)
        curl.easy_setopt(easy, CURLOPT_USERPWD, r->login);
    if (r->netrc)
        curl.easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    if (r->netrc && netrc && *netrc)
        curl.easy_setopt(easy, CURLOPT_NETRC_FILE, netrc);
}

static void set_options(struct http_call *c, const struct http_request *r)
{
    CURL *easy = c->easy;
    const char *trusted = trusted_file();

    for (size_t i = 0; r->headers[i]; i++) {
        struct curl_slist *more = curl.slist_append(c->headers, r->headers[i]);
        if (!more)
            fatal("out of memory");
        c->headers = more;
    }
    curl.easy_setopt(easy, CURLOPT_URL, r->url);
    curl.easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers);
    set_method(easy, r);
    set_login(easy, r);
    curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    if (trusted)
        curl.easy_setopt(easy, CURLOPT_CAINFO, trusted);
    curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl.easy_setopt(easy, CURLOPT_WRITEDATA, c);
    curl.easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
    curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, c->why);
    curl.easy_setopt(easy, CURLOPT_PRIVATE, c);
    curl.easy_setopt(easy, CURLOPT_USERAGENT, "ksnvcc/" KS_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* a name server that does not answer must not outlive the deadline */
    curl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

struct http_call *http_start(struct http *h, const struct http_request *r)
{
    struct http_call *c = calloc(1, sizeof *c);

    if (!c || !(c->easy = curl.easy_init()))
        fatal("out of memory");
    c->http = h;
    c->request = *r;
    c->started = now_seconds();
    set_options(c, r);
    c->next = h->calls;
    h->calls = c;
    if (curl.multi_add_handle(h->multi, c->easy) != CURLM_OK)
        c->state = HTTP_BROKEN;
    return c;
}

void http_drop(struct http_call *c)
{
    if (!c)
        return;
    for (struct http_call **at = &c->http->calls; *at; at = &(*at)->next) {
        if (*at == c) {
            *at = c->next;
            break;
        }
    }
    curl.multi_remove_handle(c->http->multi, c->easy);
    curl.easy_cleanup(c->easy);
    curl.slist_free_all(c->headers);
    free(c);
}

/* ---- all calls ---------------------------------------------------------------------------- */

static enum http_state state_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        return HTTP_WRONG;
    default:
        return HTTP_BROKEN;
    }
}

/* in libcurl's words, and what to do about it where these do not say it */
static void note_end(struct http_call *c, CURLcode code)
{
    size_t n;

    c->state = state_of(code);
    if (c->state != HTTP_DONE && !c->why[0])
        snprintf(c->why, sizeof c->why, "%s", curl.easy_strerror(code));
    n = strlen(c->why);
    /* as OpenSSL and GnuTLS say it of a certificate; that it is another host's says enough */
    if (code == CURLE_PEER_FAILED_VERIFICATION &&
        (strstr(c->why, "certificate problem") || strstr(c->why, "verification failed")))
        snprintf(c->why + n, sizeof c->why - n,
                 ": if the server has a CA of its own, name the file of its certificate by "
                 "CURL_CA_BUNDLE");
}

/* libcurl puts our credentials into a URL on the same server */
static void note_redirect(struct http_call *c)
{
    char *url = NULL;
    const char *host, *at, *p;

    curl.easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &url);
    host = url ? strstr(url, "://") : NULL;
    if (!host)
        return;
    host += 3;
    at = host;
    for (p = host; *p && !strchr("/?#", *p); p++)
        if (*p == '@')
            at = p + 1;
    snprintf(c->redirect, sizeof c->redirect, "%.*s%s", (int)(host - url), url, at);
}

static void note_deadlines(struct http *h)
{
    double now = now_seconds();

    for (struct http_call *c = h->calls; c; c = c->next) {
        double since = c->heard > 0 ? c->heard : c->started;
        double most = c->heard > 0 ? c->request.stall_seconds : c->request.first_seconds;
        if (c->state != HTTP_RUNS)
            continue;
        if (now - c->started >= c->request.seconds)
            c->state = HTTP_LATE;
        else if (now - since >= most)
            c->state = HTTP_STALLED;
    }
}

void http_pump(struct http *h)
{
    int left = 0;
    CURLMsg *message;

    curl.multi_perform(h->multi, &left);
    while ((message = curl.multi_info_read(h->multi, &left))) {
        char *private = NULL;
        struct http_call *c;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        c = (struct http_call *)(void *)private;
        if (c->state == HTTP_RUNS)
            note_end(c, message->data.result);
        note_redirect(c);
    }
    note_deadlines(h);
}

void http_wait(struct http *h, int ms)
{
    curl.multi_poll(h->multi, NULL, 0, ms, NULL);
}

/* ---- what became of it -------------------------------------------------------------------- */

enum http_state http_state(const struct http_call *c, struct error *why)
{
    const struct http_request *r = &c->request;

    if (c->state == HTTP_BROKEN || c->state == HTTP_WRONG)
        error_set(why, "%s", c->why[0] ? c->why : "the connection failed");
    else if (c->state == HTTP_STALLED)
        error_set(why, "nothing came for %.3g s",
                  c->heard > 0 ? r->stall_seconds : r->first_seconds);
    else if (c->state == HTTP_LATE)
        error_set(why, "no end after %.3g s", r->seconds);
    else if (c->state == HTTP_LARGE)
        error_set(why, "the response is longer than %zu bytes", r->most);
    return c->state;
}

int http_status(const struct http_call *c)
{
    long status = 0;

    curl.easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

const char *http_content_type(const struct http_call *c)
{
    char *text = NULL;

    curl.easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &text);
    return text ? text : "";
}

const char *http_redirect(const struct http_call *c)
{
    return c->redirect;
}

double http_retry_after(const struct http_call *c)
{
    curl_off_t seconds = 0;

    curl.easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds);
    return (double)seconds;
}
