/* tests/model_ask.c - asks one prompt and prints what comes back, as JSON.
 *
 *   model_ask [--system TEXT] [--schema FILE] [--name NAME] [--role planner|coder] [--max N]
 *             [--temperature T] [--seconds S] [--stall S] [--times N] [--at-once N] [--step] PROMPT
 *
 * The models and limits are those of the environment (KSEARCH_MODEL and so on); PROMPT "-" is
 * standard input. With --times the prompt is asked so often, side by side, and each reply is a
 * line. 0 when all were answered, 1 when one was not, 2 when nothing could be asked. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/model.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

static const char *const outcomes[] = {"replied", "failed", "limit", "waits"};

static const struct option options[] = {
    {"system", 1, NULL, 's'},  {"schema", 1, NULL, 'j'}, {"name", 1, NULL, 'n'},
    {"role", 1, NULL, 'r'},    {"max", 1, NULL, 'm'},    {"temperature", 1, NULL, 't'},
    {"seconds", 1, NULL, 'S'}, {"stall", 1, NULL, 'l'},  {"times", 1, NULL, 'N'},
    {"at-once", 1, NULL, 'a'}, {"step", 0, NULL, 'p'},   {NULL, 0, NULL, 0}};

struct ask {
    struct models_config config;
    struct model_prompt prompt;
    struct buf schema, input;
    int times;
};

static int read_options(struct ask *ask, int argc, char **argv, struct error *err)
{
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        switch (option) {
        case 's':
            ask->prompt.system = optarg;
            break;
        case 'j':
            if (fs_read(optarg, &ask->schema, err) < 0)
                return -1;
            ask->prompt.schema = buf_text(&ask->schema);
            break;
        case 'n':
            ask->prompt.name = optarg;
            break;
        case 'r':
            ask->prompt.role = strcmp(optarg, "coder") ? MODEL_PLANNER : MODEL_CODER;
            break;
        case 'm':
            ask->prompt.max_tokens = atoi(optarg);
            break;
        case 't':
            ask->prompt.temperature = atof(optarg);
            break;
        case 'S':
            ask->config.call_seconds = atof(optarg);
            break;
        case 'l':
            ask->config.stall_seconds = atof(optarg);
            break;
        case 'N':
            ask->times = atoi(optarg);
            break;
        case 'a':
            ask->config.at_once = atoi(optarg);
            break;
        case 'p':
            ask->config.step = true;
            break;
        default:
            return error_set(err, "see the head of tests/model_ask.c");
        }
    }
    return optind + 1 == argc ? 0 : error_set(err, "one PROMPT is wanted");
}

static void print_reply(const struct model_reply *r)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:i, s:b}", "outcome", outcomes[r->outcome],
                  "model", r->model, "text", r->text, "tokens_in", (json_int_t)r->tokens_in,
                  "tokens_out", (json_int_t)r->tokens_out, "money", r->money, "seconds", r->seconds,
                  "tries", r->tries, "truncated", (int)r->truncated);

    if (r->why.text[0])
        json_object_set_new(json, "why", json_string(r->why.text));
    json_dumpf(json, stdout, JSON_REAL_PRECISION(6));
    putchar('\n');
    fflush(stdout);
    json_decref(json);
}

static int ask_all(struct models *m, const struct ask *ask)
{
    struct model_reply reply;
    int rc = 0;

    for (int i = 0; i < ask->times; i++)
        models_ask(m, &ask->prompt);
    while (models_pending(m) && !proc_interrupted()) {
        models_wait(m, 1000);
        while (models_next(m, &reply)) {
            rc |= reply.outcome != MODEL_REPLIED;
            print_reply(&reply);
            model_reply_release(&reply);
        }
    }
    return rc | (proc_interrupted() != 0);
}

static int model_ask(struct ask *ask, int argc, char **argv, struct error *err)
{
    struct models *m = NULL;
    int rc = -1;

    if (models_config_read(&ask->config, err) < 0 || read_options(ask, argc, argv, err) < 0)
        return -1;
    ask->prompt.user = argv[optind];
    if (!strcmp(argv[optind], "-")) {
        if (fs_read("/dev/stdin", &ask->input, err) < 0)
            return -1;
        ask->prompt.user = buf_text(&ask->input);
    }
    m = models_open(&ask->config, err);
    if (m)
        rc = ask_all(m, ask);
    models_free(m);
    return rc;
}

int main(int argc, char **argv)
{
    struct ask ask = {.prompt = {.name = "ask", .system = "", .temperature = -1}, .times = 1};
    struct error err = {""};
    int rc;

    proc_init();
    buf_init(&ask.schema, 1 << 20);
    buf_init(&ask.input, 64 << 20);
    rc = model_ask(&ask, argc, argv, &err);
    if (rc < 0)
        fprintf(stderr, "model_ask: %s\n", err.text);
    buf_release(&ask.schema);
    buf_release(&ask.input);
    return rc < 0 ? 2 : rc;
}
