/* driver/build/arch.c
 *
 * The lists of -arch=all and -arch=all-major are nvcc 13's. An older or newer nvcc has others; the
 * plan that it prints is what counts for a compile, and these only say which winners to look for.
 */
#include "driver/build/arch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/words.h"

static const char *const all[] = {"sm_75", "sm_80",  "sm_86",  "sm_87",  "sm_88",  "sm_89",
                                  "sm_90", "sm_100", "sm_103", "sm_110", "sm_120", "sm_121"};
static const char *const all_major[] = {"sm_75", "sm_80", "sm_90", "sm_100", "sm_110", "sm_120"};
static const char highest_major[] = "sm_120"; /* the one whose PTX goes along */

static struct target_arch *archs_get(struct arena *a, struct archs *s, int number, char suffix)
{
    struct target_arch *t;

    for (size_t i = 0; i < s->n; i++) {
        t = &s->arch[i];
        if (t->major == number / 10 && t->minor == number % 10 && t->suffix == suffix)
            return t;
    }
    t = arena_push(a, s->arch, s->n);
    t->major = number / 10;
    t->minor = number % 10;
    t->suffix = suffix;
    return t;
}

int archs_name(struct arena *a, struct archs *s, const char *name, bool alone, struct error *err)
{
    static const char *const kinds[] = {"sm_", "compute_", "lto_"};
    struct target_arch *t;
    size_t kind = 0, n;
    char *end;
    long number;

    while (kind < 3 && strncmp(name, kinds[kind], strlen(kinds[kind])) != 0)
        kind++;
    if (kind == 3)
        return error_set(err, "'%s' is no architecture that ksnvcc knows", name);
    n = strlen(kinds[kind]);
    number = isdigit((unsigned char)name[n]) ? strtol(name + n, &end, 10) : 0;
    if (number < 10 || number > 999 || (*end && (!strchr("af", *end) || end[1])))
        return error_set(err, "'%s' is no architecture that ksnvcc knows", name);
    if (kind == 2) {
        s->lto = true;
        return 0;
    }
    t = archs_get(a, s, (int)number, *end);
    t->sass |= kind == 0;
    t->ptx |= kind == 1 || alone;
    return 0;
}

int archs_codes(struct arena *a, struct archs *s, const char *value, struct error *err)
{
    char *text = arena_dup(a, value), *save = NULL;

    for (char *p = strtok_r(text, "[]\"'\\, ", &save); p; p = strtok_r(NULL, "[]\"'\\, ", &save)) {
        if (archs_name(a, s, p, false, err) < 0)
            return -1;
    }
    return 0;
}

int archs_gencode(struct arena *a, struct archs *s, const char *value, struct error *err)
{
    const char *code = strstr(value, "code=");
    const char *arch = strstr(value, "arch=");

    if (!code || !arch)
        return error_set(err, "-gencode wants arch= and code=, but has '%s'", value);
    if (arch < code)
        return archs_codes(a, s, code + 5, err);
    return archs_codes(a, s, arena_copy(a, code + 5, (size_t)(arch - code) - 5), err);
}

static int add_list(struct arena *a, struct archs *s, const char *const *list, size_t n,
                    struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (archs_name(a, s, list[i], strcmp(list[i], highest_major) == 0, err) < 0)
            return -1;
    }
    return 0;
}

int archs_alone(struct arena *a, struct archs *s, const char *value, struct error *err)
{
    if (strcmp(value, "native") == 0) {
        s->native = true;
        return 0;
    }
    if (strcmp(value, "all") == 0)
        return add_list(a, s, all, sizeof all / sizeof *all, err);
    if (strcmp(value, "all-major") == 0)
        return add_list(a, s, all_major, sizeof all_major / sizeof *all_major, err);
    return archs_name(a, s, value, true, err);
}
