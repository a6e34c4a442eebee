/* tests/planrun.c - has a worker check one variant that has a plan, for shell tests.
 *
 *   planrun WORKER LABEL HARNESS CUBIN PLAN DIMS ARRAYS
 *
 * PLAN is a file of JSON; DIMS are numbers, "7,17"; ARRAYS roles and names, "in:x,out:y": inputs
 * are zeros. Prints each reply that is no plain success, and the reply to the check. */
#include "tests/gpu/client.h"

#include "runtime/base/fs.h"
#include "runtime/base/log.h"

static json_t *ask(struct client *c, json_t *request, const struct buf *blob)
{
    json_t *reply = client_ask(c, request, blob ? blob->data : NULL, blob ? blob->len : 0, 60000);

    if (!reply)
        fatal("the worker does not answer");
    return reply;
}

static void tell(struct client *c, json_t *request, const struct buf *blob)
{
    json_t *reply = ask(c, request, blob);

    if (!json_is_true(json_object_get(reply, "ok")))
        fatal("%s", json_dumps(reply, JSON_COMPACT));
    json_decref(reply);
}

static void print(const json_t *reply)
{
    json_dumpf(reply, stdout, JSON_COMPACT);
    putchar('\n');
}

static json_t *dims_json(const char *text)
{
    json_t *list = json_array();

    for (char *end; *text; text = end + (*end == ',')) {
        json_array_append_new(list, json_integer(strtoll(text, &end, 10)));
        if (end == text)
            fatal("'%s' are no numbers", text);
    }
    return list;
}

static json_t *arrays_json(const char *text)
{
    json_t *list = json_array();
    char role[16], name[64];
    int n;

    for (; sscanf(text, "%15[a-z]:%63[A-Za-z0-9_]%n", role, name, &n) == 2;
         text += n + (text[n] == ','))
        json_array_append_new(list, json_pack("{s:s,s:s,s:{s:s,s:[]}}", "name", name, "role", role,
                                              "gen", "name", "zeros", "args"));
    return list;
}

static void read_file(const char *path, struct buf *b)
{
    struct error err = {""};

    buf_init(b, BUF_LIMIT);
    if (fs_read(path, b, &err))
        fatal("%s", err.text);
}

int main(int argc, char **argv)
{
    struct buf harness, cubin, text;
    struct client c;
    json_t *names = json_array(), *dims, *plan, *reply;

    if (argc != 8)
        fatal("planrun WORKER LABEL HARNESS CUBIN PLAN DIMS ARRAYS");
    read_file(argv[3], &harness);
    read_file(argv[4], &cubin);
    read_file(argv[5], &text);
    dims = dims_json(argv[6]);
    for (size_t i = 0; i < json_array_size(dims); i++)
        json_array_append_new(names, json_string("d"));
    plan = json_loadb(text.data, text.len, 0, NULL);
    if (!plan)
        fatal("%s is no JSON", argv[5]);
    c = client_start(argv[1], NULL, NULL);
    tell(&c,
         json_pack("{s:s,s:s,s:b,s:i,s:o,s:o,s:{}}", "op", "open", "entry", argv[2], "kernel", 0,
                   "seed", 1, "dims", names, "arrays", arrays_json(argv[7]), "require"),
         &harness);
    tell(&c,
         json_pack("{s:s,s:i,s:s,s:o,s:b}", "op", "point", "point", 0, "label", "here", "dims",
                   dims, "timed", 0),
         NULL);
    tell(&c, json_pack("{s:s,s:i,s:s}", "op", "module", "module", 1, "kind", "cubin"), &cubin);
    reply = ask(
        &c,
        json_pack("{s:s,s:i,s:i,s:o}", "op", "variant", "variant", 1, "module", 1, "plan", plan),
        NULL);
    if (!json_is_true(json_object_get(reply, "ok"))) {
        print(reply);
    } else {
        json_decref(reply);
        reply = ask(
            &c,
            json_pack("{s:s,s:i,s:[i],s:i}", "op", "check", "variant", 1, "points", 0, "seeds", 1),
            NULL);
        print(reply);
    }
    json_decref(reply);
    buf_release(&harness);
    buf_release(&cubin);
    buf_release(&text);
    return client_end(&c, 0);
}
