/* driver/look.c
 *
 * Every compile of a build comes through here, so it does little: it picks the words that can be
 * inputs and searches the files for the two spellings of an annotation. A small file costs least
 * when it is read, in chunks as large as the nearest cache: larger ones cost more pages than they
 * save calls. Of a large one the kernel's copy would be two thirds of the time, so it is mapped,
 * and filled at once (a fault for each page would cost more than the copy); wider vectors save
 * nothing.
 *
 * Of a file so large that even a map takes half a millisecond, what was found is remembered
 * (seen.h). To remember costs 0.2 ms, as a new file does, and to recall 0.02.
 *
 * A word is an input by its name alone. The values of options are not told from inputs, but for
 * those that name files which the compile writes: with `-x cu`, which every CMake compile has, the
 * object of the previous build would otherwise be searched too. */
#include "driver/look.h"
#include "driver/look_headers.h"
#include "driver/seen.h"

#include <ctype.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

enum {
    CHUNK = 32 * 1024,
    MAPPED = 256 * 1024,      /* from this size on */
    REMEMBERED = 1800 * 1000, /* and from this */
    WORD = 7,                 /* bytes of the word */
    OVERLAP = WORD - 1,
    BLOCK = 64,
    FILES_DEPTH = 8,             /* option files in option files; nvcc follows them too */
    FILE_LIMIT = 4 * 1024 * 1024 /* of an option file */
};

struct list {
    char **word; /* NULL at the end */
    size_t n;
};

struct look {
    bool headers; /* those of the inputs are looked at too, when it is known where they are */
    struct list inputs, dirs;
    bool others; /* with -x cu: words of other names may be inputs too, and are looked at now */
    bool saw_cu; /* -x cu was given */
    bool found;
    enum {
        VALUE_NONE,
        VALUE_OUTPUT,
        VALUE_LANGUAGE,
        VALUE_FILES,
        VALUE_DIRS
    } next; /* what the next word is */
    int depth;
};

/* options whose value is a file that is written, or a folder */
static const char *const output_options[] = {
    "-o",
    "--output-file",
    "-MF",
    "--dependency-output",
    "-MT",
    "-odir",
    "--output-directory",
    "-keep-dir",
    "--keep-dir",
    "-ccbin",
    "--compiler-bindir",
    "-objtemp",
    "-time",
    "--time",
};

static void look_at_word(struct look *l, const char *word);

static void list_add(struct list *list, const char *word)
{
    char **grown = realloc(list->word, (list->n + 2) * sizeof *grown), *copy = strdup(word);

    if (!grown || !copy)
        fatal("out of memory");
    list->word = grown;
    list->word[list->n++] = copy;
    list->word[list->n] = NULL;
}

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->word[i]);
    free(list->word);
}

static bool is_word(const char *at)
{
    return memcmp(at, "ksearch", WORD) == 0 || memcmp(at, "KSEARCH", WORD) == 0;
}

/* Both spellings in one pass, several times faster than two memmem: a block is looked at closely
 * only where a k stands six bytes before an h, in either case. The compiler makes vector code of
 * the inner loop. */
bool look_holds_word(const char *bytes, size_t n)
{
    size_t at = 0, end = n >= WORD ? n - WORD + 1 : 0;

    for (; at + BLOCK <= end; at += BLOCK) {
        unsigned char maybe = 0;
        for (size_t i = at; i < at + BLOCK; i++)
            maybe |= (unsigned char)((bytes[i] | 32) == 'k') & ((bytes[i + WORD - 1] | 32) == 'h');
        for (size_t i = at; maybe && i < at + BLOCK; i++)
            if (is_word(bytes + i))
                return true;
    }
    for (; at < end; at++)
        if (is_word(bytes + at))
            return true;
    return false;
}

/* -1: it cannot be read to its end */
static int fd_mentions(int fd)
{
    static char chunk[OVERLAP + CHUNK];
    size_t kept = 0;
    ssize_t n;

    while ((n = read(fd, chunk + kept, CHUNK)) > 0) {
        size_t len = kept + (size_t)n;
        if (look_holds_word(chunk, len))
            return 1;
        kept = len < OVERLAP ? len : OVERLAP;
        memmove(chunk, chunk + len - kept, kept);
    }
    return n < 0 ? -1 : 0;
}

static sigjmp_buf cut_short;

static void on_cut(int sig)
{
    (void)sig;
    siglongjmp(cut_short, 1);
}

/* Should another process cut the file short meanwhile, what lies beyond its end is a SIGBUS: then
 * what is left is read. */
static int map_mentions(int fd, size_t n)
{
    struct sigaction on = {.sa_handler = on_cut}, before;
    char *bytes = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    volatile int answer = -1;

    if (bytes == MAP_FAILED)
        return fd_mentions(fd);
    sigaction(SIGBUS, &on, &before);
    if (sigsetjmp(cut_short, 1) == 0)
        answer = look_holds_word(bytes, n);
    sigaction(SIGBUS, &before, NULL);
    munmap(bytes, n);
    return answer < 0 ? fd_mentions(fd) : answer;
}

static int large_mentions(const char *path, int fd, const struct stat *st)
{
    struct seen seen;
    int answer = seen_begin(&seen, (const char *const[]){"word", path, NULL});

    if (answer < 0) {
        answer = map_mentions(fd, (size_t)st->st_size);
        seen_file(&seen, path, fd, st);
    }
    seen_end(&seen, answer);
    return answer;
}

/* only regular files: a pipe's bytes would be gone for the compiler */
static bool file_mentions(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    int answer = 0;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        answer = st.st_size < MAPPED       ? fd_mentions(fd)
                 : st.st_size < REMEMBERED ? map_mentions(fd, (size_t)st.st_size)
                                           : large_mentions(path, fd, &st);
    close(fd);
    return answer > 0;
}

static bool name_is_cu(const char *word)
{
    size_t n = strlen(word);

    return n > 3 && strcmp(word + n - 3, ".cu") == 0;
}

/* cuts a text into words the way nvcc reads option files: blanks separate, quotes and backslashes
 * protect. The text is overwritten. */
static void look_at_text(struct look *l, char *text)
{
    char *in = text, *out, *word;
    char quote;

    for (;;) {
        while (isspace((unsigned char)*in))
            in++;
        if (!*in)
            return;
        for (word = out = in, quote = 0; *in && (quote || !isspace((unsigned char)*in)); in++) {
            if (quote ? *in == quote : *in == '"' || *in == '\'')
                quote = quote ? 0 : *in;
            else if (*in == '\\' && in[1])
                *out++ = *++in;
            else
                *out++ = *in;
        }
        if (*in)
            in++;
        *out = '\0';
        look_at_word(l, word);
        if (l->found)
            return;
    }
}

static void look_at_option_file(struct look *l, const char *path)
{
    struct stat st;
    struct buf text;

    if (l->depth >= FILES_DEPTH || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return;
    buf_init(&text, FILE_LIMIT);
    if (fs_read(path, &text, NULL) == 0 && text.len) {
        l->depth++;
        look_at_text(l, text.data);
        l->next = VALUE_NONE;
        l->depth--;
    }
    buf_release(&text);
}

/* "a,b": the value of --options-file */
static void look_at_option_files(struct look *l, const char *list)
{
    char *copy = strdup(list), *rest = copy, *path;

    while (copy && !l->found && (path = strsep(&rest, ",")))
        look_at_option_file(l, path);
    free(copy);
}

/* "a,b": the value of -I */
static void add_dirs(struct look *l, const char *list)
{
    char *copy = strdup(list), *rest = copy, *dir;

    while (copy && l->headers && (dir = strsep(&rest, ",")))
        list_add(&l->dirs, dir);
    free(copy);
}

/* is word the option `name`, alone or with "=value"? *value is behind the "=", NULL when alone */
static bool option_is(const char *word, const char *name, const char **value)
{
    size_t n = strlen(name);

    if (strncmp(word, name, n) != 0 || (word[n] && word[n] != '='))
        return false;
    *value = word[n] ? word + n + 1 : NULL;
    return true;
}

static void look_at_option(struct look *l, const char *word)
{
    const char *value;

    if (option_is(word, "-x", &value) || option_is(word, "--x", &value)) {
        if (value)
            l->saw_cu |= strcmp(value, "cu") == 0;
        else
            l->next = VALUE_LANGUAGE;
        return;
    }
    if (option_is(word, "-optf", &value) || option_is(word, "--options-file", &value)) {
        if (value)
            look_at_option_files(l, value);
        else
            l->next = VALUE_FILES;
        return;
    }
    if (option_is(word, "-I", &value) || option_is(word, "--include-path", &value) ||
        option_is(word, "-isystem", &value) || option_is(word, "--system-include", &value)) {
        if (value)
            add_dirs(l, value);
        else
            l->next = VALUE_DIRS;
        return;
    }
    if (strncmp(word, "-I", 2) == 0)
        add_dirs(l, word + 2);
    for (size_t i = 0; i < sizeof output_options / sizeof *output_options; i++)
        if (strcmp(word, output_options[i]) == 0)
            l->next = VALUE_OUTPUT;
}

static void look_at_word(struct look *l, const char *word)
{
    int is = l->next;

    l->next = VALUE_NONE;
    if (is == VALUE_OUTPUT)
        return;
    if (is == VALUE_LANGUAGE)
        l->saw_cu |= strcmp(word, "cu") == 0;
    else if (is == VALUE_FILES)
        look_at_option_files(l, word);
    else if (is == VALUE_DIRS)
        add_dirs(l, word);
    else if (*word == '-')
        look_at_option(l, word);
    else if (name_is_cu(word) != l->others) { /* each file is read once */
        l->found = file_mentions(word);
        if (l->headers)
            list_add(&l->inputs, word);
    }
}

static void look_at_variable(struct look *l, const char *name)
{
    const char *value = getenv(name);
    char *copy = value && *value ? strdup(value) : NULL;

    if (copy && !l->found)
        look_at_text(l, copy);
    l->next = VALUE_NONE;
    free(copy);
}

static void look_at_all(struct look *l, char *const *args)
{
    look_at_variable(l, "NVCC_PREPEND_FLAGS");
    for (; *args && !l->found; args++)
        look_at_word(l, *args);
    l->next = VALUE_NONE;
    look_at_variable(l, "NVCC_APPEND_FLAGS");
}

/* the option files and -I may come behind an input, so all of that is known first */
static void look_at_headers(struct look *l)
{
    static const char *const none[] = {NULL};

    for (size_t i = 0; i < l->inputs.n && !l->found; i++)
        l->found = look_headers_mention(l->inputs.word[i],
                                        l->dirs.n ? (const char *const *)l->dirs.word : none);
    list_free(&l->inputs);
    list_free(&l->dirs);
}

bool look_for_annotations(char *const *args)
{
    struct look l = {.headers = env_is_on("KSEARCH_HEADERS")};

    look_at_all(&l, args);
    if (!l.found && l.saw_cu) { /* -x holds for the inputs before it too */
        l.others = true;
        look_at_all(&l, args);
    }
    if (l.headers)
        look_at_headers(&l);
    return l.found;
}
