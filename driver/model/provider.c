/* driver/model/provider.c - lists of providers.
 *
 * A comma separates two only where a word and a colon follow: commands have commas too, and colons
 * with a slash behind them. */
#include "driver/model/provider.h"

#include <ctype.h>
#include <string.h>

static const struct provider_kind *const kinds[] = {&provider_openai, &provider_anthropic,
                                                    &provider_exec, &provider_mailbox};

/* what the n letters at `word` name; NULL: nothing */
static const struct provider_kind *kind_of(const char *word, size_t n)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i]->word) == n && !strncmp(kinds[i]->word, word, n))
            return kinds[i];
    return NULL;
}

/* does "word:" stand here? */
static bool begins_provider(const char *s)
{
    size_t n;

    s += strspn(s, " \t\n");
    n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
    return n && s[n] == ':' && (s[n + 1] != '/' || kind_of(s, n)); /* a command may have a URL */
}

static size_t item_length(const char *s)
{
    size_t n = 0;

    while (s[n] && !(s[n] == ',' && begins_provider(s + n + 1)))
        n++;
    return n;
}

static int provider_make(struct arena *a, const char *text, struct providers *out,
                         struct error *err)
{
    const char *colon = strchr(text, ':');
    struct provider *p = arena_alloc(a, sizeof *p);

    p->kind = colon ? kind_of(text, (size_t)(colon - text)) : NULL;
    if (!p->kind)
        return error_set(err,
                         "%s: a model is openai:MODEL, anthropic:MODEL, exec:COMMAND or "
                         "mailbox:FOLDER",
                         *text ? text : "nothing");
    p->name = text;
    p->what = colon + 1 + strspn(colon + 1, " \t");
    if (!*p->what)
        return error_set(err, "%s: nothing is named behind the colon", text);
    if (p->kind->open && p->kind->open(p, a, err) < 0)
        return -1;
    *arena_push(a, out->all, out->n) = p;
    return 0;
}

int providers_parse(struct arena *a, const char *list, struct providers *out, struct error *err)
{
    for (const char *s = list;; s++) {
        size_t n = item_length(s), skip = strspn(s, " \t\n"), end = n;

        while (end > skip && isspace((unsigned char)s[end - 1]))
            end--;
        if (skip > end)
            skip = end;
        if (provider_make(a, arena_copy(a, s + skip, end - skip), out, err) < 0)
            return -1;
        s += n;
        if (!*s)
            return 0;
    }
}
