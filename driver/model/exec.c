/* driver/model/exec.c - a command that answers: the prompt on its standard input, the reply on its
 * standard output. Any agent or script will do. It is run by sh, and killed at the deadline. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "driver/model/provider.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

static void start(struct attempt *a)
{
    const char *argv[] = {"sh", "-c", a->provider->what, NULL};
    struct proc_spec spec = {.argv = argv, .timeout_ms = (int)fmin(a->seconds * 1e3 + 1, 2e9)};
    struct buf input;

    buf_init(&input, BUF_LIMIT);
    if (*a->prompt->system)
        buf_addf(&input, "%s\n\n", a->prompt->system);
    buf_addf(&input, "%s\n", a->prompt->user);
    spec.input = buf_text(&input);
    spec.input_len = input.len;
    a->proc = proc_start(&spec, &a->why);
    buf_release(&input);
}

/* the last line of a command's errors that says anything, into a->why */
static void say_why(struct attempt *a, const struct proc_result *result)
{
    const char *text = buf_text(&result->err);
    size_t end = result->err.len, begin;
    struct buf line;
    char how[80];

    while (end && strchr(" \t\r\n", text[end - 1]))
        end--;
    for (begin = end; begin && text[begin - 1] != '\n'; begin--)
        ;
    buf_init(&line, 3 * (end - begin) + 1);
    utf8_add(&line, text + begin, end - begin);
    error_set(&a->why, "the command %s%s%s", proc_describe(result, how), line.len ? ": " : "",
              buf_text(&line));
    buf_release(&line);
}

/* sh found no such program, or none that can be run */
static bool is_missing(const struct proc_result *result)
{
    return WIFEXITED(result->status) &&
           (WEXITSTATUS(result->status) == 126 || WEXITSTATUS(result->status) == 127);
}

static enum attempt_state poll_(struct attempt *a)
{
    struct proc_result result;
    enum attempt_state end = ATTEMPT_FAILED;

    if (!a->proc)
        return ATTEMPT_FAILED;
    if (!proc_poll(a->proc, &result))
        return ATTEMPT_RUNS;
    a->proc = NULL;
    a->paid = true;
    if (proc_ok(&result)) {
        utf8_add(&a->text, buf_text(&result.out), result.out.len);
        a->truncated = result.out.full;
        end = ATTEMPT_REPLIED;
    } else {
        a->hopeless = is_missing(&result);
        say_why(a, &result);
    }
    proc_result_release(&result);
    return end;
}

static void drop(struct attempt *a)
{
    proc_kill(a->proc);
    a->proc = NULL;
}

const struct provider_kind provider_exec = {
    .word = "exec", .start = start, .poll = poll_, .drop = drop};
