/* tests/unit/replay_test.c - what was recorded comes back, under other ids. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/worker/replay.h"

static char *dir, path[4096];

static int set_up(void **state)
{
    struct error err = {{0}};

    (void)state;
    dir = fs_tempdir("replay-test", &err);
    snprintf(path, sizeof path, "%s/recording", dir ? dir : "");
    return dir ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fs_remove(dir);
    free(dir);
    return 0;
}

/* JSON with single quotes, for legible tests */
static json_t *json(const char *text)
{
    char *copy = strdup(text);
    json_error_t why;
    json_t *value;

    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    value = json_loads(copy, 0, &why);
    if (!value)
        fail_msg("%s: %s", copy, why.text);
    free(copy);
    return value;
}

static void note(struct names *n, const char *request)
{
    json_t *object = json(request);

    names_note(n, object);
    json_decref(object);
}

static void record(const struct names *n, const char *request, const char *reply)
{
    json_t *q = json(request), *a = json(reply);
    struct error err = {{0}};

    assert_int_equal(record_append(path, n, q, a, &err), 0);
    json_decref(q);
    json_decref(a);
}

/* the answer must equal the text */
static void expect(struct replay *p, const struct names *n, const char *request, const char *reply)
{
    json_t *q = json(request), *want = json(reply), *got = replay_answer(p, n, q);
    char *text = json_dumps(got, JSON_SORT_KEYS);

    if (!json_equal(got, want))
        fail_msg("%s gave %s", request, text);
    free(text);
    json_decref(q);
    json_decref(want);
    json_decref(got);
}

static const char missing[] = "not in the recording";

static void expect_missing(struct replay *p, const struct names *n, const char *request)
{
    json_t *q = json(request), *got = replay_answer(p, n, q);

    assert_string_equal(json_string_value(json_object_get(got, "class")), "limit");
    assert_memory_equal(json_string_value(json_object_get(got, "error")), missing,
                        sizeof missing - 1);
    json_decref(q);
    json_decref(got);
}

/* the names of a conversation in which point p is n=1, point q n=2, and variant v has tunables [8,
 * 2] */
static struct names names_of(int p, int q, int v)
{
    struct names n;
    char text[256];

    names_init(&n);
    note(&n, "{'op':'open','entry':'vadd_0'}");
    snprintf(text, sizeof text, "{'op':'point','point':%d,'label':'n=1'}", p);
    note(&n, text);
    snprintf(text, sizeof text, "{'op':'point','point':%d,'label':'n=2'}", q);
    note(&n, text);
    snprintf(text, sizeof text, "{'op':'variant','variant':%d,'tunables':[8,2]}", v);
    note(&n, text);
    return n;
}

static struct replay *reopen(void)
{
    struct error err = {{0}};
    struct replay *p = replay_open(path, &err);

    if (!p)
        fail_msg("%s", err.text);
    return p;
}

static void samples_come_in_order_and_again(void **state)
{
    struct names n = names_of(0, 1, 5), other = names_of(7, 8, 2);
    struct replay *p;

    (void)state;
    unlink(path);
    record(&n, "{'op':'time','variant':5,'point':0}",
           "{'ok':true,'pass':true,'us':[1.5,2.5],'mhz':[10,20],'launches':9}");
    record(&n, "{'op':'time','variant':5,'point':0}",
           "{'ok':true,'pass':true,'us':[3.5],'mhz':[30],'launches':9}");
    p = reopen();
    expect(p, &other, "{'op':'time','variant':2,'point':7,'samples':2}",
           "{'ok':true,'pass':true,'us':[1.5,2.5],'mhz':[10,20],'launches':9}");
    expect(p, &other, "{'op':'time','variant':2,'point':7,'samples':4}",
           "{'ok':true,'pass':true,'us':[3.5,1.5,2.5,3.5],'mhz':[30,10,20,30],'launches':9}");
    expect_missing(p, &other, "{'op':'time','variant':2,'point':8,'samples':1}");
    expect_missing(p, &other, "{'op':'time','variant':0,'point':7,'samples':1}");
    expect_missing(p, &other, "{'op':'time','variant':44,'point':7,'samples':1}");
    replay_close(p);
    names_release(&n);
    names_release(&other);
}

static void pairs_keep_their_sides(void **state)
{
    struct names n = names_of(0, 1, 5);
    struct replay *p;

    (void)state;
    unlink(path);
    record(&n, "{'op':'pair','a':0,'b':5,'point':1}",
           "{'ok':true,'pass':true,'a':[1,2],'b':[3,4],'a_mhz':[5,6],'b_mhz':[7,8]}");
    p = reopen();
    expect(p, &n, "{'op':'pair','a':0,'b':5,'point':1,'pairs':3}",
           "{'ok':true,'pass':true,'a':[1,2,1],'b':[3,4,3],'a_mhz':[5,6,5],'b_mhz':[7,8,7]}");
    expect_missing(p, &n, "{'op':'pair','a':5,'b':0,'point':1,'pairs':3}");
    replay_close(p);
    names_release(&n);
}

static void checks_are_known_by_point(void **state)
{
    struct names n = names_of(0, 1, 5), other = names_of(3, 4, 6);
    struct replay *p;

    (void)state;
    unlink(path);
    record(&n, "{'op':'check','variant':5,'points':[0]}", "{'ok':true,'pass':true}");
    p = reopen();
    expect(p, &other, "{'op':'check','variant':6,'points':[3],'seeds':9}",
           "{'ok':true,'pass':true}");
    expect_missing(p, &other, "{'op':'check','variant':6,'points':[3,4],'seeds':9}");
    replay_close(p);
    record(&n, "{'op':'check','variant':5,'points':[0,1]}",
           "{'ok':true,'pass':false,'reason':'wrong','point':1,'text':'no'}");
    p = reopen();
    expect(p, &other, "{'op':'check','variant':6,'points':[3],'seeds':9}",
           "{'ok':true,'pass':true}");
    expect(p, &other, "{'op':'check','variant':6,'points':[3,4],'seeds':9}",
           "{'ok':true,'pass':false,'reason':'wrong','point':4,'text':'no'}");
    replay_close(p);
    names_release(&n);
    names_release(&other);
}

static void failures_outlast_samples(void **state)
{
    struct names n = names_of(0, 1, 5), other = names_of(3, 4, 6);
    struct replay *p;

    (void)state;
    unlink(path);
    record(&n, "{'op':'time','variant':5,'point':0}", "{'ok':true,'pass':true,'us':[1]}");
    record(&n, "{'op':'time','variant':5,'point':0}",
           "{'ok':true,'pass':false,'reason':'guard','point':0}");
    record(&n, "{'op':'time','variant':5,'point':0}", "{'ok':true,'pass':true,'us':[1]}");
    record(&n, "{'op':'variant','variant':5}", "{'ok':false,'class':'limit','error':'regs'}");
    p = reopen();
    expect(p, &other, "{'op':'time','variant':6,'point':3,'samples':1}",
           "{'ok':true,'pass':false,'reason':'guard','point':3}");
    expect(p, &other, "{'op':'variant','variant':6}",
           "{'ok':false,'class':'limit','error':'regs'}");
    replay_close(p);
    names_release(&n);
    names_release(&other);
}

/* by variant, point and tier; and what was had once is not lost when it could not be had again */
static void profiles_are_kept(void **state)
{
    struct names n = names_of(0, 1, 5), other = names_of(3, 4, 6);
    struct replay *p;
    const char *lack = "{'ok':false,'class':'unsupported','error':'counters need luck'}";
    const char *had = "{'ok':true,'pass':true,'kernels':[{'name':'k','metrics':{'a':1.5}}]}";
    const char *later = "{'ok':true,'pass':true,'kernels':[]}";

    (void)state;
    unlink(path);
    record(&n, "{'op':'profile','variant':5,'point':0,'tier':1}", lack);
    p = reopen();
    expect(p, &other, "{'op':'profile','variant':6,'point':3,'tier':1}", lack);
    replay_close(p);
    record(&n, "{'op':'profile','variant':5,'point':0,'tier':1}", had);
    record(&n, "{'op':'profile','variant':5,'point':0,'tier':1}", lack);
    record(&n, "{'op':'profile','variant':5,'point':0,'tier':1}", later);
    record(&n, "{'op':'profile','variant':5,'point':0,'tier':2}", later);
    p = reopen();
    expect(p, &other, "{'op':'profile','variant':6,'point':3,'tier':1,'cupti':'/x'}", had);
    expect(p, &other, "{'op':'profile','variant':6,'point':3,'tier':2}", later);
    expect_missing(p, &other, "{'op':'profile','variant':6,'point':4,'tier':1}");
    expect_missing(p, &other, "{'op':'profile','variant':0,'point':3,'tier':1}");
    replay_close(p);
    names_release(&n);
    names_release(&other);
}

static void what_needs_no_gpu_is_ok(void **state)
{
    struct names n = names_of(0, 1, 5);
    struct replay *p;

    (void)state;
    unlink(path);
    record(&n, "{'op':'point','point':0}", "{'ok':true}");
    record(&n, "{'op':'hello'}", "{'ok':true,'version':1}");
    record(&n, "{'op':'peaks'}", "{'ok':true,'ops':{'f32':1.5}}");
    p = reopen();
    expect(p, &n, "{'op':'hello'}", "{'ok':true,'version':1}");
    expect(p, &n, "{'op':'module','module':4}", "{'ok':true}");
    note(&n, "{'op':'open','entry':'another_0'}");
    expect(p, &n, "{'op':'peaks'}", "{'ok':true,'ops':{'f32':1.5}}");
    expect(p, &n, "{'op':'close'}", "{'ok':true}");
    expect_missing(p, &n, "{'op':'open','entry':'vadd_0'}");
    expect(p, &n, "{'op':'dance'}",
           "{'ok':false,'class':'protocol','error':'there is no op: dance'}");
    replay_close(p);
    names_release(&n);
}

static void bad_recordings_are_refused(void **state)
{
    static const char *const bad[] = {"{", "{}\n", "[1]\n", "{\"key\":{},\"reply\":3}\n"};
    struct error err;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        err.text[0] = 0;
        assert_int_equal(fs_write(path, bad[i], strlen(bad[i]), &err), 0);
        assert_null(replay_open(path, &err));
        assert_non_null(strstr(err.text, ":1: "));
    }
    err.text[0] = 0;
    assert_null(replay_open("/nowhere/at/all", &err));
    assert_true(err.text[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_in_order_and_again),
        cmocka_unit_test(pairs_keep_their_sides),
        cmocka_unit_test(checks_are_known_by_point),
        cmocka_unit_test(failures_outlast_samples),
        cmocka_unit_test(profiles_are_kept),
        cmocka_unit_test(what_needs_no_gpu_is_ok),
        cmocka_unit_test(bad_recordings_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
