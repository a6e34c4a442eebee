/* What the compiles of a build know of a remote together, and a remote that is a folder. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "driver/share/share.h"
#include "driver/share/state.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

#define URL "https://cache.example/ksearch"

static char *dir;

static const char *in_dir(const char *name)
{
    static char path[2][4096];
    static int i;

    i = !i;
    snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
    return path[i];
}

static int set_up(void **state)
{
    (void)state;
    dir = fs_tempdir("share-test-", NULL);
    if (!dir)
        return -1;
    mkdir(in_dir("remote"), 0777);
    setenv("XDG_CONFIG_HOME", dir, 1);
    setenv("KSEARCH_QUIET", "1", 1);
    for (const char *const *v =
             (const char *const[]){"XDG_RUNTIME_DIR", "KSEARCH_REMOTE", "KSEARCH_REMOTE_MODE",
                                   "KSEARCH_REMOTE_UNSIGNED", "KSEARCH_REMOTE_TIMEOUT",
                                   "KSEARCH_SIGNING_KEY", "KSEARCH_TRUSTED_KEYS", NULL};
         *v; v++)
        unsetenv(*v);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

/* ---- what is known */

static bool is_given_up(struct state *s, bool writing)
{
    struct error why = {""};
    bool yes = state_is_given_up(s, writing, &why);

    assert_int_equal(yes, why.text[0] != '\0');
    return yes;
}

static void test_given_up(void **state)
{
    struct state a, b, other;

    (void)state;
    state_init(&a, dir, URL);
    state_init(&b, dir, URL);
    state_init(&other, dir, URL "/else");
    assert_false(is_given_up(&a, true));
    assert_true(state_give_up(&a, true, "it is full"));
    assert_false(state_give_up(&b, true, "it is full"));
    assert_true(is_given_up(&b, true));
    assert_false(is_given_up(&b, false));
    assert_true(state_give_up(&b, false, "it is gone"));
    assert_false(state_give_up(&a, false, "it is gone"));
    assert_false(state_give_up(&a, true, "it is full"));
    assert_true(is_given_up(&a, false));
    assert_false(is_given_up(&other, true));
    state_forget(&b);
    assert_false(is_given_up(&a, true));
    state_release(&a);
    state_release(&b);
    state_release(&other);
}

/* moves the times of the file into the past */
static void age(const struct state *s, int since, int used)
{
    json_t *all = json_load_file(s->path, 0, NULL);
    time_t now = time(NULL);

    assert_non_null(all);
    json_object_set_new(all, "since", json_integer((json_int_t)now - since));
    json_object_set_new(all, "used", json_integer((json_int_t)now - used));
    assert_int_equal(json_dump_file(all, s->path, 0), 0);
    json_decref(all);
}

static long long used_ago(const struct state *s)
{
    json_t *all = json_load_file(s->path, 0, NULL);
    long long ago = (long long)time(NULL) - json_integer_value(json_object_get(all, "used"));

    json_decref(all);
    return ago;
}

static void test_expiry(void **state)
{
    struct state s;

    (void)state;
    state_init(&s, dir, URL);
    assert_true(state_give_up(&s, false, "it is gone"));
    age(&s, STATE_QUIET_SECONDS - 30, STATE_QUIET_SECONDS - 30);
    assert_true(is_given_up(&s, false)); /* which counts as a use */
    assert_in_range(used_ago(&s), 0, 20);
    age(&s, STATE_QUIET_SECONDS + 30, STATE_QUIET_SECONDS + 30);
    assert_false(is_given_up(&s, false)); /* that build is over */
    age(&s, STATE_MOST_SECONDS - 30, 20);
    assert_true(is_given_up(&s, false));
    age(&s, STATE_MOST_SECONDS + 30, 20);
    assert_false(is_given_up(&s, false)); /* long enough, for any build */
    age(&s, -1000, -1000);
    assert_false(is_given_up(&s, false)); /* the clock was set back */
    age(&s, STATE_MOST_SECONDS + 30, 20);
    assert_true(state_give_up(&s, false, "it is gone again"));
    assert_true(is_given_up(&s, false));
    state_release(&s);
}

static void test_lost(void **state)
{
    struct state a, b;

    (void)state;
    state_init(&a, dir, URL);
    state_init(&b, dir, URL);
    assert_true(state_lose(&a, 0) == 0);
    assert_false(fs_exists(a.path)); /* of a remote without trouble nothing is written */
    assert_true(state_lose(&a, 1.5) == 1.5);
    assert_true(state_lose(&b, 0.25) == 1.75);
    assert_true(state_lose(&a, 0) == 1.75);
    assert_true(state_says(&a, "that it is slow"));
    assert_false(state_says(&b, "that it is slow"));
    assert_true(state_says(&b, "something else"));
    state_release(&a);
    state_release(&b);
}

/* a process that was killed while it wrote, or somebody's editor: nothing is known then */
static void test_damaged(void **state)
{
    static const char *const texts[] = {
        "", "{", "[]", "{\"since\": \"x\"}", "\0\0", "{\"given_up\": 1}"};
    struct state s;

    (void)state;
    state_init(&s, dir, URL);
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(fs_write(s.path, texts[i], strlen(texts[i]) + (i == 4) * 2, NULL), 0);
        assert_false(is_given_up(&s, true));
        assert_true(state_lose(&s, 0) == 0);
        assert_true(state_give_up(&s, false, "why"));
        assert_true(is_given_up(&s, false));
    }
    state_release(&s);
}

static void test_places(void **state)
{
    struct state s;

    (void)state;
    mkdir(in_dir("run"), 0700);
    setenv("XDG_RUNTIME_DIR", in_dir("run"), 1);
    state_init(&s, dir, URL);
    assert_memory_equal(s.path, in_dir("run/ksearch/remote-"),
                        strlen(in_dir("run/ksearch/remote-")));
    state_release(&s);
    setenv("XDG_RUNTIME_DIR", in_dir("not there"), 1);
    state_init(&s, dir, URL);
    assert_memory_equal(s.path, in_dir("remotes/remote-"), strlen(in_dir("remotes/remote-")));
    state_release(&s);
    state_init(&s, NULL, URL); /* nowhere */
    assert_null(s.path);
    assert_true(state_lose(&s, 2) == 2);
    assert_true(state_give_up(&s, false, "why"));
    assert_false(state_give_up(&s, false, "why"));
    assert_true(is_given_up(&s, false));
    state_release(&s);
}

/* many at once: nothing that was lost is forgotten, and one is the first */
static void test_together(void **state)
{
    enum { MANY = 8, TIMES = 50 };
    struct state s;
    int firsts = 0;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        if (fork() == 0) {
            state_init(&s, dir, URL);
            for (int k = 0; k < TIMES; k++)
                state_lose(&s, 0.5);
            _exit(state_give_up(&s, false, "why"));
        }
    }
    for (int i = 0; i < MANY; i++) {
        int status;
        wait(&status);
        firsts += WEXITSTATUS(status);
    }
    state_init(&s, dir, URL);
    assert_true(state_lose(&s, 0) == 0.5 * MANY * TIMES);
    assert_int_equal(firsts, 1);
    state_release(&s);
}

/* ---- records in a folder */

struct found {
    int n;
    double ratio;
    char gpu[200];
};

static void take(void *arg, const struct record *rec)
{
    struct found *f = arg;

    f->n++;
    f->ratio = rec->ratio;
    snprintf(f->gpu, sizeof f->gpu, "%s", rec->gpu);
}

static struct share *open_share(void)
{
    char url[4200];
    struct error err = {""};
    struct share *s;

    snprintf(url, sizeof url, "file://%s", in_dir("remote"));
    setenv("KSEARCH_REMOTE", url, 1);
    s = share_open(dir, true, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static int find(const struct key *key, struct found *f)
{
    struct share *s = open_share();
    struct error err = {""};
    int n;

    *f = (struct found){0};
    n = share_find(s, key, take, f, NULL, &err);
    assert_true(n >= 0 || err.text[0]);
    assert_int_equal(n < 0 ? 0 : n, f->n);
    share_close(s);
    return n;
}

static int put(const struct record *rec)
{
    struct share *s = open_share();
    struct error err = {""};
    int rc = share_put(s, rec, &err);

    assert_int_equal(rc < 0, err.text[0] != '\0');
    share_close(s);
    return rc;
}

static void use_key(const char *name)
{
    struct signing_key key;

    setenv("KSEARCH_SIGNING_KEY", in_dir(name), 1);
    if (!fs_exists(in_dir(name)))
        assert_int_equal(signing_key_make(in_dir(name), name, &key, NULL), 0);
}

/* also believes the key of that name */
static void trust(const char *name)
{
    struct signing_key key;
    const char *was = getenv("KSEARCH_SIGNING_KEY");
    char *kept = strdup(was), *line;

    setenv("KSEARCH_SIGNING_KEY", in_dir(name), 1);
    assert_int_equal(signing_key_read(&key, NULL), 1);
    line = public_key_line(&key.public, name);
    setenv("KSEARCH_TRUSTED_KEYS", line, 1);
    setenv("KSEARCH_SIGNING_KEY", kept, 1);
    free(line);
    free(kept);
}

static void test_put(void **state)
{
    struct record *r = sample_record("f", H200, 1), *other = sample_record("f", A100, 1),
                  *none = sample_record("f", H200, 1), *later = sample_record("f", H200, 1);
    struct found f;

    (void)state;
    use_key("a");
    drop_winners(none);
    later->created[3] = '7'; /* the year */
    later->ratio = 2;
    assert_int_equal(find(&r->key, &f), 0);
    assert_int_equal(put(none), 1);
    assert_int_equal(put(r), 1); /* a win takes the place of none */
    assert_int_equal(put(r), 0);
    assert_int_equal(put(none), 0); /* and keeps it */
    assert_int_equal(find(&r->key, &f), 1);
    assert_int_equal(put(other), 1); /* another GPU stands beside it */
    assert_int_equal(find(&r->key, &f), 2);
    assert_int_equal(put(later), 1); /* what is newer replaces its own */
    assert_int_equal(find(&r->key, &f), 2);
    assert_int_equal(put(r), 0); /* what is older does not */
    use_key("b");
    assert_int_equal(find(&r->key, &f), 0); /* of somebody else */
    assert_int_equal(put(r), 1);
    assert_int_equal(find(&r->key, &f), 1);
    assert_true(f.ratio == r->ratio);
    use_key("a");
    assert_int_equal(find(&r->key, &f), 2); /* both of a's, as they were */
    trust("b");
    assert_int_equal(find(&r->key, &f), 2); /* one a GPU: the newer */
    assert_true(f.ratio == later->ratio || strcmp(f.gpu, A100) == 0);
    record_free(r);
    record_free(other);
    record_free(none);
    record_free(later);
}

static void test_unsigned(void **state)
{
    struct record *r = sample_record("f", H200, 1);
    struct found f;

    (void)state;
    assert_int_equal(put(r), -1); /* there is no key */
    setenv("KSEARCH_REMOTE_UNSIGNED", "1", 1);
    assert_int_equal(put(r), 1);
    assert_int_equal(put(r), 0);
    assert_int_equal(find(&r->key, &f), 1);
    setenv("KSEARCH_REMOTE_UNSIGNED", "0", 1);
    assert_int_equal(find(&r->key, &f), 0);
    record_free(r);
}

/* what was measured here stays, but for no win; of what came from elsewhere the newest win */
static void test_keep(void **state)
{
    struct store *s = store_open(in_dir("cache"), false, NULL);
    struct record *own = sample_record("f", H200, 1), *theirs = sample_record("f", H200, 1),
                  *newer = sample_record("f", H200, 1), *none = sample_record("f", H200, 1), *back;

    (void)state;
    drop_winners(none);
    newer->created[3] = '7';
    record_set_signer(theirs, "", "");
    record_set_signer(newer, "", "");
    assert_int_equal(share_keep(s, none, NULL), 1);
    assert_int_equal(share_keep(s, theirs, NULL), 1);
    assert_int_equal(share_keep(s, theirs, NULL), 0);
    assert_int_equal(share_keep(s, newer, NULL), 1);
    assert_int_equal(share_keep(s, theirs, NULL), 0);
    assert_int_equal(store_put(s, own, NULL), 0);
    assert_int_equal(share_keep(s, newer, NULL), 0);
    assert_int_equal(store_get(s, &own->key, H200, &back, NULL), 1);
    assert_same_record(own, back);
    record_free(back);
    record_free(own);
    record_free(theirs);
    record_free(newer);
    record_free(none);
    store_close(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_given_up), TEST(test_expiry),   TEST(test_lost),
        TEST(test_damaged),  TEST(test_places),   TEST(test_together),
        TEST(test_put),      TEST(test_unsigned), TEST(test_keep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
