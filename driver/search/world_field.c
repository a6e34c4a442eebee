/* driver/search/world_field.c
 *
 * What an author may write in an edit. Its strings end up in the text of the tree that a model is
 * shown, one line an idea: no control character or line break may make one idea look like two. What
 * happened to an idea has no field here, so no author can write it; the names that one might try
 * are known, to say so rather than call them unknown. */
#include "driver/search/world_field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double gain_least = 0.01, gain_most = 1000;

static const struct {
    const char *name;
    enum field field;
} fields[] = {
    {"op", FIELD_OP},
    {"id", FIELD_ID},
    {"parent", FIELD_PARENT},
    {"title", FIELD_TITLE},
    {"rationale", FIELD_RATIONALE},
    {"regime", FIELD_REGIME},
    {"gain", FIELD_GAIN},
    {"difficulty", FIELD_DIFFICULTY},
    {"bottleneck", FIELD_BOTTLENECK},
    {"why", FIELD_WHY},
};

static const struct {
    const char *name;
    unsigned needs, may;
} ops[] = {
    {"insert", FIELD_OP | FIELD_PARENT | FIELD_TITLE | FIELD_GAIN | FIELD_DIFFICULTY,
     FIELD_ID | FIELD_RATIONALE | FIELD_REGIME | FIELD_BOTTLENECK},
    {"revise", FIELD_OP | FIELD_ID,
     FIELD_TITLE | FIELD_RATIONALE | FIELD_REGIME | FIELD_GAIN | FIELD_DIFFICULTY |
         FIELD_BOTTLENECK},
    {"prune", FIELD_OP | FIELD_ID | FIELD_WHY, 0},
};

static const char *const machine[] = {
    "state",         "attempts", "failures", "cycles",   "cool_down", "us",       "time",
    "times",         "seconds",  "money",    "tokens",   "best",      "score",    "measured",
    "measured_gain", "value",    "proposer", "solution", "trial",     "evidence", "cost",
};

void edit_error(struct edit_errors *e, size_t index, const char *where, const char *format, ...)
{
    char text[512];
    va_list args;

    if (e->n++ >= ERRORS_MOST)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_addf(e->out, "edits[%zu]%s%s: %s\n", index, *where ? "." : "", where, text);
}

const char *edit_quote(const char *s)
{
    static _Thread_local char text[2][52];
    static _Thread_local int turn;
    char *to = text[turn = !turn];
    size_t n = 0;

    for (; s[n] && n < 48; n++)
        to[n] = (unsigned char)s[n] >= ' ' && (unsigned char)s[n] < 127 ? s[n] : '?';
    strcpy(to + n, s[n] ? "..." : "");
    return to;
}

/* ---- strings ----------------------------------------------------------------------------- */

/* One character of valid UTF-8 (RFC 3629: no surrogates, nothing over-long, at most U+10FFFF),
 * which is 1 to 4 bytes; 0: invalid. */
static size_t utf8(const unsigned char *s, size_t n, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = *s < 0x80 ? 1 : *s < 0xC2 ? 0 : *s < 0xE0 ? 2 : *s < 0xF0 ? 3 : *s < 0xF5 ? 4 : 0;

    if (!len || len > n)
        return 0;
    *code = len == 1 ? *s : *s & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (s[i] & 0x3F);
    }
    if (*code < least[len] || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000))
        return 0;
    return len;
}

/* C0, C1, DEL, the separators that some readers take for line breaks, and what turns the direction
 * of the text around */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

/* what is wrong with a text; NULL: nothing */
static const char *text_fault(const json_t *value, size_t most)
{
    const char *s = json_string_value(value);
    size_t n = s ? json_string_length(value) : 0, count = 0;

    if (!s)
        return "it must be a string";
    for (size_t i = 0, len; i < n; i += len, count++) {
        uint32_t code;
        len = utf8((const unsigned char *)s + i, n - i, &code);
        if (!len)
            return "it is not UTF-8";
        if (is_control(code))
            return "it must have no control characters and be one line";
    }
    return count > most ? "" : NULL;
}

/* the string, or NULL with an error */
static const char *read_text(const json_t *value, size_t index, const char *where, size_t most,
                             struct edit_errors *e)
{
    const char *fault = text_fault(value, most);

    if (!fault)
        return json_string_value(value);
    if (*fault)
        edit_error(e, index, where, "%s", fault);
    else
        edit_error(e, index, where, "it is longer than %zu characters", most);
    return NULL;
}

static bool is_blank(const char *s)
{
    return s[strspn(s, " ")] == '\0';
}

/* a text that may not be blank */
static const char *read_said(const json_t *value, size_t index, const char *where, size_t most,
                             struct edit_errors *e)
{
    const char *s = read_text(value, index, where, most, e);

    if (s && is_blank(s)) {
        edit_error(e, index, where, "it is empty");
        return NULL;
    }
    return s;
}

/* one of the words; NULL with an error that lists them */
static const char *read_word(const json_t *value, size_t index, const char *where,
                             const char *const *words, size_t n, struct edit_errors *e)
{
    const char *s = read_text(value, index, where, RATIONALE_MOST, e);
    struct buf list;

    for (size_t i = 0; s && i < n; i++) {
        if (strcmp(s, words[i]) == 0)
            return s;
    }
    if (!s)
        return NULL;
    buf_init(&list, 300);
    for (size_t i = 0; i < n; i++)
        buf_addf(&list, "%s\"%s\"", i ? ", " : "", words[i]);
    edit_error(e, index, where, "\"%s\" is none of %s", edit_quote(s), buf_text(&list));
    buf_release(&list);
    return NULL;
}

/* ---- the members ------------------------------------------------------------------------- */

static bool read_gain(const json_t *value, size_t index, double *gain, struct edit_errors *e)
{
    bool fine = json_array_size(value) == 3;

    for (size_t i = 0; fine && i < 3; i++) {
        const json_t *number = json_array_get(value, i);
        gain[i] = json_number_value(number);
        fine = json_is_number(number) && gain[i] >= gain_least && gain[i] <= gain_most &&
               (i == 0 || gain[i] >= gain[i - 1]);
    }
    if (!fine)
        edit_error(e, index, "gain",
                   "it must be [low, likely, high], rising factors from %g to %g (1.3 is 30 %% "
                   "faster)",
                   gain_least, gain_most);
    return fine;
}

static bool read_id(const json_t *value, size_t index, size_t *id, struct edit_errors *e)
{
    json_int_t i = json_integer_value(value);

    if (!json_is_integer(value) || i < 1)
        edit_error(e, index, "id", "it must be the number of an idea, from 1");
    else
        *id = (size_t)i;
    return json_is_integer(value) && i >= 1;
}

static bool read_parent(const json_t *value, size_t index, struct edit *edit, struct edit_errors *e)
{
    json_int_t i = json_integer_value(value);

    if (json_is_string(value))
        return (edit->parent = read_said(value, index, "parent", NAME_MOST, e)) != NULL;
    if (!json_is_integer(value) || i < 0)
        edit_error(e, index, "parent", "it must be the number of an idea or a name in this script");
    else
        edit->parent_id = (size_t)i;
    return json_is_integer(value) && i >= 0;
}

static bool read_difficulty(const json_t *value, size_t index, int *difficulty,
                            struct edit_errors *e)
{
    json_int_t i = json_integer_value(value);

    if (!json_is_integer(value) || i < 1 || i > DIFFICULTIES) {
        edit_error(e, index, "difficulty", "it must be a whole number from 1 to %d", DIFFICULTIES);
        return false;
    }
    *difficulty = (int)i;
    return true;
}

static bool read_regime(const struct world *w, const json_t *value, size_t index, struct edit *edit,
                        struct edit_errors *e)
{
    if (json_is_string(value) && json_string_length(value) == 0)
        edit->regime = "";
    else
        edit->regime = read_word(value, index, "regime", w->labels, w->nw, e);
    return edit->regime != NULL;
}

static bool read_field(const struct world *w, const json_t *value, size_t index, enum field field,
                       struct edit *edit, struct edit_errors *e)
{
    switch (field) {
    case FIELD_ID:
        if (edit->op != EDIT_INSERT)
            return read_id(value, index, &edit->target, e);
        return (edit->name = read_said(value, index, "id", NAME_MOST, e)) != NULL;
    case FIELD_PARENT:
        return read_parent(value, index, edit, e);
    case FIELD_TITLE:
        return (edit->title = read_said(value, index, "title", TITLE_MOST, e)) != NULL;
    case FIELD_RATIONALE:
        return (edit->rationale = read_text(value, index, "rationale", RATIONALE_MOST, e)) != NULL;
    case FIELD_WHY:
        return (edit->why = read_said(value, index, "why", WHY_MOST, e)) != NULL;
    case FIELD_REGIME:
        return read_regime(w, value, index, edit, e);
    case FIELD_GAIN:
        return read_gain(value, index, edit->gain, e);
    case FIELD_DIFFICULTY:
        return read_difficulty(value, index, &edit->difficulty, e);
    case FIELD_BOTTLENECK:
        edit->bottleneck =
            read_word(value, index, "bottleneck", world_bottlenecks, WORLD_BOTTLENECKS, e);
        return edit->bottleneck != NULL;
    default:
        return true;
    }
}

static void refuse_member(size_t index, const char *name, bool known, const char *op,
                          struct edit_errors *e)
{
    for (size_t i = 0; i < sizeof machine / sizeof *machine; i++) {
        if (strcmp(name, machine[i]) == 0) {
            edit_error(e, index, name, "it is measured, nobody can write it");
            return;
        }
    }
    if (known)
        edit_error(e, index, name, "\"%s\" does not take it", op);
    else
        edit_error(e, index, edit_quote(name), "there is no such field");
}

static bool read_op(const json_t *from, size_t index, struct edit *edit, struct edit_errors *e)
{
    const char *words[] = {ops[0].name, ops[1].name, ops[2].name};
    const char *op;

    if (!json_is_object(from)) {
        edit_error(e, index, "", "it must be an object");
        return false;
    }
    if (!json_object_get(from, "op")) {
        edit_error(e, index, "op", "it is missing: insert, revise or prune");
        return false;
    }
    op = read_word(json_object_get(from, "op"), index, "op", words, 3, e);
    for (int i = 0; op && i < 3; i++) {
        if (strcmp(op, words[i]) == 0)
            edit->op = (enum edit_op)i;
    }
    return op != NULL;
}

void edit_read(const struct world *w, const json_t *from, size_t index, struct edit *edit,
               struct edit_errors *e)
{
    const char *name;
    json_t *value;
    unsigned seen = 0;

    if (!read_op(from, index, edit, e))
        return;
    json_object_foreach((json_t *)from, name, value)
    {
        unsigned field = 0;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            if (strcmp(name, fields[i].name) == 0)
                field = fields[i].field;
        }
        seen |= field;
        if (!(field & (ops[edit->op].needs | ops[edit->op].may)))
            refuse_member(index, name, field != 0, ops[edit->op].name, e);
        else if (read_field(w, value, index, (enum field)field, edit, e))
            edit->has |= field;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (ops[edit->op].needs & ~seen & fields[i].field)
            edit_error(e, index, fields[i].name, "it is missing");
    }
    if (edit->op == EDIT_REVISE && !(seen & ops[EDIT_REVISE].may))
        edit_error(e, index, "", "it revises nothing");
}
