/* tests/fuzz/driver.c - the main program of every fuzz target.
 *
 * A target is a file NAME_fuzz.c with libFuzzer's function,
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
 *
 * which must not crash, hang, leak, or print for any input, and may abort() where a property does
 * not hold. List NAME in FUZZ_<module> of the Makefile and its seeds in SEEDS_NAME. `make check`
 * runs each for a few seconds, `make fuzz` for minutes under the sanitizers. The same file links
 * with clang -fsanitize=fuzzer instead of this one.
 *
 *     NAME_fuzz [-n RUNS] [-t SECONDS] [-s SEED] [-m BYTES] [-k FILE] FILE-or-FOLDER...
 *
 * First each file is run as it is (so a kept input is replayed by naming it with -n 0), then
 * mutations of them: RUNS (default 2000), or until SECONDS are over. The mutations follow from SEED
 * alone, so a failure is found again with the same numbers. -m caps the size of an input (64 KiB).
 * With -k, the input being run is in FILE, which outlives a crash, and is removed at a good end.
 * An input that takes more than ten seconds ends the program by SIGALRM. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"

enum { HANG_SECONDS = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seed {
    char *name, *data;
    size_t size;
};

struct fuzz {
    long runs;
    double seconds; /* 0: count runs */
    uint64_t random;
    size_t most;
    const char *keep;
    uint8_t *kept; /* the input, shared with the file */
    struct arena *arena;
    struct seed *seeds;
    size_t nseeds;
};

/* splitmix64: the same everywhere */
static uint64_t next_random(struct fuzz *f)
{
    uint64_t z = f->random += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(struct fuzz *f, size_t n)
{
    return n ? (size_t)(next_random(f) % n) : 0;
}

/* ---- seeds ------------------------------------------------------------------------------- */

static void seed_add(struct fuzz *f, const char *path)
{
    struct error err = {""};
    struct seed *seed;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (fs_read(path, &b, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_USAGE);
    }
    seed = arena_push(f->arena, f->seeds, f->nseeds);
    seed->name = arena_dup(f->arena, path);
    seed->size = b.len < f->most ? b.len : f->most;
    seed->data = arena_copy(f->arena, buf_text(&b), seed->size);
    buf_release(&b);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* a file, or the files of a folder in the order of their names */
static void seed_add_path(struct fuzz *f, const char *path)
{
    struct dirent **names;
    struct stat st;
    int n;

    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        seed_add(f, path);
        return;
    }
    n = scandir(path, &names, visible, alphasort);
    for (int i = 0; i < n; i++) {
        const char *inner = arena_printf(f->arena, "%s/%s", path, names[i]->d_name);
        if (stat(inner, &st) == 0 && S_ISREG(st.st_mode))
            seed_add(f, inner);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* ---- mutation ---------------------------------------------------------------------------- */

/* replaces `cut` bytes at `at` by n others; what passes the cap falls off the end */
static size_t replace(struct fuzz *f, uint8_t *data, size_t size, size_t at, size_t cut,
                      const uint8_t *bytes, size_t n)
{
    size_t tail = size - at - cut;

    if (n > f->most - at)
        n = f->most - at;
    if (tail > f->most - at - n)
        tail = f->most - at - n;
    memmove(data + at + n, data + at + cut, tail);
    memcpy(data + at, bytes, n);
    return at + n + tail;
}

/* a piece of any seed: a file's own words are the likeliest to get deep into its parser */
static size_t splice_seed(struct fuzz *f, uint8_t *data, size_t size, size_t at, size_t cut)
{
    const struct seed *other = &f->seeds[below(f, f->nseeds)];
    size_t from = below(f, other->size + 1), n = other->size - from;

    if (n > 64 && next_random(f) % 4)
        n = 64;
    return replace(f, data, size, at, cut, (const uint8_t *)other->data + from, below(f, n + 1));
}

static size_t mutate_once(struct fuzz *f, uint8_t *data, size_t size)
{
    static const char *const words[] = {
        "0", "-1",   "9223372036854775808", "18446744073709551616", "((", "))", "\"", "/*", "{",
        "}", "\\\n", "\xff\xff\xff\xff"};
    size_t at = below(f, size + 1), left = size - at, cut = below(f, left < 32 ? left + 1 : 32);
    const char *word = words[below(f, sizeof words / sizeof *words)];
    uint8_t copy[64];

    switch (next_random(f) % 7) {
    case 0: /* one bit */
        if (left)
            data[at] ^= (uint8_t)(1u << next_random(f) % 8);
        return size;
    case 1: /* one byte */
        if (left)
            data[at] = (uint8_t)next_random(f);
        return size;
    case 2: /* cut */
        return replace(f, data, size, at, cut, copy, 0);
    case 3: /* the end is missing */
        return next_random(f) % 4 ? size : at;
    case 4: /* once more */
        memcpy(copy, data + at, cut);
        return replace(f, data, size, at, 0, copy, cut);
    case 5:
        return replace(f, data, size, at, cut, (const uint8_t *)word, strlen(word));
    default:
        return splice_seed(f, data, size, at, cut);
    }
}

static size_t mutate(struct fuzz *f, uint8_t *data)
{
    const struct seed *seed = &f->seeds[below(f, f->nseeds)];
    size_t size = seed->size;

    memcpy(data, seed->data, size);
    for (size_t times = 1 + below(f, 8); times; times--)
        size = mutate_once(f, data, size);
    return size;
}

/* ---- running ----------------------------------------------------------------------------- */

static void keep_open(struct fuzz *f)
{
    int fd = open(f->keep, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0 || ftruncate(fd, (off_t)f->most) < 0)
        fatal("cannot write %s", f->keep);
    f->kept = mmap(NULL, f->most, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (f->kept == MAP_FAILED)
        fatal("cannot map %s", f->keep);
    /* the file is cut to the size of the input before each run: no page past its end is touched */
    close(fd);
}

static void run_one(struct fuzz *f, const uint8_t *data, size_t size)
{
    /* an allocation of the very size, so that a read past the end is seen by a sanitizer */
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact)
        fatal("out of memory");
    if (size)
        memcpy(exact, data, size);
    if (f->keep) {
        if (truncate(f->keep, (off_t)size) < 0)
            fatal("cannot write %s", f->keep);
        if (size)
            memcpy(f->kept, data, size);
    }
    alarm(HANG_SECONDS);
    LLVMFuzzerTestOneInput(exact, size);
    alarm(0);
    free(exact);
}

static void usage(const char *program)
{
    fprintf(stderr, "usage: %s [-n RUNS] [-t SECONDS] [-s SEED] [-m BYTES] [-k FILE] PATH...\n",
            program);
    exit(EXIT_USAGE);
}

static void read_options(struct fuzz *f, int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "n:t:s:m:k:")) != -1;) {
        switch (option) {
        case 'n':
            f->runs = strtol(optarg, NULL, 10);
            break;
        case 't':
            f->seconds = strtod(optarg, NULL);
            break;
        case 's':
            f->random = strtoull(optarg, NULL, 10);
            break;
        case 'm':
            f->most = strtoul(optarg, NULL, 10);
            break;
        case 'k':
            f->keep = optarg;
            break;
        default:
            usage(argv[0]);
        }
    }
    if (optind == argc || f->most == 0)
        usage(argv[0]);
}

int main(int argc, char **argv)
{
    struct fuzz f = {.runs = 2000, .random = 1, .most = 64 * 1024};
    double end = now_seconds();
    uint8_t *data;
    long runs = 0;

    read_options(&f, argc, argv);
    f.arena = arena_new();
    for (int i = optind; i < argc; i++)
        seed_add_path(&f, argv[i]);
    data = malloc(f.most);
    if (!data || !f.nseeds)
        usage(argv[0]);
    if (f.keep)
        keep_open(&f);
    for (size_t i = 0; i < f.nseeds; i++)
        run_one(&f, (const uint8_t *)f.seeds[i].data, f.seeds[i].size);
    end += f.seconds;
    for (; f.seconds > 0 ? now_seconds() < end : runs < f.runs; runs++) {
        size_t size = mutate(&f, data);
        run_one(&f, data, size);
    }
    if (f.keep)
        unlink(f.keep);
    printf("%zu seeds and %ld mutations of them ran\n", f.nseeds, runs);
    free(data);
    arena_free(f.arena);
    return 0;
}
