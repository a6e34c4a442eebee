/* tests/fake/remote_server.c - a remote cache on 127.0.0.1 that does what a file says.
 *
 *   remote_server FOLDER        prints its port; keeps what is put under FOLDER/files
 *
 * Before each answer it reads FOLDER/mode, a line; no file is "ok":
 *
 *   ok              GET, HEAD and PUT of files, as a server of files does them
 *   ac              as bazel-remote 2 with --disable_http_ac_validation (its server/http.go): paths
 *                   that end in ac/<64 digits>, with anything before; below cas/ what has that
 *                   SHA-256, and our keys are none; 400 to all else, and to what is put without
 *                   its length; 405 to other methods
 *   validated       as it is without that option: what is put below ac/ has to be an ActionResult,
 *                   and only such is there
 *   stall           take the request and say nothing
 *   slow MS         answer rightly, so much later
 *   drip            send the answer a byte at a time, one in 50 ms
 *   truncate        promise more than is sent; cut: send half without a promise
 *   corrupt N       change byte N of a file, counted from its end when negative
 *   other HEX       give the file of that key, whatever is asked for
 *   page            200, with a page to log in
 *   endless         200, with a body that does not end
 *   garbage         what is no HTTP
 *   redirect URL    302 to there
 *   status N        that status to all; put N: to what is put; retry N: 429 with Retry-After: N
 *   auth TEXT       401 but for requests with the header "Authorization: TEXT"
 *
 * FOLDER/log gets a line a request: method, path, what it was authorized with, bytes of the body.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "tests/fake/http.h"

static const char *folder;

struct request {
    int fd;
    char method[16], path[512], authorization[512];
    char *body;
    size_t n;
    bool has_length;
    char mode[64], argument[512]; /* of the file */
};

static void put_bytes(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done <= 0)
            _exit(0);
        bytes += done;
        n -= (size_t)done;
    }
}

static const char *in_folder(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool is_mode(const struct request *q, const char *name)
{
    return strcmp(q->mode, name) == 0;
}

/* ---- answers ------------------------------------------------------------------------------ */

/* a whole answer; of HEAD without the body */
static void answer(const struct request *q, int status, const char *more, const char *body,
                   size_t n)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_addf(&b, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n", status,
             n + (is_mode(q, "truncate") && n ? 100 : 0), more);
    if (strcmp(q->method, "HEAD") != 0)
        buf_add(&b, body, is_mode(q, "truncate") ? n / 2 : n);
    for (size_t i = 0; is_mode(q, "drip") && i < b.len; i++) {
        put_bytes(q->fd, b.data + i, 1);
        nap(50);
    }
    if (!is_mode(q, "drip"))
        put_bytes(q->fd, b.data, b.len);
    buf_release(&b);
    if (is_mode(q, "truncate") && n)
        _exit(0);
}

static void answer_text(const struct request *q, int status, const char *more)
{
    answer(q, status, more, "a page", 6);
}

static bool is_bazel(const struct request *q)
{
    return is_mode(q, "ac") || is_mode(q, "validated");
}

/* ^/?(.*\/)?(ac/|cas/)([a-f0-9]{64})$ */
static bool is_bazel_path(const char *path)
{
    const char *digits = strrchr(path, '/') + 1, *kind = digits - 1;

    while (kind > path && kind[-1] != '/')
        kind--;
    return strlen(digits) == 64 && strspn(digits, "0123456789abcdef") == 64 &&
           (strncmp(kind, "ac/", 3) == 0 || strncmp(kind, "cas/", 4) == 0);
}

static bool is_below_cas(const char *path)
{
    return strncmp(strrchr(path, '/') - 4, "/cas", 4) == 0;
}

/* the path of a file that a request names, in a new string; NULL when it may not be named */
static char *file_of(const struct request *q)
{
    const char *path = q->path;
    char *file;

    if (strstr(path, "..") || path[strlen(path) - 1] == '/')
        return NULL;
    return asprintf(&file, "%s/files%s", folder, path) < 0 ? NULL : file;
}

/* in the place of the file's name: that of another key */
static void take_other(struct request *q)
{
    char *slash = strrchr(q->path, '/');

    if (slash && slash - q->path >= 3)
        snprintf(slash - 2, sizeof q->path - (size_t)(slash - 2 - q->path), "%.2s/%s", q->argument,
                 q->argument + 2);
}

static void get(struct request *q)
{
    struct buf b;
    char *file;

    if (is_mode(q, "other"))
        take_other(q);
    file = file_of(q);
    buf_init(&b, BUF_LIMIT);
    if (!file || !fs_exists(file) || fs_read(file, &b, NULL) < 0) {
        answer_text(q, 404, "");
    } else if (is_mode(q, "cut")) {
        put_bytes(q->fd, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n", 38);
        put_bytes(q->fd, b.data, b.len / 2);
        _exit(0);
    } else {
        long at = is_mode(q, "corrupt") ? strtol(q->argument, NULL, 10) : 0;
        if (is_mode(q, "corrupt"))
            b.data[at < 0 ? (long)b.len + at : at] ^= 1;
        answer(q, 200, "", buf_text(&b), b.len);
    }
    buf_release(&b);
    free(file);
}

static void put(const struct request *q)
{
    char *file = file_of(q), *in = file ? fs_dir(file) : NULL;

    if (is_mode(q, "put"))
        answer_text(q, atoi(q->argument), "");
    else if (!file || fs_mkdirs(in, NULL) < 0 || fs_write(file, q->body, q->n, NULL) < 0)
        answer_text(q, 403, "");
    else
        answer(q, is_bazel(q) ? 200 : 201, "", "", 0);
    free(in);
    free(file);
}

/* what bazel-remote refuses; true when that is all */
static bool refuse(const struct request *q)
{
    bool puts = strcmp(q->method, "PUT") == 0;
    int status = 0;

    if (!is_bazel_path(q->path))
        status = 400;
    else if (!puts && strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0)
        status = 405;
    else if (puts && (!q->has_length || is_mode(q, "validated") || is_below_cas(q->path)))
        status = 400; /* no row of ours is an ActionResult */
    else if (!puts && is_mode(q, "validated"))
        status = 404;
    if (status)
        answer_text(q, status, "");
    return status;
}

/* modes that need not know what was asked; true when that is all */
static bool misbehave(const struct request *q)
{
    char header[600];

    if (is_mode(q, "stall"))
        for (;;)
            nap(1000);
    if (is_mode(q, "slow"))
        nap(strtol(q->argument, NULL, 10));
    if (is_mode(q, "endless"))
        put_bytes(q->fd, "HTTP/1.1 200 X\r\n\r\n", 18);
    while (is_mode(q, "endless"))
        put_bytes(q->fd, header, sizeof header);
    if (is_mode(q, "garbage")) {
        put_bytes(q->fd, "SSH-2.0-what\r\n\r\n", 16);
        _exit(0);
    }
    if (is_mode(q, "auth") && strcmp(q->authorization, q->argument) != 0)
        answer_text(q, 401, "WWW-Authenticate: Basic realm=\"x\"\r\n");
    else if (is_mode(q, "status"))
        answer_text(q, atoi(q->argument), "");
    else if (is_mode(q, "retry") || is_mode(q, "redirect")) {
        snprintf(header, sizeof header, "%s: %s\r\n",
                 is_mode(q, "retry") ? "Retry-After" : "Location", q->argument);
        answer_text(q, is_mode(q, "retry") ? 429 : 302, header);
    } else if (is_mode(q, "page"))
        answer(q, 200, "Content-Type: text/html\r\n", "<html>Please log in</html>", 26);
    else
        return false;
    return true;
}

/* ---- requests ----------------------------------------------------------------------------- */

static void read_mode(struct request *q)
{
    FILE *f = fopen(in_folder("mode"), "r");
    char line[sizeof q->mode + sizeof q->argument] = "ok";

    if (f && !fgets(line, sizeof line, f))
        line[0] = '\0';
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%63s %511[^\n]", q->mode, q->argument) < 1)
        snprintf(q->mode, sizeof q->mode, "ok");
}

static void note(const struct request *q)
{
    int fd = open(in_folder("log"), O_WRONLY | O_APPEND | O_CREAT, 0600);

    dprintf(fd, "%s %s [%s] %zu\n", q->method, q->path, q->authorization, q->n);
    close(fd);
}

static void serve_one(int fd, const char *head)
{
    struct request q = {.fd = fd};
    char length[32];
    ssize_t got;

    if (sscanf(head, "%15s %511s", q.method, q.path) != 2 || q.path[0] != '/')
        _exit(0);
    header(head, "Authorization", q.authorization, sizeof q.authorization);
    header(head, "Content-Length", length, sizeof length);
    size_t most = strtoul(length, NULL, 10);
    q.has_length = *length;
    q.body = calloc(1, most + 1);
    while (q.n < most && (got = read(fd, q.body + q.n, most - q.n)) > 0)
        q.n += (size_t)got;
    read_mode(&q);
    note(&q);
    if (!misbehave(&q) && !(is_bazel(&q) && refuse(&q))) {
        if (!strcmp(q.method, "PUT"))
            put(&q);
        else
            get(&q);
    }
    free(q.body);
}

int main(int argc, char **argv)
{
    static char head[65536];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (argc != 2 || fd < 0 || bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        return 1;
    folder = argv[1];
    signal(SIGCHLD, SIG_IGN);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        if (client < 0)
            continue;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(fd);
            while (read_head(client, head, sizeof head))
                serve_one(client, head);
            _exit(0);
        }
        close(client);
    }
}
