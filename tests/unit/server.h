/* tests/unit/server.h - tests/fake/model_server while a group of tests runs, and one question to
 * it. */
#ifndef KS_TEST_SERVER_H
#define KS_TEST_SERVER_H

#include <stdio.h>
#include <unistd.h>
#include "tests/unit/folder.h"
#include "driver/model/model.h"
#include "runtime/base/buf.h"
#include "runtime/base/proc.h"

#define KEY "sk-secret-of-the-tests-0123456789"

static struct proc *server;
static const char *const both[] = {"openai:m", "anthropic:m"};

static inline int stop_server(void **state)
{
    proc_kill(server);
    return remove_dir(state);
}

static inline int start_server(void **state)
{
    char *program = fs_beside_self("../fake/model_server");
    struct proc_spec spec = {.argv = (const char *const[]){program, KEY, NULL}};
    struct buf port;

    proc_init();
    make_dir(state);
    spec.stdout_path = in_dir("port");
    server = proc_start(&spec, NULL);
    buf_init(&port, 100);
    for (int i = 0; server && i < 1000 && !strchr(buf_text(&port), '\n'); i++) {
        usleep(10000);
        buf_clear(&port);
        fs_read(spec.stdout_path, &port, NULL);
    }
    setenv("KSEARCH_MODEL_URL",
           arena_printf(arena, "http://127.0.0.1:%d/v1", atoi(buf_text(&port))), 1);
    setenv("KSEARCH_MODEL_KEY", KEY, 1);
    setenv("no_proxy", "127.0.0.1", 1);
    unsetenv("KSEARCH_PRICES");
    buf_release(&port);
    free(program);
    return server ? 0 : -1;
}

/* a configuration with deadlines that a test can wait for */
static inline struct models_config quick(const char *models)
{
    return (struct models_config){
        .planner = models, .stall_seconds = 10, .call_seconds = 20, .backoff_seconds = 0.01};
}

static inline struct models *open_models(const struct models_config *config)
{
    struct error err = {""};
    struct models *m = models_open(config, &err);

    if (!m)
        fail_msg("%s", err.text);
    return m;
}

static inline struct model_reply next_reply(struct models *m)
{
    struct model_reply reply;

    for (int i = 0; i < 300; i++) {
        if (models_next(m, &reply))
            return reply;
        models_wait(m, 100);
    }
    fail_msg("no call has ended");
    abort();
}

/* the server counts how often it saw a text, so no two questions of the tests are the same */
static inline struct model_prompt prompt_of(const char *commands)
{
    static int number;

    number++;
    return (struct model_prompt){.name = arena_printf(arena, "test-%d", number),
                                 .system = "You are a test.",
                                 .user = arena_printf(arena, "%s\n# %d", commands, number),
                                 .temperature = -1};
}

static inline struct model_reply ask_with(const struct models_config *config,
                                          const struct model_prompt *prompt)
{
    struct models *m = open_models(config);
    struct model_reply reply;

    models_ask(m, prompt);
    reply = next_reply(m);
    assert_int_equal(models_pending(m), 0);
    models_free(m);
    return reply;
}

static inline struct model_reply ask(const char *models, const char *commands)
{
    struct models_config config = quick(models);
    struct model_prompt prompt = prompt_of(commands);

    return ask_with(&config, &prompt);
}

static inline void expect_reply(struct model_reply *r, const char *text)
{
    if (r->outcome != MODEL_REPLIED)
        fail_msg("no reply: %s", r->why.text);
    assert_string_equal(r->text, text);
    assert_string_equal(r->why.text, "");
    model_reply_release(r);
}

/* a call that ended without a reply, for a reason with these words */
static inline void expect_why(struct model_reply *r, enum model_outcome outcome, const char *words)
{
    assert_int_equal(r->outcome, outcome);
    assert_string_equal(r->text, "");
    if (!strstr(r->why.text, words))
        fail_msg("\"%s\" does not say \"%s\"", r->why.text, words);
    model_reply_release(r);
}

#endif
