/* driver/build/words.c
 *
 * nvcc has a quoting of its own for text that does not come as words (found by trying): blanks
 * part, double quotes hold together, single quotes mean nothing. In the environment quotes and
 * backslashes stay in the word, for its lists are parsed later; in an options file they go. The
 * plan that nvcc prints is meant for sh. */
#include "driver/build/words.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>
#include "runtime/base/buf.h"

void words_add(struct arena *a, struct words *w, const char *word)
{
    *arena_push(a, w->word, w->n) = word;
}

void words_all(struct arena *a, struct words *w, const char *const *list)
{
    for (; *list; list++)
        words_add(a, w, *list);
}

const char *const *words_end(struct arena *a, struct words *w)
{
    words_add(a, w, NULL);
    return w->word;
}

const char *const *words_without(struct arena *a, const char *const *list, const char *word)
{
    struct words w = {0};
    bool found = false;

    for (; *list; list++) {
        if (strcmp(*list, word) == 0)
            found = true;
        else
            words_add(a, &w, *list);
    }
    return found ? words_end(a, &w) : NULL;
}

static void add_text(struct arena *a, struct words *w, struct buf *text)
{
    words_add(a, w, arena_copy(a, buf_text(text), text->len));
    buf_clear(text);
}

/* one word from *at on into *word; -1 on an open quote */
static int split_word(const char **at, bool keep_quotes, struct buf *word)
{
    bool quoted = false;

    for (; **at && (quoted || !isspace((unsigned char)**at)); ++*at) {
        if (**at == '\\' && (*at)[1]) {
            if (keep_quotes)
                buf_addc(word, **at);
            buf_addc(word, *++*at);
        } else if (**at == '"') {
            quoted = !quoted;
            if (keep_quotes)
                buf_addc(word, '"');
        } else {
            buf_addc(word, **at);
        }
    }
    return quoted ? -1 : 0;
}

int words_split(struct arena *a, const char *text, bool keep_quotes, struct words *out,
                struct error *err)
{
    struct buf word;
    int rc = 0;

    buf_init(&word, BUF_LIMIT);
    for (;;) {
        while (isspace((unsigned char)*text))
            text++;
        if (!*text)
            break;
        rc = split_word(&text, keep_quotes, &word);
        if (rc < 0) {
            error_set(err, "a \" that nothing closes");
            break;
        }
        add_text(a, out, &word);
    }
    buf_release(&word);
    return rc;
}

void words_list(struct arena *a, const char *text, struct words *out)
{
    bool quoted = false;
    struct buf part;

    buf_init(&part, BUF_LIMIT);
    for (;; text++) {
        if (!*text || (*text == ',' && !quoted)) {
            add_text(a, out, &part);
            if (!*text)
                break;
        } else if (*text == '\\' && text[1]) {
            buf_addc(&part, *++text);
        } else {
            quoted ^= *text == '"';
            buf_addc(&part, *text);
        }
    }
    buf_release(&part);
}

/* the value of NAME (n bytes) in a list of NAME=value, or NULL */
static const char *words_env(const struct words *env, const char *name, size_t n)
{
    for (size_t i = 0; i < env->n; i++) {
        if (strncmp(env->word[i], name, n) == 0 && env->word[i][n] == '=')
            return env->word[i] + n + 1;
    }
    return NULL;
}

/* ---- the shell's ----------------------------------------------------------------------------- */

struct shell {
    const char *at;
    const struct words *env; /* NULL: quotes and backslashes are all that means something */
    struct buf word;
    bool any; /* the word exists, were it empty */
};

/* $NAME and ${NAME}; as nvcc's values hold no blanks outside of quotes, they are not split again */
static int shell_variable(struct shell *s, struct error *err)
{
    bool braces = s->at[1] == '{';
    const char *name = s->at + 1 + braces, *end = name, *value;

    while (isalnum((unsigned char)*end) || *end == '_')
        end++;
    if (end == name || isdigit((unsigned char)*name) || (braces && *end != '}'))
        return error_set(err, "the plan has a $ that is no variable");
    value = words_env(s->env, name, (size_t)(end - name));
    buf_adds(&s->word, value ? value : "");
    s->at = end + braces;
    return 0;
}

static int shell_quoted(struct shell *s, struct error *err)
{
    char quote = *s->at++;

    s->any = true;
    for (; *s->at != quote;) {
        if (!*s->at)
            return error_set(err, "the plan has an open quote");
        if (quote == '"' && *s->at == '\\' && s->at[1] && strchr("\"\\$`", s->at[1])) {
            buf_addc(&s->word, s->at[1]);
            s->at += 2;
        } else if (!s->env) {
            buf_addc(&s->word, *s->at++);
        } else if (quote == '"' && *s->at == '`') {
            return error_set(err, "the plan has a command substitution");
        } else if (quote == '"' && *s->at == '$' &&
                   (s->at[1] == '{' || s->at[1] == '_' || isalpha((unsigned char)s->at[1]))) {
            if (shell_variable(s, err) < 0)
                return -1;
        } else if (quote == '"' && *s->at == '$' && s->at[1] && strchr("(*@#?$!-", s->at[1])) {
            return error_set(err, "the plan has a $ that is no variable");
        } else {
            buf_addc(&s->word, *s->at++);
        }
    }
    s->at++;
    return 0;
}

static int shell_char(struct shell *s, struct error *err)
{
    if (*s->at == '"' || *s->at == '\'')
        return shell_quoted(s, err);
    if (s->env && *s->at == '$')
        return shell_variable(s, err);
    if (*s->at == '\\' && s->at[1]) {
        s->any = true;
        buf_addc(&s->word, s->at[1]);
        s->at += 2;
        return 0;
    }
    if (s->env && strchr("`;&|<>()*?[~#", *s->at) && !(*s->at == '~' && s->word.len))
        return error_set(err, "the plan has a %c outside of quotes", *s->at);
    s->any = true;
    buf_addc(&s->word, *s->at++);
    return 0;
}

int words_shell(struct arena *a, const char *line, const struct words *env, struct words *out,
                struct error *err)
{
    struct shell s = {.at = line, .env = env};
    int rc = 0;

    buf_init(&s.word, BUF_LIMIT);
    while (rc == 0) {
        while (isspace((unsigned char)*s.at))
            s.at++;
        if (!*s.at)
            break;
        s.any = false;
        while (rc == 0 && *s.at && !isspace((unsigned char)*s.at))
            rc = shell_char(&s, err);
        if (rc == 0 && (s.any || s.word.len))
            add_text(a, out, &s.word);
    }
    buf_release(&s.word);
    return rc;
}

void words_setenv(struct arena *a, struct words *env, const char *line)
{
    size_t n = strcspn(line, "=") + 1;

    for (size_t i = 0; i < env->n; i++) {
        if (strncmp(env->word[i], line, n) == 0) {
            env->word[i] = line;
            return;
        }
    }
    words_add(a, env, line);
}

const char *const *words_environ(struct arena *a, const char *line)
{
    struct words env = {0};

    for (char **e = environ; *e; e++)
        words_add(a, &env, *e);
    words_setenv(a, &env, line);
    return words_end(a, &env);
}
