/* driver/share/remote.c - the variables, where a key lies, and what trouble costs.
 *
 * Credentials that the URL holds are taken out of it here, so that no message can show them. */
#include "driver/share/remote.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/share/folder.h"
#include "driver/share/state.h"
#include "driver/share/web.h"
#include "runtime/base/buf.h"
#include "runtime/base/duration.h"
#include "runtime/base/env.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define SECONDS 5.0      /* KSEARCH_REMOTE_TIMEOUT */
#define FREE_SECONDS 0.5 /* a request that takes no longer loses nothing */
#define NO_KEY "0000000000000000000000000000000000000000000000000000000000000000"

struct remote {
    char *url;          /* without credentials and without a slash at the end */
    const char *folder; /* the path in it, of file:///; NULL: HTTP */
    char *login, *token;
    bool flat; /* 64 digits in one folder */
    bool asked;
    enum remote_mode mode;
    bool is_mode_given;
    double seconds;
    struct state state;
    struct web *web;  /* NULL: not asked yet */
    bool is_given_up; /* by this process; the state may be where it cannot be written */
};

static char *copy(const char *text, size_t n)
{
    char *s = strndup(text, n);

    if (!s)
        fatal("out of memory");
    return s;
}

/* ---- the variables ------------------------------------------------------------------------- */

/* "a%40b" is "a@b" */
static void decode(char *text)
{
    char *out = text;

    for (; *text; text++) {
        unsigned byte;
        if (*text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]) &&
            sscanf(text + 1, "%2x", &byte) == 1 && byte) {
            *out++ = (char)byte;
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

/* takes "user:password@" out of the URL of a server */
static void take_login(struct remote *r)
{
    char *host = strstr(r->url, "://") + 3, *end = host + strcspn(host, "/"), *at = end;

    while (at > host && at[-1] != '@')
        at--;
    if (at == host)
        return;
    free(r->login);
    r->login = copy(host, (size_t)(at - 1 - host));
    decode(r->login);
    memmove(host, at, strlen(at) + 1);
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return false;
    return true;
}

static int read_url(struct remote *r, const char *url, struct error *err)
{
    const char *host;
    size_t n = strlen(url);

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0 &&
        strncmp(url, "file:///", 8) != 0)
        return error_set(err, "KSEARCH_REMOTE is not http://, https:// or file:/// with a folder");
    host = strstr(url, "://") + 3;
    while (n > (size_t)(host - url) && url[n - 1] == '/')
        n--;
    r->url = copy(url, n);
    if (*url == 'f') {
        r->folder = n > 7 ? r->url + 7 : "/";
        return 0;
    }
    take_login(r);
    host = r->url + (host - url);
    if (strchr(r->url, '@')) /* a password with a slash, say, which no message may show */
        return error_set(err,
                         "KSEARCH_REMOTE holds an @ behind its first slash: write %%40 there, and "
                         "%%2F for a slash in a password");
    if (!is_plain(r->url) || strpbrk(r->url, "?#") ||
        !(*host == '[' || isalnum((unsigned char)*host)))
        return error_set(err,
                         "KSEARCH_REMOTE is no plain URL: a server and a path, without ? and #");
    n = strlen(r->url);
    r->flat = n > 3 && strcmp(r->url + n - 3, "/ac") == 0;
    return 0;
}

static int read_mode(struct remote *r, struct error *err)
{
    const char *mode = env_given("KSEARCH_REMOTE_MODE");

    r->is_mode_given = mode != NULL;
    r->mode = mode && strcmp(mode, "read-write") == 0 ? REMOTE_WRITES : REMOTE_READS;
    if (mode && r->mode == REMOTE_READS && strcmp(mode, "read-only") != 0)
        return error_set(err, "KSEARCH_REMOTE_MODE=%s is neither read-only nor read-write", mode);
    return 0;
}

static int read_credentials(struct remote *r, struct error *err)
{
    const char *token = env_given("KSEARCH_REMOTE_TOKEN"),
               *login = env_given("KSEARCH_REMOTE_LOGIN");

    if (token && !is_plain(token))
        return error_set(err, "KSEARCH_REMOTE_TOKEN holds a blank or a control character");
    if (login && !strchr(login, ':'))
        return error_set(err, "KSEARCH_REMOTE_LOGIN is not user:password");
    if (token)
        r->token = copy(token, strlen(token));
    if (login)
        r->login = copy(login, strlen(login));
    return 0;
}

static int read_variables(struct remote *r, const char *url, struct error *err)
{
    const char *seconds = env_given("KSEARCH_REMOTE_TIMEOUT");

    r->seconds = seconds ? duration_seconds(seconds) : SECONDS;
    if (seconds && !(r->seconds > 0))
        return error_set(err, "KSEARCH_REMOTE_TIMEOUT=%s is no time (2s, 1min)", seconds);
    if (read_mode(r, err) < 0 || read_url(r, url, err) < 0 ||
        (!r->folder && read_credentials(r, err) < 0))
        return -1;
    return 0;
}

int remote_open(const char *cache_dir, bool asked, struct remote **opened, struct error *err)
{
    const char *url = env_given("KSEARCH_REMOTE");
    struct remote *r;

    *opened = NULL;
    if (!url)
        return 0;
    r = calloc(1, sizeof *r);
    if (!r)
        fatal("out of memory");
    r->asked = asked;
    if (read_variables(r, url, err) < 0) {
        remote_close(r);
        return -1;
    }
    state_init(&r->state, cache_dir, r->url);
    *opened = r;
    return 1;
}

static void forget(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void remote_close(struct remote *r)
{
    if (!r)
        return;
    web_close(r->web);
    state_release(&r->state);
    free(r->url);
    forget(r->login);
    forget(r->token);
    free(r);
}

static bool is_local(const char *url)
{
    const char *host = strstr(url, "://") + 3;

    return !strncmp(host, "127.", 4) || !strncmp(host, "localhost", 9) ||
           !strncmp(host, "[::1]", 5);
}

void remote_about(const struct remote *r, struct remote_about *about)
{
    *about = (struct remote_about){
        .url = r->url,
        .mode = r->mode,
        .is_mode_given = r->is_mode_given,
        .has_what = r->token   ? "a token"
                    : r->login ? "a login"
                               : "",
    };
    about->is_open = *about->has_what && strncmp(r->url, "http://", 7) == 0 && !is_local(r->url);
}

/* ---- trouble ------------------------------------------------------------------------------- */

void remote_warn(struct remote *r, const char *format, ...)
{
    struct error text = {""};
    va_list args;

    va_start(args, format);
    vsnprintf(text.text, sizeof text.text, format, args);
    va_end(args);
    if (!r->asked && state_says(&r->state, text.text))
        log_warn("%s", text.text);
}

static void give_up(struct remote *r, bool only_writing, const char *why)
{
    if (r->asked)
        return;
    r->is_given_up |= !only_writing;
    if (state_give_up(&r->state, only_writing, why))
        log_warn("the remote cache %s %s: %s; this build goes on without it", r->url,
                 only_writing ? "takes no records" : "is left alone", why);
}

void remote_give_up(struct remote *r, const char *why)
{
    give_up(r, false, why);
}

/* has somebody given it up meanwhile? */
static bool is_over(void *arg)
{
    struct remote *r = arg;
    struct error why = {""};

    return !r->asked && state_is_given_up(&r->state, false, &why);
}

/* what a request may take; nothing is left where this build waited too often */
static double seconds_left(struct remote *r)
{
    return r->asked ? r->seconds : r->seconds - state_lose(&r->state, 0);
}

/* after a request: what it took, and what it means for those to come */
static void note(struct remote *r, enum answer answer, bool writes, double took, struct error *err)
{
    double lost = 0;

    if (r->asked || proc_interrupted())
        return;
    if (took > FREE_SECONDS)
        lost = state_lose(&r->state, took - FREE_SECONDS);
    if (answer == ANSWER_LOST)
        give_up(r, false, err->text);
    else if (answer == ANSWER_REFUSED)
        give_up(r, writes, err->text);
    else if (lost > 0 && lost >= 0.9 * r->seconds)
        give_up(r, false, "it is too slow (KSEARCH_REMOTE_TIMEOUT)");
}

/* ---- requests ------------------------------------------------------------------------------ */

/* where a key lies, below the URL */
static void key_name(const struct remote *r, const char *hex, char name[67])
{
    if (r->flat)
        snprintf(name, 67, "%.64s", hex);
    else
        snprintf(name, 67, "%.2s/%.62s", hex, hex + 2);
}

struct request {
    const char *method, *name;
    const void *body;
    size_t n;
    struct buf *reply;
};

static enum answer ask_web(struct remote *r, const struct request *q, double seconds,
                           struct error *err)
{
    enum answer answer;
    char *url;

    if (!r->web && !(r->web = web_open(err)))
        return ANSWER_LOST;
    if (asprintf(&url, "%s/%s", r->url, q->name) < 0)
        fatal("out of memory");
    answer = web_ask(r->web,
                     &(struct web_request){.method = q->method,
                                           .url = url,
                                           .login = r->login,
                                           .token = r->token,
                                           .body = q->body,
                                           .n = q->n,
                                           .seconds = seconds,
                                           .reply = q->reply,
                                           .is_over = is_over,
                                           .arg = r},
                     err);
    if (answer != ANSWER_YES && q->reply)
        buf_clear(q->reply); /* a page of the server's */
    free(url);
    return answer;
}

static enum answer ask_folder(const struct remote *r, const struct request *q, double seconds,
                              struct error *err)
{
    if (q->body)
        return folder_put(r->folder, q->name, q->body, q->n, seconds, err);
    if (q->reply)
        return folder_get(r->folder, q->name, seconds, q->reply, err);
    return folder_look(r->folder, r->mode == REMOTE_WRITES, seconds, err);
}

static enum answer ask(struct remote *r, const struct request *q, struct error *err)
{
    double began = now_seconds(), seconds = seconds_left(r);
    struct error why = {""};
    enum answer answer = ANSWER_LOST;
    bool writes = q->body != NULL;

    if (!r->asked && (r->is_given_up || state_is_given_up(&r->state, writes, &why))) {
        error_set(err, "the remote cache %s is left alone: %s", r->url, why.text);
        return ANSWER_LOST;
    }
    if (seconds <= 0)
        error_set(&why, "it is too slow (KSEARCH_REMOTE_TIMEOUT)");
    else
        answer = r->folder ? ask_folder(r, q, seconds, &why) : ask_web(r, q, seconds, &why);
    note(r, answer, writes, now_seconds() - began, &why);
    if (answer == ANSWER_LOST || answer == ANSWER_REFUSED)
        error_set(err, "the remote cache %s: %s", r->url, why.text);
    log_debug("remote cache: %s %s: %s", q->method, q->name,
              answer == ANSWER_YES  ? "yes"
              : answer == ANSWER_NO ? "nothing there"
                                    : why.text);
    return answer;
}

int remote_get(struct remote *r, const struct key *key, struct buf *bytes, struct error *err)
{
    char hex[65], name[67];
    enum answer answer;

    hash_hex(&key->all, hex);
    key_name(r, hex, name);
    answer = ask(r, &(struct request){.method = "GET", .name = name, .reply = bytes}, err);
    return answer == ANSWER_YES ? 1 : answer == ANSWER_NO ? 0 : -1;
}

int remote_put(struct remote *r, const struct key *key, const void *bytes, size_t n,
               struct error *err)
{
    char hex[65], name[67];

    hash_hex(&key->all, hex);
    key_name(r, hex, name);
    return ask(r, &(struct request){.method = "PUT", .name = name, .body = bytes, .n = n}, err) ==
                   ANSWER_YES
               ? 0
               : -1;
}

int remote_look(struct remote *r, struct error *err)
{
    char name[67];
    enum answer answer;

    key_name(r, NO_KEY, name);
    answer = ask(r, &(struct request){.method = "HEAD", .name = name}, err);
    if (answer != ANSWER_YES && answer != ANSWER_NO)
        return -1;
    state_forget(&r->state);
    return 0;
}
