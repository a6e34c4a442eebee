/* tests/unit/broken_test.c - annotations that somebody is in the middle of typing.
 *
 * Of every annotation of the examples and of the malformed inputs: each prefix, each token left
 * out, each written twice, each exchanged with its neighbour. Reading must end with specs, or with
 * errors of which each has a text and a place in its file, and with nothing else. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>
#include "driver/lang/lex.h"
#include "driver/lang/spec.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "tests/unit/check.h"

/* the inputs that are too long for some limit repeat one thing thousands of times: of these, a
 * hundred places are enough */
enum { HANG_SECONDS = 120, LONG = 3000, PLACES = 100 };

static long readings, refused;

static void check_message(const struct diag_message *m, const char *text)
{
    struct place place;

    if (!m->src || m->at > m->src->len || !*m->text)
        fail_msg("a message without a text or place: '%s', in:\n%s", m->text, text);
    place = source_place(m->src, m->at);
    assert_true(place.row >= 1 && (size_t)place.row <= m->src->lines);
    assert_int_equal(m->src->line[place.row - 1] + (size_t)place.column - 1, m->at);
}

static void read_text(const char *path, const struct buf *text)
{
    struct arena *a = arena_new();
    struct source *src = source_wrap(a, path, buf_text(text), text->len);
    struct file *f;
    struct diag d;
    struct gpu gpu;

    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, a);
    f = annotations_read(a, src, &(struct reading){.gpu = &gpu}, &d);
    if ((f == NULL) != (d.nerrors > 0))
        fail_msg("%zu errors and a %s for:\n%s", d.nerrors, f ? "file" : "refusal", buf_text(text));
    for (size_t i = 0; i < d.nmessages; i++)
        check_message(&d.messages[i], buf_text(text));
    if (d.nmessages > 0)
        assert_int_not_equal(d.messages[0].kind, DIAG_NOTE);
    readings++;
    refused += f == NULL;
    arena_free(a);
}

/* the file with [at, end) replaced by two pieces of itself */
static void read_with(const struct source *src, struct span cut, struct span one, struct span two)
{
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    buf_add(&text, src->text, cut.at);
    buf_add(&text, src->text + one.at, one.end - one.at);
    if (two.end > two.at)
        buf_addc(&text, ' ');
    buf_add(&text, src->text + two.at, two.end - two.at);
    buf_add(&text, src->text + cut.end, src->len - cut.end);
    read_text(src->path, &text);
    buf_release(&text);
}

static void break_annotation(struct arena *a, const struct source *src, struct span span)
{
    const struct span none = {span.at, span.at};
    size_t n, length = span.end - span.at, step = length > LONG ? length / PLACES : 1;
    struct token *token;

    for (size_t end = span.at; end <= span.end; end += step)
        read_with(src, (struct span){end, span.end}, none, none); /* the rest of the file stays */
    token = lexer_all(a, src, span, &n);
    for (size_t t = 0; t + 1 < n; t += length > LONG ? n / PLACES + 1 : 1) {
        struct span this = token[t].span, next = token[t + 1].span;
        read_with(src, this, none, none);
        read_with(src, this, this, this);
        if (next.end > next.at)
            read_with(src, (struct span){this.at, next.end}, next, this);
    }
}

static void break_file(const char *path)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct source *src = source_read(a, path, &err);
    struct file *f;

    if (!src)
        fail_msg("%s", err.text);
    f = annotations_find(a, src);
    for (size_t i = 0; i < f->nannotations; i++)
        break_annotation(a, src, f->annotations[i]);
    arena_free(a);
}

static int is_source(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && (strcmp(dot, ".cu") == 0 || strcmp(dot, ".cuh") == 0);
}

static int break_folder(const char *folder)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_source, alphasort);

    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        break_file(path);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return n;
}

static void examples(void **state)
{
    (void)state;
    readings = refused = 0;
    assert_true(break_folder("tests/lang") >= 10);
    assert_true(refused > 1000 && readings - refused > 1000); /* both kinds were met */
}

static void malformed(void **state)
{
    (void)state;
    readings = refused = 0;
    assert_true(break_folder("tests/lang/errors") >= 100);
    assert_true(refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(malformed),
    };

    alarm(HANG_SECONDS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
