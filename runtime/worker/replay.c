/* runtime/worker/replay.c - see replay.h.
 *
 * Samples of all lines of one key run together, and each request takes the next ones, from the
 * start again at the end: so a search over a recording sees the noise that the GPU had. */
#include "runtime/worker/replay.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/worker/refusal.h"

void names_init(struct names *n)
{
    n->entry = NULL;
    n->points = json_object();
    n->variants = json_pack("{s:s}", "0", "original");
}

void names_release(struct names *n)
{
    json_decref(n->entry);
    json_decref(n->points);
    json_decref(n->variants);
    memset(n, 0, sizeof *n);
}

static const char *op_of(const json_t *request)
{
    const char *op = json_string_value(json_object_get(request, "op"));

    return op ? op : "";
}

static const char *id_text(const json_t *id, char text[32])
{
    snprintf(text, 32, "%lld", (long long)json_integer_value(id));
    return text;
}

void names_note(struct names *n, const json_t *request)
{
    const char *op = op_of(request);
    char id[32];

    if (!strcmp(op, "open")) {
        names_release(n);
        names_init(n);
        n->entry = json_incref(json_object_get(request, "entry"));
    } else if (!strcmp(op, "point")) {
        json_object_set(n->points, id_text(json_object_get(request, "point"), id),
                        json_object_get(request, "label"));
    } else if (!strcmp(op, "variant")) {
        json_t *name = json_object_get(request, "name");
        json_object_set(n->variants, id_text(json_object_get(request, "variant"), id),
                        name ? name : json_object_get(request, "tunables"));
    }
}

/* what an id stands for, into the key */
static void key_add(json_t *key, const char *as, const json_t *table, const json_t *id)
{
    char text[32];
    json_t *name = json_is_integer(id) ? json_object_get(table, id_text(id, text)) : NULL;

    if (name)
        json_object_set(key, as, name);
    else
        json_object_set_new(key, as, json_null());
}

static json_t *labels_of(const struct names *n, const json_t *points)
{
    json_t *labels = json_array(), *id;
    char text[32];
    size_t i;

    json_array_foreach(points, i, id)
    {
        json_t *label = json_object_get(n->points, id_text(id, text));

        if (label)
            json_array_append(labels, label);
        else
            json_array_append_new(labels, json_null());
    }
    return labels;
}

/* NULL for what is not recorded. The labels of a check are no part of its key. */
static json_t *key_of(const struct names *n, const json_t *request)
{
    static const char *const recorded[] = {"hello",   "open",  "check",   "time", "pair",
                                           "variant", "floor", "profile", "peaks"};
    const char *op = op_of(request);
    json_t *key = NULL;

    for (size_t i = 0; i < sizeof recorded / sizeof *recorded && !key; i++)
        if (!strcmp(op, recorded[i]))
            key = json_pack("{s:s}", "op", op);
    if (!key || !strcmp(op, "hello") || !strcmp(op, "peaks")) /* of the card, not of an entry */
        return key;
    json_object_set(key, "entry", n->entry ? n->entry : json_null());
    if (!strcmp(op, "time") || !strcmp(op, "pair") || !strcmp(op, "floor") ||
        !strcmp(op, "profile"))
        key_add(key, "label", n->points, json_object_get(request, "point"));
    if (!strcmp(op, "time") || !strcmp(op, "check") || !strcmp(op, "variant") ||
        !strcmp(op, "profile"))
        key_add(key, "variant", n->variants, json_object_get(request, "variant"));
    if (!strcmp(op, "profile"))
        json_object_set(key, "tier", json_object_get(request, "tier"));
    if (!strcmp(op, "pair")) {
        key_add(key, "a", n->variants, json_object_get(request, "a"));
        key_add(key, "b", n->variants, json_object_get(request, "b"));
    }
    return key;
}

/* ---- recording ---- */

static json_t *line_of(const struct names *n, const json_t *request, const json_t *reply)
{
    json_t *key = key_of(n, request), *line;
    char text[32];

    if (!key)
        return NULL;
    line = json_pack("{s:o, s:O}", "key", key, "reply", reply);
    if (!strcmp(op_of(request), "check")) {
        json_t *failed = json_object_get(reply, "point");

        json_object_set_new(line, "labels", labels_of(n, json_object_get(request, "points")));
        if (failed)
            json_object_set(line, "failed", json_object_get(n->points, id_text(failed, text)));
    }
    return line;
}

int record_append(const char *path, const struct names *n, const json_t *request,
                  const json_t *reply, struct error *err)
{
    json_t *line = line_of(n, request, reply);
    char *text;
    size_t len;
    ssize_t written;
    int fd;

    if (!line)
        return 0;
    text = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(line);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || !text) {
        free(text);
        return error_errno(err, "cannot write to %s", path);
    }
    len = strlen(text);
    text[len] = '\n'; /* in one write with its line end, so that lines of two workers stay whole */
    flock(fd, LOCK_EX);
    written = write(fd, text, len + 1);
    free(text);
    if (close(fd) || written != (ssize_t)len + 1)
        return error_errno(err, "cannot write to %s", path);
    return 0;
}

/* ---- replaying ---- */

struct replay {
    json_t *answers; /* text of a key: {"lines": [line...], "reply": all samples, "next": n} */
};

static char *key_text(const json_t *key)
{
    return json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
}

static const char *const series[] = {"us", "mhz", "a", "b", "a_mhz", "b_mhz", "uj", "a_uj", "b_uj"};
enum { SERIES = sizeof series / sizeof *series };

static bool is_good(const json_t *reply)
{
    const json_t *pass = json_object_get(reply, "pass");

    return json_is_true(json_object_get(reply, "ok")) && (!pass || json_is_true(pass));
}

/* Counters are had at one time and not at another: what was had is kept. */
static bool is_lack(const json_t *reply)
{
    const char *class = json_string_value(json_object_get(reply, "class"));

    return class && !strcmp(class, REFUSE_UNSUPPORTED);
}

/* samples are added to those of before; a failure hides all samples, as it would stop a search */
static void answer_merge(json_t *answer, const char *op, json_t *reply)
{
    json_t *have = json_object_get(answer, "reply");
    bool is_profile = !strcmp(op, "profile");

    if (have && is_profile && is_lack(reply))
        return;
    if (!have || (is_good(have) && !is_good(reply)) || (is_profile && is_lack(have))) {
        json_object_set_new(answer, "reply", json_deep_copy(reply));
        return;
    }
    for (int i = 0; i < SERIES && is_good(reply) && is_good(have); i++)
        json_array_extend(json_object_get(have, series[i]), json_object_get(reply, series[i]));
}

static int line_add(struct replay *p, const char *text, size_t len, struct error *err)
{
    json_error_t why;
    json_t *line = json_loadb(text, len, 0, &why), *answer;
    json_t *key = json_object_get(line, "key"), *reply = json_object_get(line, "reply");
    char *name;

    if (!line)
        return error_set(err, "%s", why.text);
    if (!json_is_object(key) || !json_is_object(reply)) {
        json_decref(line);
        return error_set(err, "no key or no reply");
    }
    name = key_text(key);
    answer = json_object_get(p->answers, name);
    if (!answer) {
        answer = json_pack("{s:[], s:i}", "lines", "next", 0);
        json_object_set_new(p->answers, name, answer);
    }
    answer_merge(answer, op_of(key), reply);
    json_array_append_new(json_object_get(answer, "lines"), line);
    free(name);
    return 0;
}

struct replay *replay_open(const char *path, struct error *err)
{
    struct replay *p = calloc(1, sizeof *p);
    struct error why = {{0}};
    struct buf text;
    size_t row = 1;

    buf_init(&text, BUF_LIMIT);
    p->answers = json_object();
    if (fs_read(path, &text, err))
        goto failed;
    for (const char *at = buf_text(&text), *end; *at; at = *end ? end + 1 : end, row++) {
        end = strchrnul(at, '\n');
        if (end > at && line_add(p, at, (size_t)(end - at), &why)) {
            error_set(err, "%s:%zu: not a line of a recording: %s", path, row, why.text);
            goto failed;
        }
    }
    buf_release(&text);
    return p;
failed:
    buf_release(&text);
    replay_close(p);
    return NULL;
}

void replay_close(struct replay *p)
{
    if (!p)
        return;
    json_decref(p->answers);
    free(p);
}

static json_t *not_recorded(const char *what)
{
    return json_pack("{s:b, s:s, s:s+}", "ok", 0, "class", REFUSE_LIMIT, "error",
                     "not in the recording: ", what);
}

/* the next n of a series, round and round */
static json_t *series_take(const json_t *all, size_t next, size_t n)
{
    json_t *some = json_array();

    for (size_t i = 0; i < n && json_array_size(all); i++)
        json_array_append(some, json_array_get(all, (next + i) % json_array_size(all)));
    return some;
}

static json_t *take_samples(json_t *answer, size_t n)
{
    json_t *all = json_object_get(answer, "reply"), *reply = json_copy(all);
    json_int_t next = json_integer_value(json_object_get(answer, "next"));

    for (int i = 0; i < SERIES; i++)
        if (json_object_get(all, series[i]))
            json_object_set_new(reply, series[i],
                                series_take(json_object_get(all, series[i]), (size_t)next, n));
    json_object_set_new(answer, "next", json_integer(next + (json_int_t)n));
    return reply;
}

static bool has_label(const json_t *labels, const json_t *label)
{
    json_t *one;
    size_t i;

    json_array_foreach(labels, i, one)
    {
        if (json_equal(one, label))
            return true;
    }
    return false;
}

/* 1 when a line says that this variant passed at the label; 0 when none speaks of it. A line that
 * says otherwise is in *failed. */
static int check_find(const json_t *answer, const json_t *label, json_t **failed)
{
    json_t *line;
    size_t i;
    int found = 0;

    json_array_foreach(json_object_get(answer, "lines"), i, line)
    {
        json_t *reply = json_object_get(line, "reply");

        if (json_equal(json_object_get(line, "failed"), label) ||
            (!json_is_true(json_object_get(reply, "ok")) &&
             has_label(json_object_get(line, "labels"), label)))
            *failed = reply;
        else if (is_good(reply) && has_label(json_object_get(line, "labels"), label))
            found = 1;
    }
    return found;
}

static json_t *answer_check(const json_t *answer, const struct names *n, const json_t *request)
{
    json_t *points = json_object_get(request, "points"), *labels = labels_of(n, points), *label;
    json_t *failed = NULL, *reply = NULL;
    size_t i;

    json_array_foreach(labels, i, label)
    {
        int found = check_find(answer, label, &failed);

        if (failed) {
            reply = json_deep_copy(failed);
            if (json_object_get(reply, "point"))
                json_object_set(reply, "point", json_array_get(points, i));
            break;
        }
        if (!found) {
            reply = not_recorded("check");
            break;
        }
    }
    json_decref(labels);
    return reply ? reply : json_pack("{s:b, s:b}", "ok", 1, "pass", 1);
}

json_t *replay_answer(struct replay *p, const struct names *n, const json_t *request)
{
    static const char *const silent[] = {"point", "module", "drop", "close"};
    const char *op = op_of(request);
    const char *count = !strcmp(op, "pair") ? "pairs" : "samples";
    json_t *key = key_of(n, request), *answer, *reply;
    char *name;

    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (!strcmp(op, silent[i]))
            return json_pack("{s:b}", "ok", 1);
    if (!key)
        return json_pack("{s:b, s:s, s:s+}", "ok", 0, "class", REFUSE_PROTOCOL, "error",
                         "there is no op: ", op);
    name = key_text(key);
    answer = json_object_get(p->answers, name);
    free(name);
    json_decref(key);
    if (!answer)
        return not_recorded(op);
    if (!strcmp(op, "check"))
        return answer_check(answer, n, request);
    reply = json_object_get(answer, "reply");
    if (is_good(reply) && (!strcmp(op, "time") || !strcmp(op, "pair")))
        return take_samples(answer, (size_t)json_integer_value(json_object_get(request, count)));
    reply = json_deep_copy(reply);
    if (json_object_get(reply, "point"))
        json_object_set(reply, "point", json_object_get(request, "point"));
    return reply;
}
