/* driver/build/plan_add.c
 *
 * The new steps are the words of those for the plain target with the `a` put where nvcc would put
 * it, and other files to write. Asking nvcc for a plan with a target more would change the others,
 * too: the host's text would be made in the pass of the last target. */
#include "driver/build/plan_add.h"

#include <stdlib.h>
#include <string.h>
#include "driver/build/order.h"
#include "driver/build/specific.h"
#include "driver/build/words.h"
#include "runtime/base/fs.h"

struct chain { /* what compiles one source for one target: places in the plan's steps */
    size_t cpp, cicc, ptxas, fatbinary;
    size_t image; /* the word of fatbinary that names the machine code */
};

struct adder {
    struct arena *a;
    const struct plan *p;
    const char *source;
    int major, minor;
    struct error *err;
};

/* ---- what there is --------------------------------------------------------------------------- */

/* the step of that tool and target that reads the file; p->n: there is none */
static size_t find_step(const struct adder *x, enum tool tool, const char *input, char suffix)
{
    size_t i = 0;

    for (; i < x->p->n; i++) {
        const struct step *s = &x->p->steps[i];
        if (s->tool == tool && s->major == x->major && s->minor == x->minor &&
            s->suffix == suffix && s->output && s->input && strcmp(s->input, input) == 0)
            break;
    }
    return i;
}

static const char *image_word(const struct adder *x, char suffix, const char *file)
{
    const char *end = suffix ? (char[2]){suffix, 0} : "";

    return arena_printf(x->a, "--image3=kind=elf,sm=%d%d%s,file=%s", x->major, x->minor, end, file);
}

static int find_image(const struct adder *x, struct chain *c)
{
    const char *word = image_word(x, 0, x->p->steps[c->ptxas].output);

    for (c->fatbinary = c->ptxas + 1; c->fatbinary < x->p->n; c->fatbinary++) {
        const struct step *s = &x->p->steps[c->fatbinary];
        for (c->image = 1; s->tool == TOOL_FATBINARY && s->argv[c->image]; c->image++)
            if (strcmp(s->argv[c->image], word) == 0)
                return 0;
    }
    return error_set(x->err, "nvcc's plan does not put the machine code for sm_%d%d of %s anywhere",
                     x->major, x->minor, x->source);
}

static int find_chain(const struct adder *x, struct chain *c)
{
    const struct plan *p = x->p;

    c->cpp = find_step(x, TOOL_CPP_DEVICE, x->source, 0);
    c->cicc = c->cpp < p->n ? find_step(x, TOOL_CICC, p->steps[c->cpp].output, 0) : p->n;
    c->ptxas = c->cicc < p->n ? find_step(x, TOOL_PTXAS, p->steps[c->cicc].output, 0) : p->n;
    if (c->ptxas == p->n)
        return error_set(x->err, "nvcc's plan does not compile %s for sm_%d%d", x->source, x->major,
                         x->minor);
    return find_image(x, c);
}

/* ---- what is added --------------------------------------------------------------------------- */

/* "K/a.cpp1.ii" -> "K/sm_90a.a.cpp1.ii" */
static const char *new_file(const struct adder *x, const char *path)
{
    const char *base = fs_base(path);

    return arena_printf(x->a, "%.*s%s.%s", (int)(base - path), path,
                        specific_name(x->a, x->major, x->minor), base);
}

/* a preprocessor's pass: what nvcc defines for the target, behind the number */
static void add_macros(const struct adder *x, struct words *w)
{
    int number = 100 * x->major + 10 * x->minor;

    words_add(x->a, w, arena_printf(x->a, "-D%s", specific_macro(x->a, x->major, x->minor)));
    words_add(x->a, w, arena_printf(x->a, "-D__CUDA_ARCH_SPECIFIC__=%d", number));
    words_add(x->a, w, arena_printf(x->a, "-D__CUDA_ARCH_FAMILY_SPECIFIC__=%d", number));
}

static bool begins_with(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

static const char *const *new_argv(const struct adder *x, const struct step *s)
{
    struct words w = {0};

    words_add(x->a, &w, s->argv[0]);
    for (size_t i = 1; s->argv[i]; i++) {
        const char *word = s->argv[i], *before = s->argv[i - 1];
        bool file = order_writes(s, i) || (s->tool != TOOL_CPP_DEVICE && word == s->input);
        bool arch = s->tool == TOOL_CICC    ? strcmp(before, "-arch") == 0
                    : s->tool == TOOL_PTXAS ? begins_with(word, "-arch=")
                                            : false;
        words_add(x->a, &w,
                  file   ? new_file(x, word)
                  : arch ? arena_printf(x->a, "%s%c", word, SPECIFIC_SUFFIX)
                         : word);
        if (s->tool == TOOL_CPP_DEVICE && begins_with(word, "-D__CUDA_ARCH__="))
            add_macros(x, &w);
    }
    return words_end(x->a, &w);
}

/* the very word that is like this one, by which a step knows its files; the command ends with them
 */
static const char *own_word(const char *const *argv, const char *like)
{
    const char *found = like;

    for (size_t i = 1; argv[i]; i++)
        if (strcmp(argv[i], like) == 0)
            found = argv[i];
    return found;
}

static struct step new_step(const struct adder *x, const struct step *s)
{
    struct step n = *s;

    n.argv = new_argv(x, s);
    n.suffix = SPECIFIC_SUFFIX;
    n.input = own_word(n.argv, s->tool == TOOL_CPP_DEVICE ? s->input : new_file(x, s->input));
    n.output = own_word(n.argv, new_file(x, s->output));
    n.like = s->output;
    return n;
}

/* fatbinary with an image more, behind that of the plain target */
static struct step new_fatbinary(const struct adder *x, const struct chain *c)
{
    struct step s = x->p->steps[c->fatbinary];
    struct words w = {0};

    for (size_t i = 0; s.argv[i]; i++) {
        words_add(x->a, &w, s.argv[i]);
        if (i == c->image)
            words_add(x->a, &w,
                      image_word(x, SPECIFIC_SUFFIX, new_file(x, x->p->steps[c->ptxas].output)));
    }
    s.argv = words_end(x->a, &w);
    return s;
}

int plan_add_specific(struct arena *a, struct plan *p, const char *source, int major, int minor,
                      struct error *err)
{
    struct adder x = {a, p, source, major, minor, err};
    struct step *steps = NULL;
    struct chain c = {0};
    size_t n = 0;

    if (find_step(&x, TOOL_CPP_DEVICE, source, SPECIFIC_SUFFIX) < p->n)
        return 0;
    if (find_chain(&x, &c) < 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        *arena_push(a, steps, n) = i == c.fatbinary ? new_fatbinary(&x, &c) : p->steps[i];
        if (i == c.ptxas) {
            *arena_push(a, steps, n) = new_step(&x, &p->steps[c.cpp]);
            *arena_push(a, steps, n) = new_step(&x, &p->steps[c.cicc]);
            *arena_push(a, steps, n) = new_step(&x, &p->steps[c.ptxas]);
        }
    }
    p->steps = steps;
    p->n = n;
    return 0;
}
