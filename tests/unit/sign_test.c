/* Signing and sealing: what was changed in any way, is of another key, or of somebody else is not
 * believed. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "cache/envelope.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static char *dir, path[4096];
static struct signing_key ours, theirs;
static struct keyring ring;

static int set_up(void **state)
{
    struct error err = {""};

    (void)state;
    dir = fs_tempdir("sign-test-", NULL);
    if (!dir)
        return -1;
    setenv("XDG_CONFIG_HOME", dir, 1);
    unsetenv("KSEARCH_SIGNING_KEY");
    unsetenv("KSEARCH_TRUSTED_KEYS");
    snprintf(path, sizeof path, "%s/ours", dir);
    assert_int_equal(signing_key_make(path, "ours", &ours, &err), 0);
    snprintf(path, sizeof path, "%s/theirs", dir);
    assert_int_equal(signing_key_make(path, NULL, &theirs, &err), 0);
    ring = (struct keyring){0};
    keyring_add(&ring, &ours.public, "us");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keyring_release(&ring);
    fs_remove(dir);
    free(dir);
    return 0;
}

/* ---- keys */

static void test_signature(void **state)
{
    static const char text[] = "what is signed";
    struct signature s;
    char other[sizeof text];

    (void)state;
    sign(&ours, text, sizeof text, &s);
    assert_true(sign_verify(&ours.public, text, sizeof text, &s));
    assert_false(sign_verify(&theirs.public, text, sizeof text, &s));
    assert_false(sign_verify(&ours.public, text, sizeof text - 1, &s));
    assert_false(sign_verify(&ours.public, text, 0, &s));
    for (size_t i = 0; i < 8 * sizeof text; i++) {
        memcpy(other, text, sizeof text);
        other[i / 8] ^= (char)(1 << i % 8);
        assert_false(sign_verify(&ours.public, other, sizeof other, &s));
    }
    for (size_t i = 0; i < 8 * sizeof s; i++) {
        struct signature wrong = s;
        wrong.byte[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_false(sign_verify(&ours.public, text, sizeof text, &wrong));
    }
}

static void test_key_file(void **state)
{
    struct signing_key key, again;
    struct error err = {""};
    struct stat st;

    (void)state;
    snprintf(path, sizeof path, "%s/ksearch/signing-key", dir);
    assert_int_equal(signing_key_read(&key, &err), 0);
    umask(0);
    assert_int_equal(signing_key_make(path, "me", &key, &err), 0);
    umask(022);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(signing_key_read(&again, &err), 1);
    assert_memory_equal(&key, &again, sizeof key);
    assert_string_equal(again.name, "me");
    assert_int_equal(signing_key_make(path, "other", &again, &err), -1);
    assert_non_null(strstr(err.text, "is there already"));
    assert_int_equal(signing_key_read(&again, NULL), 1);
    assert_memory_equal(&key, &again, sizeof key);
    for (int mode = 0604; mode <= 0660; mode += 034) {
        err.text[0] = '\0';
        assert_int_equal(chmod(path, (mode_t)mode), 0);
        assert_int_equal(signing_key_read(&again, &err), -1);
        assert_non_null(strstr(err.text, "chmod 600"));
        assert_memory_equal(&again, &(struct signing_key){0}, sizeof again);
    }
}

static void test_key_text(void **state)
{
    static const char *const bad[] = {"",
                                      "ksearch-secret:",
                                      "ksearch-secret:00",
                                      "ksearch-public:0000000000000000000000000000000000000000"
                                      "000000000000000000000000 x",
                                      "ksearch-secret:000000000000000000000000000000000000000000"
                                      "0000000000000000000000g x",
                                      "ksearch-secret:000000000000000000000000000000000000000000"
                                      "00000000000000000000000 x",
                                      "ksearch-secret:0000000000000000000000000000000000000000"
                                      "000000000000000000000000 x\nand more"};
    struct signing_key key;

    (void)state;
    snprintf(path, sizeof path, "%s/ksearch", dir);
    assert_int_equal(fs_mkdirs(path, NULL), 0);
    snprintf(path, sizeof path, "%s/ksearch/signing-key", dir);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error err = {""};
        assert_int_equal(fs_write(path, bad[i], strlen(bad[i]), NULL), 0);
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(signing_key_read(&key, &err), -1);
        assert_non_null(strstr(err.text, "signing-key"));
        assert_null(strstr(err.text, "00000"));
    }
    setenv("KSEARCH_SIGNING_KEY",
           "ksearch-secret:9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", 1);
    assert_int_equal(signing_key_read(&key, NULL), 1);
    /* the first test of RFC 8032 */
    char hex[65];
    public_key_hex(&key.public, hex);
    assert_string_equal(hex, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_string_equal(key.name, "d75a980182b10ab7");
    struct signature s;
    sign(&key, "", 0, &s);
    assert_int_equal(s.byte[0], 0xe5);
    assert_int_equal(s.byte[63], 0x0b);
}

static void test_ring(void **state)
{
    char *line = public_key_line(&ours.public, "a name of  words"), text[512];
    struct keyring r = {0};
    struct error err = {""};
    int n = snprintf(text, sizeof text, "\n# %s\n \t%s \r\n", line, line);

    (void)state;
    assert_int_equal(keyring_parse(&r, "x", text, (size_t)n, &err), 0);
    assert_int_equal(r.n, 1);
    assert_string_equal(keyring_name(&r, &ours.public), "a name of  words");
    assert_null(keyring_name(&r, &theirs.public));
    n = snprintf(text, sizeof text, "%s\n%s\n\n%.70s\n", line, line, line);
    assert_int_equal(keyring_parse(&r, "x", text, (size_t)n, &err), -1);
    assert_memory_equal(err.text, "x:4: ", 5);
    assert_int_equal(r.n, 0);
    keyring_release(&r);
    free(line);
}

/* ---- envelopes */

static void seal(const struct record *r, const struct signing_key *key, struct buf *row)
{
    struct error err = {""};

    assert_int_equal(envelope_seal(r, key, row, &err), 0);
    assert_string_equal(err.text, "");
}

/* opens the first of a row under the key; what it was */
static struct record *open_first(const struct buf *row, const struct key *key, bool takes_unsigned,
                                 enum seal *is)
{
    struct envelope e;
    struct error err = {""};
    struct record *rec;
    size_t at = 0;

    assert_int_equal(envelope_next(row->data, row->len, &at, &e, &err), 1);
    rec = envelope_open(&e, key, &ring, takes_unsigned, is, &err);
    assert_int_equal(!rec, err.text[0] != '\0');
    return rec;
}

static void refuse(const struct buf *row, const struct key *key, bool takes_unsigned,
                   enum seal wanted)
{
    enum seal is;

    assert_null(open_first(row, key, takes_unsigned, &is));
    assert_int_equal(is, wanted);
}

static void test_sealed(void **state)
{
    struct record *r = sample_record("f", H200, 1), *back;
    struct buf row;
    enum seal is;
    char hex[65];

    (void)state;
    buf_init(&row, BUF_LIMIT);
    record_set_signer(r, "", "a lie"); /* is not sent */
    seal(r, &ours, &row);
    back = open_first(&row, &r->key, false, &is);
    assert_non_null(back);
    assert_int_equal(is, SEAL_GOOD);
    public_key_hex(&ours.public, hex);
    assert_string_equal(back->signer, hex);
    assert_string_equal(back->signer_name, "us");
    record_set_signer(r, NULL, NULL);
    record_set_signer(back, NULL, NULL);
    assert_same_record(r, back);
    record_free(back);
    record_free(r);
    buf_release(&row);
}

static void test_strangers(void **state)
{
    struct record *r = sample_record("f", H200, 1), *back;
    struct key other = sample_key("f", 2);
    struct buf row;
    enum seal is;

    (void)state;
    buf_init(&row, BUF_LIMIT);
    seal(r, &theirs, &row);
    refuse(&row, &r->key, false, SEAL_STRANGER);
    refuse(&row, &r->key, true, SEAL_STRANGER);
    buf_clear(&row);
    seal(r, &ours, &row);
    refuse(&row, &other, false, SEAL_BROKEN);
    refuse(&row, &other, true, SEAL_BROKEN);
    memcpy(row.data + 8, theirs.public.byte, 32); /* somebody else's name on it */
    refuse(&row, &r->key, false, SEAL_STRANGER);
    keyring_add(&ring, &theirs.public, "them");
    refuse(&row, &r->key, false, SEAL_BROKEN);
    buf_clear(&row);
    seal(r, NULL, &row);
    refuse(&row, &r->key, false, SEAL_NONE);
    refuse(&row, &other, true, SEAL_BROKEN);
    back = open_first(&row, &r->key, true, &is);
    assert_non_null(back);
    assert_string_equal(back->signer, "");
    record_free(back);
    record_free(r);
    buf_release(&row);
}

/* every bit of it: there is none that could be changed unseen */
static void test_tampered(void **state)
{
    struct record *r = sample_record("f", H200, 1);
    struct buf row;

    (void)state;
    buf_init(&row, BUF_LIMIT);
    seal(r, &ours, &row);
    for (size_t bit = 0; bit < 8 * row.len; bit += bit < 8 * 150 ? 1 : 61) {
        struct envelope e;
        struct error err = {""};
        size_t at = 0;
        row.data[bit / 8] ^= (char)(1 << bit % 8);
        if (envelope_next(row.data, row.len, &at, &e, &err) == 1)
            assert_null(envelope_open(&e, &r->key, &ring, false, NULL, &err));
        assert_string_not_equal(err.text, "");
        row.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    record_free(r);
    buf_release(&row);
}

static void test_truncated(void **state)
{
    struct record *r = sample_record("f", H200, 1);
    struct envelope e;
    struct buf row;

    (void)state;
    buf_init(&row, BUF_LIMIT);
    seal(r, &ours, &row);
    for (size_t n = 0; n < row.len; n++) {
        struct error err = {""};
        size_t at = 0;
        char *some = malloc(n + 1); /* so that a sanitizer sees a byte too many */
        memcpy(some, row.data, n);
        assert_int_equal(envelope_next(some, n, &at, &e, &err), n ? -1 : 0);
        assert_int_equal(n == 0, err.text[0] == '\0');
        free(some);
    }
    record_free(r);
    buf_release(&row);
}

static void test_row(void **state)
{
    struct record *one = sample_record("f", H200, 1), *two = sample_record("f", A100, 1), *back;
    struct envelope e;
    struct buf row;
    size_t at = 0;
    enum seal is;
    int n = 0;

    (void)state;
    buf_init(&row, BUF_LIMIT);
    seal(one, &ours, &row);
    size_t first = row.len;
    seal(two, &ours, &row);
    row.data[3] = 2; /* the first is of a later format */
    while (envelope_next(row.data, row.len, &at, &e, NULL) == 1) {
        back = envelope_open(&e, &one->key, &ring, false, &is, NULL);
        assert_int_equal(is, n ? SEAL_GOOD : SEAL_LATER);
        assert_int_equal(e.n, n ? row.len - first : first);
        if (n)
            assert_string_equal(back->gpu, A100);
        else
            assert_null(back);
        record_free(back);
        n++;
    }
    assert_int_equal(n, 2);
    record_free(one);
    record_free(two);
    buf_release(&row);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_signature), TEST(test_key_file),  TEST(test_key_text),
        TEST(test_ring),      TEST(test_sealed),    TEST(test_strangers),
        TEST(test_tampered),  TEST(test_truncated), TEST(test_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
