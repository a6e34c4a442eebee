/* driver/share/state.c
 *
 *     {"since": 1764130000, "used": 1764130020, "lost": 0.8, "given_up": "why", "no_writing":
 * "why", "said": ["hash of a text", ...]}
 *
 * Times are seconds since 1970; all but the first two may be absent. Every call reads the file,
 * changes it and writes it under a flock; one that holds anything else, after a process was killed
 * in the middle, is an empty one. */
#include "driver/share/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cache/hash.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum { BYTES_MAX = 64 << 10, SAID_MAX = 100, HASH_DIGITS = 16, TOUCH_SECONDS = 15 };

/* the folder of our own in the user's run-time folder, else in the cache's; NULL */
static char *state_folder(const char *cache_dir)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat st;
    char *path = NULL;

    if (runtime && *runtime == '/' && stat(runtime, &st) == 0 && st.st_uid == geteuid()) {
        if (asprintf(&path, "%s/ksearch", runtime) < 0)
            fatal("out of memory");
        if (fs_mkdirs(path, NULL) == 0 && access(path, W_OK | X_OK) == 0)
            return path;
        free(path);
    }
    if (!cache_dir || asprintf(&path, "%s/remotes", cache_dir) < 0)
        return NULL;
    if (fs_mkdirs(path, NULL) == 0 && access(path, W_OK | X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static void text_hash(const char *text, char hex[HASH_DIGITS + 1])
{
    struct hash h = hash_bytes(text, strlen(text));
    char all[65];

    hash_hex(&h, all);
    snprintf(hex, HASH_DIGITS + 1, "%.*s", HASH_DIGITS, all);
}

void state_init(struct state *s, const char *cache_dir, const char *url)
{
    char hex[HASH_DIGITS + 1], *folder = state_folder(cache_dir);

    *s = (struct state){0};
    text_hash(url, hex);
    if (folder && asprintf(&s->path, "%s/remote-%s.json", folder, hex) < 0)
        fatal("out of memory");
    free(folder);
}

void state_release(struct state *s)
{
    free(s->path);
    json_decref(s->own);
    *s = (struct state){0};
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool is_over(const json_t *state, time_t now)
{
    json_int_t since = json_integer_value(json_object_get(state, "since")),
               used = json_integer_value(json_object_get(state, "used"));

    return since > now || used > now || now - used > STATE_QUIET_SECONDS ||
           now - since > STATE_MOST_SECONDS;
}

static json_t *read_json(int fd)
{
    char *text = malloc(BYTES_MAX);
    ssize_t n = text ? pread(fd, text, BYTES_MAX, 0) : -1;
    json_t *state = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

    free(text);
    return state;
}

/* what is known now, and in *fd the locked file; a new one where nothing is */
static json_t *state_take(struct state *s, int *fd)
{
    time_t now = time(NULL);
    json_t *state;

    *fd = s->path ? open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    while (*fd >= 0 && flock(*fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    state = *fd >= 0 ? read_json(*fd) : json_incref(s->own);
    if (!json_is_object(state) || is_over(state, now)) {
        json_decref(state);
        state = json_pack("{s:I, s:I}", "since", (json_int_t)now, "used", (json_int_t)now);
    }
    return state;
}

/* lets go of it, and writes it where it changed */
static void state_put(struct state *s, json_t *state, int fd, bool changed)
{
    char *text = changed ? json_dumps(state, JSON_COMPACT) : NULL;
    ssize_t n = 0;

    if (changed && fd < 0) {
        json_decref(s->own);
        s->own = json_incref(state);
    } else if (text) {
        n = pwrite(fd, text, strlen(text), 0);
        if (n < 0 || ftruncate(fd, n) < 0)
            log_debug("%s cannot be written: %s", s->path, strerror(errno));
    }
    free(text);
    if (fd >= 0)
        close(fd);
    json_decref(state);
}

/* does anybody have anything to say? Without a lock: of most remotes there is nothing */
static bool is_silent(const struct state *s)
{
    struct stat st;

    return s->path ? stat(s->path, &st) < 0 || st.st_size == 0 : !s->own;
}

static bool touch(json_t *state)
{
    time_t now = time(NULL);

    if (now - json_integer_value(json_object_get(state, "used")) < TOUCH_SECONDS)
        return false;
    json_object_set_new(state, "used", json_integer((json_int_t)now));
    return true;
}

/* ---- what is asked ------------------------------------------------------------------------- */

bool state_is_given_up(struct state *s, bool writing, struct error *why)
{
    const char *text;
    json_t *state;
    bool changed = false;
    int fd;

    if (is_silent(s))
        return false;
    state = state_take(s, &fd);
    text = json_string_value(json_object_get(state, "given_up"));
    if (!text && writing)
        text = json_string_value(json_object_get(state, "no_writing"));
    if (text) {
        error_set(why, "%s", text);
        changed = touch(state);
    }
    state_put(s, state, fd, changed);
    return why->text[0] != '\0';
}

bool state_give_up(struct state *s, bool only_writing, const char *why)
{
    const char *name = only_writing ? "no_writing" : "given_up";
    int fd;
    json_t *state = state_take(s, &fd);
    bool first = !json_object_get(state, name) && !json_object_get(state, "given_up");

    if (first)
        json_object_set_new(state, name, json_string(why));
    touch(state);
    state_put(s, state, fd, true);
    return first;
}

double state_lose(struct state *s, double seconds)
{
    json_t *state;
    double lost;
    int fd;

    if (seconds <= 0 && is_silent(s))
        return 0;
    state = state_take(s, &fd);
    lost = json_number_value(json_object_get(state, "lost")) + seconds;
    if (seconds > 0) {
        json_object_set_new(state, "lost", json_real(lost));
        touch(state);
    }
    state_put(s, state, fd, seconds > 0);
    return lost;
}

bool state_says(struct state *s, const char *text)
{
    char hex[HASH_DIGITS + 1];
    json_t *state, *said, *one;
    bool first = true;
    size_t i;
    int fd;

    text_hash(text, hex);
    state = state_take(s, &fd);
    said = json_object_get(state, "said");
    if (!json_is_array(said)) {
        said = json_array();
        json_object_set_new(state, "said", said);
    }
    json_array_foreach(said, i, one) if (json_is_string(one) &&
                                         !strcmp(json_string_value(one), hex)) first = false;
    if (first && json_array_size(said) < SAID_MAX)
        json_array_append_new(said, json_string(hex));
    touch(state);
    state_put(s, state, fd, true);
    return first;
}

void state_forget(struct state *s)
{
    json_decref(s->own);
    s->own = NULL;
    if (s->path && truncate(s->path, 0) < 0)
        log_debug("%s is not there", s->path);
}
