/* driver/model/mailbox.c - prompts as files, replies as files: for machines without a network.
 *
 * DIR/NAME.prompt.md holds the prompt; whoever answers puts DIR/NAME.reply.md beside it. Both are
 * written under another name and renamed, so that what is there is whole: an editor that writes in
 * place can be caught in the middle, which the prompt says. An empty reply is one being written.
 *
 * A search that goes on after its end asks the same prompt again, and finds the reply. A reply to a
 * prompt with other words, left by another search, is moved out of the way. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "driver/model/provider.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

#define REPLY_MOST ((size_t)16 << 20)

struct letter {
    char *prompt, *reply;
};

static int prepare(const struct provider *p, struct error *err)
{
    struct error why = {""};

    if (fs_mkdirs(p->what, &why) < 0)
        return error_set(err, "%s: %s", p->name, why.text);
    if (access(p->what, W_OK | X_OK) < 0)
        return error_errno(err, "%s: cannot write into the folder", p->name);
    return 0;
}

/* DIR/NAME.KIND.md, with a name that stays in the folder; free() it */
static char *path_of(const struct attempt *a, const char *kind)
{
    char *path = NULL;
    size_t dir = strlen(a->provider->what) + 1;

    if (asprintf(&path, "%s/%s.%s.md", a->provider->what, a->prompt->name, kind) < 0)
        fatal("out of memory");
    for (char *c = path + dir; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            *c = '_';
    }
    if (path[dir] == '.')
        path[dir] = '_';
    return path;
}

static void letter_text(const struct attempt *a, const struct letter *l, struct buf *b)
{
    const struct model_prompt *p = a->prompt;

    buf_addf(b, "# %s (%s)\n\n", p->name, p->role == MODEL_PLANNER ? "planner" : "coder");
    buf_addf(b,
             "Answer with a file `%s` beside this one. Write it under another name and rename it\n"
             "when it is whole: it is read as soon as it is there.\n\n",
             fs_base(l->reply));
    if (*p->system)
        buf_addf(b, "## System\n\n%s\n\n", p->system);
    buf_addf(b, "## Prompt\n\n%s\n", p->user);
    if (p->schema)
        buf_addf(b, "\n## Schema of the reply\n\n```json\n%s\n```\n", p->schema);
}

/* a reply that answers other words than `text`: the prompt beside it says so */
static void put_away_old(const struct letter *l, const struct buf *text)
{
    struct buf before;
    char *away = NULL;
    bool same;

    buf_init(&before, BUF_LIMIT);
    same = fs_read(l->prompt, &before, NULL) < 0 ||
           (before.len == text->len && !memcmp(buf_text(&before), buf_text(text), text->len));
    if (!same && fs_exists(l->reply) && asprintf(&away, "%s.old", l->reply) >= 0)
        rename(l->reply, away);
    free(away);
    buf_release(&before);
}

static void start(struct attempt *a)
{
    struct letter *l = calloc(1, sizeof *l);
    struct buf text;

    if (!l)
        fatal("out of memory");
    a->state = l;
    l->prompt = path_of(a, "prompt");
    l->reply = path_of(a, "reply");
    buf_init(&text, BUF_LIMIT);
    letter_text(a, l, &text);
    put_away_old(l, &text);
    fs_write(l->prompt, buf_text(&text), text.len, &a->why);
    buf_release(&text);
}

static enum attempt_state poll_(struct attempt *a)
{
    struct letter *l = a->state;
    struct stat st;
    struct buf reply;

    if (a->why.text[0])
        return ATTEMPT_FAILED;
    if (stat(l->reply, &st) < 0 || st.st_size == 0)
        return a->step ? ATTEMPT_WAITS : ATTEMPT_RUNS;
    buf_init(&reply, REPLY_MOST);
    if (fs_read(l->reply, &reply, &a->why) == 0)
        utf8_add(&a->text, buf_text(&reply), reply.len);
    buf_release(&reply);
    a->paid = true;
    return a->why.text[0] ? ATTEMPT_FAILED : ATTEMPT_REPLIED;
}

static void drop(struct attempt *a)
{
    struct letter *l = a->state;

    if (!l)
        return;
    free(l->prompt);
    free(l->reply);
    free(l);
    a->state = NULL;
}

const struct provider_kind provider_mailbox = {.word = "mailbox",
                                               .is_slow = true,
                                               .prepare = prepare,
                                               .start = start,
                                               .poll = poll_,
                                               .drop = drop};
