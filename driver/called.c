/* driver/called.c - see called.h. */
#include "driver/called.h"

#include <string.h>
#include "runtime/base/arena.h"

static enum called_how how_called(const char *word, const char *entry)
{
    size_t n = strlen(word), len = strchr(word, '<') ? strlen(entry) : strcspn(entry, "<");

    if (n == 0 || n > len || strncmp(entry + len - n, word, n) != 0)
        return CALLED_NOT;
    if (n == len)
        return CALLED_WHOLE;
    return entry[len - n - 1] == ':' ? CALLED_SHORT : CALLED_NOT;
}

static enum called_how how(const struct called *c, const char *entry, const char *other)
{
    enum called_how a, b;

    if (!c->word)
        return CALLED_WHOLE;
    a = how_called(c->word, entry);
    b = other ? how_called(c->word, other) : CALLED_NOT;
    return a > b ? a : b;
}

static void add_once(struct arena *a, struct words *w, const char *name)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->word[i], name) == 0)
            return;
    words_add(a, w, name);
}

enum called_how called_see(struct called *c, const char *entry, const char *other)
{
    enum called_how is = how(c, entry, other);

    add_once(c->arena, is ? &c->names : &c->others,
             arena_copy(c->arena, entry, strcspn(entry, "<")));
    c->how = is > c->how ? is : c->how;
    return is;
}

bool called_is(const struct called *c, const char *entry, const char *other)
{
    enum called_how is = how(c, entry, other);

    return is && is == c->how;
}

bool called_many(const struct called *c)
{
    return c->how == CALLED_SHORT && c->names.n > 1;
}

const char *called_list(struct called *c, const struct words *names)
{
    const char *list = "";

    for (size_t i = 0; i < names->n; i++)
        list = arena_printf(c->arena, "%s%s%s", list, i ? ", " : "", names->word[i]);
    return list;
}
