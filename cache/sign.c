/* cache/sign.c
 *
 * A secret is kept as its seed. It is written into a new file of mode 0600 that gets its name by a
 * link, so that there is never half of one and never another's place is taken; and it is not used
 * from a file that somebody else may read, as ssh does it. */
#include "cache/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

#define PUBLIC "ksearch-public:"
#define SECRET "ksearch-secret:"

enum { HEX = 64, FILE_MAX = 1 << 20 };

_Static_assert(sizeof(struct public_key) == crypto_sign_PUBLICKEYBYTES, "of Ed25519");
_Static_assert(sizeof(struct signature) == crypto_sign_BYTES, "of Ed25519");
_Static_assert(sizeof((struct signing_key *)0)->secret == crypto_sign_SECRETKEYBYTES, "of Ed25519");

static void start(void)
{
    if (sodium_init() < 0)
        fatal("libsodium cannot start");
}

static bool begins(const char *text, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* the path of a file of our configuration; NULL when no home is known */
static char *config_path(const char *name)
{
    const char *xdg = env_given("XDG_CONFIG_HOME"), *home = env_given("HOME");
    char *path = NULL;
    int n = 0;

    if (xdg && *xdg == '/')
        n = asprintf(&path, "%s/ksearch/%s", xdg, name);
    else if (home)
        n = asprintf(&path, "%s/.config/ksearch/%s", home, name);
    if (n < 0)
        fatal("out of memory");
    return path;
}

/* ---- a line -------------------------------------------------------------------------------- */

/* "PREFIX:64 digits NAME" into 32 bytes and the name; NULL, or what is wrong with it */
static const char *line_read(const char *line, size_t n, const char *prefix, uint8_t bytes[32],
                             char name[SIGN_NAME_MAX + 1])
{
    size_t got = 0;

    if (!begins(line, n, prefix))
        return "it does not begin as a key of its kind";
    line += strlen(prefix);
    n -= strlen(prefix);
    if (n < HEX || sodium_hex2bin(bytes, 32, line, HEX, NULL, &got, NULL) < 0 || got != 32)
        return "the key is not 64 hexadecimal digits";
    line += HEX;
    n -= HEX;
    if (n && *line != ' ' && *line != '\t')
        return "the key is longer than 64 hexadecimal digits";
    while (n && (*line == ' ' || *line == '\t'))
        line++, n--;
    while (n && strchr(" \t\r\n", line[n - 1]))
        n--;
    if (n > SIGN_NAME_MAX)
        return "its name is longer than 64 bytes";
    if (utf8_plain(line, n) != n || memchr(line, '\n', n) || memchr(line, '\t', n))
        return "its name holds a control character";
    snprintf(name, SIGN_NAME_MAX + 1, "%.*s", (int)n, line);
    return NULL;
}

void public_key_hex(const struct public_key *key, char hex[65])
{
    sodium_bin2hex(hex, 65, key->byte, sizeof key->byte);
}

static void set_name(char name[SIGN_NAME_MAX + 1], const char *to, const struct public_key *key)
{
    char hex[65];

    public_key_hex(key, hex);
    if (to && *to)
        snprintf(name, SIGN_NAME_MAX + 1, "%.64s", to);
    else
        snprintf(name, SIGN_NAME_MAX + 1, "%.16s", hex);
}

char *public_key_line(const struct public_key *key, const char *name)
{
    char hex[65], *line;

    public_key_hex(key, hex);
    if (asprintf(&line, PUBLIC "%s %s", hex, name) < 0)
        fatal("out of memory");
    return line;
}

/* ---- the key that signs -------------------------------------------------------------------- */

char *signing_key_path(void)
{
    const char *named = env_given("KSEARCH_SIGNING_KEY");
    char *path;

    if (!named)
        return config_path("signing-key");
    if (begins(named, strlen(named), SECRET))
        return NULL;
    path = strdup(named);
    if (!path)
        fatal("out of memory");
    return path;
}

static void key_from_seed(struct signing_key *key, const uint8_t seed[32])
{
    crypto_sign_seed_keypair(key->public.byte, key->secret, seed);
}

/* the bytes into a file that nobody else may read, under a name that nothing has yet */
static int write_secret(const char *path, const char *text, struct error *err)
{
    char *temporary = NULL;
    size_t n = strlen(text);
    int fd, rc = -1;

    if (asprintf(&temporary, "%s.%ld", path, (long)getpid()) < 0)
        fatal("out of memory");
    unlink(temporary);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_errno(err, "cannot write %s", path);
        goto out;
    }
    rc = fchmod(fd, 0600) == 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0 ? 0 : -1;
    if (close(fd) < 0 || rc < 0)
        rc = error_errno(err, "cannot write %s", path);
    else if (link(temporary, path) < 0)
        rc = errno == EEXIST ? error_set(err,
                                         "%s is there already, and is left as it is: name "
                                         "another by KSEARCH_SIGNING_KEY, or remove it",
                                         path)
                             : error_errno(err, "cannot write %s", path);
    unlink(temporary);
out:
    free(temporary);
    return rc;
}

int signing_key_make(const char *path, const char *name, struct signing_key *key, struct error *err)
{
    char hex[HEX + 1], text[sizeof SECRET + HEX + SIGN_NAME_MAX + 3], *folder = fs_dir(path);
    uint8_t seed[32];
    int rc;

    start();
    randombytes_buf(seed, sizeof seed);
    key_from_seed(key, seed);
    set_name(key->name, name, &key->public);
    sodium_bin2hex(hex, sizeof hex, seed, sizeof seed);
    snprintf(text, sizeof text, SECRET "%s %s\n", hex, key->name);
    rc = fs_mkdirs(folder, err);
    if (rc == 0)
        rc = write_secret(path, text, err);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(text, sizeof text);
    if (rc < 0)
        signing_key_clear(key);
    free(folder);
    return rc;
}

/* one line and nothing else, but its line's end */
static int key_parse(struct signing_key *key, const char *where, const char *text, size_t n,
                     struct error *err)
{
    char name[SIGN_NAME_MAX + 1] = "";
    uint8_t seed[32];
    const char *wrong = line_read(text, n, SECRET, seed, name);

    if (wrong)
        return error_set(err, "%s holds no signing key: %s", where, wrong);
    key_from_seed(key, seed);
    set_name(key->name, name, &key->public);
    sodium_memzero(seed, sizeof seed);
    return 1;
}

static int key_from_file(struct signing_key *key, const char *path, bool named, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
    char text[1024];
    struct stat st;
    ssize_t n;

    if (fd < 0)
        return errno == ENOENT && !named ? 0
                                         : error_errno(err, "cannot read the signing key %s", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        rc = error_set(err, "the signing key %s is no file", path);
    } else if (st.st_mode & 077) {
        rc = error_set(err,
                       "others may read the signing key %s: chmod 600 %s, and make a new one if "
                       "they did",
                       path, path);
    } else {
        n = read(fd, text, sizeof text);
        rc = n < 0 ? error_errno(err, "cannot read the signing key %s", path)
                   : key_parse(key, path, text, (size_t)n, err);
        sodium_memzero(text, sizeof text);
    }
    close(fd);
    return rc;
}

int signing_key_read(struct signing_key *key, struct error *err)
{
    const char *named = env_given("KSEARCH_SIGNING_KEY");
    char *path = signing_key_path();
    int rc = 0;

    start();
    *key = (struct signing_key){0};
    if (path)
        rc = key_from_file(key, path, named != NULL, err);
    else if (named)
        rc = key_parse(key, "KSEARCH_SIGNING_KEY", named, strlen(named), err);
    free(path);
    return rc;
}

void signing_key_clear(struct signing_key *key)
{
    sodium_memzero(key, sizeof *key);
}

void sign(const struct signing_key *key, const void *bytes, size_t n, struct signature *s)
{
    start();
    crypto_sign_detached(s->byte, NULL, bytes, n, key->secret);
}

bool sign_verify(const struct public_key *key, const void *bytes, size_t n,
                 const struct signature *s)
{
    start();
    return crypto_sign_verify_detached(s->byte, bytes, n, key->byte) == 0;
}

/* ---- those that are trusted ---------------------------------------------------------------- */

const char *keyring_name(const struct keyring *ring, const struct public_key *key)
{
    for (size_t i = 0; i < ring->n; i++)
        if (memcmp(&ring->keys[i].key, key, sizeof *key) == 0)
            return ring->keys[i].name;
    return NULL;
}

void keyring_add(struct keyring *ring, const struct public_key *key, const char *name)
{
    if (keyring_name(ring, key))
        return;
    ring->keys = reallocarray(ring->keys, ring->n + 1, sizeof *ring->keys);
    if (!ring->keys)
        fatal("out of memory");
    ring->keys[ring->n].key = *key;
    set_name(ring->keys[ring->n++].name, name, key);
}

void keyring_release(struct keyring *ring)
{
    free(ring->path);
    free(ring->keys);
    *ring = (struct keyring){0};
}

int keyring_parse(struct keyring *ring, const char *path, const char *text, size_t n,
                  struct error *err)
{
    const char *end = text + n;

    for (int row = 1; text < end; row++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        char name[SIGN_NAME_MAX + 1] = "";
        struct public_key key;
        const char *wrong = NULL, *line = text;
        text = stop ? stop + 1 : end;
        while (length && strchr(" \t\r", *line))
            line++, length--;
        if (!length || *line == '#')
            continue;
        if (begins(line, length, SECRET))
            wrong = "this is a secret key, which belongs into no list";
        else
            wrong = line_read(line, length, PUBLIC, key.byte, name);
        if (wrong) {
            free(ring->keys);
            ring->keys = NULL;
            ring->n = 0;
            return error_set(err, "%s:%d: %s: a line is " PUBLIC "64 hexadecimal digits and a name",
                             path, row, wrong);
        }
        keyring_add(ring, &key, name);
    }
    return 0;
}

int keyring_read(struct keyring *ring, struct error *err)
{
    const char *named = env_given("KSEARCH_TRUSTED_KEYS");
    struct buf b;
    int rc = 0;

    start();
    *ring = (struct keyring){0};
    if (named && begins(named, strlen(named), PUBLIC))
        return keyring_parse(ring, "KSEARCH_TRUSTED_KEYS", named, strlen(named), err);
    ring->path = named ? strdup(named) : config_path("trusted-keys");
    if (!ring->path || (!named && !fs_exists(ring->path)))
        return 0;
    buf_init(&b, FILE_MAX);
    rc = fs_read(ring->path, &b, err);
    if (rc == 0)
        rc = keyring_parse(ring, ring->path, buf_text(&b), b.len, err);
    buf_release(&b);
    return rc;
}
