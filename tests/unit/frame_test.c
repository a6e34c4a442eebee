#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "runtime/base/frame.h"

static int fds[2]; /* a pipe of its own for each test */
static struct buf blob;
static struct error err;
static json_t *object;

static int make_pipe(void **state)
{
    (void)state;
    err.text[0] = '\0';
    object = NULL;
    buf_init(&blob, BUF_LIMIT);
    return pipe2(fds, O_CLOEXEC);
}

static int close_pipe(void **state)
{
    (void)state;
    buf_release(&blob);
    json_decref(object);
    close(fds[0]);
    if (fds[1] >= 0)
        close(fds[1]);
    return 0;
}

static void end_stream(void)
{
    close(fds[1]);
    fds[1] = -1;
}

static void send_bytes(const void *bytes, size_t n)
{
    assert_int_equal(write(fds[1], bytes, n), n);
}

/* a header with these lengths, as the format says */
static void send_header(uint32_t json_len, uint32_t blob_len)
{
    unsigned char h[8];

    for (int i = 0; i < 4; i++) {
        h[i] = (unsigned char)(json_len >> 8 * i);
        h[4 + i] = (unsigned char)(blob_len >> 8 * i);
    }
    send_bytes(h, sizeof h);
}

static int receive(int timeout_ms)
{
    return frame_read(fds[0], timeout_ms, NULL, NULL, &object, &blob, &err);
}

static void there_and_back(void **state)
{
    json_t *sent = json_pack("{s:s, s:i, s:f}", "op", "h\xc3\xa4", "n", 7, "x", 0.1);

    (void)state;
    assert_int_equal(frame_write(fds[1], sent, "bl\0b", 4, &err), 0);
    assert_int_equal(frame_write(fds[1], sent, NULL, 0, &err), 0);
    end_stream();
    assert_int_equal(receive(1000), 1);
    assert_true(json_equal(object, sent));
    assert_int_equal(blob.len, 4);
    assert_memory_equal(blob.data, "bl\0b", 4);
    json_decref(object);
    assert_int_equal(receive(1000), 1);
    assert_int_equal(blob.len, 0); /* not the one before */
    json_decref(object);
    assert_int_equal(receive(1000), 0);
    assert_null(object);
    json_decref(sent);
}

static void bytes_on_the_wire(void **state)
{
    json_t *sent = json_pack("{s:i}", "a", 1);
    char wire[64];

    (void)state;
    assert_int_equal(frame_write(fds[1], sent, "xyz", 3, &err), 0);
    assert_int_equal(read(fds[0], wire, sizeof wire), 18);
    assert_memory_equal(wire, "\7\0\0\0\3\0\0\0{\"a\":1}xyz", 18);
    json_decref(sent);
}

static void in_single_bytes(void **state)
{
    static const char wire[] = "\7\0\0\0\3\0\0\0{\"a\":1}xyz";
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        for (size_t i = 0; i < sizeof wire - 1; i++) {
            if (write(fds[1], wire + i, 1) != 1)
                _exit(1);
            usleep(1000);
        }
        _exit(0);
    }
    assert_int_equal(receive(20000), 1);
    assert_int_equal(json_integer_value(json_object_get(object, "a")), 1);
    assert_string_equal(buf_text(&blob), "xyz");
    waitpid(child, NULL, 0);
}

static void larger_than_the_pipe(void **state)
{
    size_t n = 5000 * 1000;
    char *bytes = malloc(n);
    json_t *sent = json_object();
    pid_t child;

    (void)state;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 131 + i / 7);
    fcntl(fds[1], F_SETFL, O_NONBLOCK); /* a full pipe is waited for in this mode, too */
    child = fork();
    if (child == 0)
        _exit(frame_write(fds[1], sent, bytes, n, NULL) < 0);
    assert_int_equal(receive(60000), 1);
    assert_int_equal(blob.len, n);
    assert_memory_equal(blob.data, bytes, n);
    waitpid(child, NULL, 0);
    json_decref(sent);
    free(bytes);
}

static void ends_inside(void **state)
{
    (void)state;
    send_header(100, 0);
    send_bytes("{\"a\"", 4);
    end_stream();
    assert_int_equal(receive(1000), -1);
    assert_string_equal(err.text, "the stream ended inside a message");
    assert_null(object);
}

static void ends_inside_the_header(void **state)
{
    (void)state;
    send_bytes("\7\0\0", 3);
    end_stream();
    assert_int_equal(receive(1000), -1);
    assert_string_equal(err.text, "the stream ended inside a message");
}

static void ends_before_the_blob(void **state)
{
    (void)state;
    send_header(2, 5);
    send_bytes("{}", 2);
    end_stream();
    assert_int_equal(receive(1000), -1);
    assert_string_equal(err.text, "the stream ended inside a message");
    assert_null(object);
}

static void garbage(void **state)
{
    (void)state;
    send_bytes("Segmentation fault (core dumped)\n", 33);
    assert_int_equal(receive(1000), -1);
    assert_non_null(strstr(err.text, "not one of messages"));
}

static void not_json(void **state)
{
    (void)state;
    send_header(4, 0);
    send_bytes("{\"a\"", 4);
    assert_int_equal(receive(1000), -1);
    assert_non_null(strstr(err.text, "a message is not JSON"));
}

static void not_an_object(void **state)
{
    (void)state;
    send_header(2, 0);
    send_bytes("[]", 2);
    assert_int_equal(receive(1000), -1);
    assert_string_equal(err.text, "a message is not a JSON object");
    assert_null(object);
}

static void one_key_twice(void **state)
{
    (void)state;
    send_header(13, 0);
    send_bytes("{\"a\":1,\"a\":2}", 13);
    assert_int_equal(receive(1000), -1);
    assert_non_null(strstr(err.text, "duplicate"));
}

static void a_blob_beyond_the_limit(void **state)
{
    (void)state;
    buf_init(&blob, 10);
    send_header(2, 11);
    send_bytes("{}12345678901", 13);
    assert_int_equal(receive(1000), -1);
    assert_string_equal(err.text, "a message brings 11 bytes of data, at most 10 are allowed");
}

static void lengths_beyond_the_format(void **state)
{
    static const uint32_t lengths[][2] = {
        {(16 << 20) + 1, 0}, {2, (1u << 30) + 1}, {0, 0}, {0xffffffff, 0xffffffff}};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        err.text[0] = '\0';
        send_header(lengths[i][0], lengths[i][1]);
        assert_int_equal(receive(1000), -1);
        assert_non_null(strstr(err.text, "not one of messages"));
    }
}

static void too_large_to_send(void **state)
{
    json_t *sent = json_object();
    size_t n = (16 << 20) + 1;
    char *text = malloc(n + 1);

    (void)state;
    memset(text, 'x', n);
    text[n] = '\0';
    json_object_set_new(sent, "text", json_string(text));
    assert_int_equal(frame_write(fds[1], sent, NULL, 0, &err), -1);
    assert_non_null(strstr(err.text, "too large"));
    end_stream();
    assert_int_equal(receive(1000), 0); /* not a byte of it went out */
    json_decref(sent);
    free(text);
}

static void only_objects_are_sent(void **state)
{
    json_t *sent = json_array();

    (void)state;
    assert_int_equal(frame_write(fds[1], sent, NULL, 0, &err), -1);
    assert_non_null(strstr(err.text, "not a JSON object"));
    json_decref(sent);
}

static void time_is_up(void **state)
{
    (void)state;
    assert_int_equal(receive(0), -1);
    assert_string_equal(err.text, "no whole message came in time");
    err.text[0] = '\0';
    send_header(2, 0); /* a beginning does not stop the clock */
    assert_int_equal(receive(50), -1);
    assert_string_equal(err.text, "no whole message came in time");
}

static void nobody_reads(void **state)
{
    json_t *sent = json_object();

    (void)state;
    close(fds[0]);
    assert_int_equal(frame_write(fds[1], sent, NULL, 0, &err), -1);
    assert_non_null(strstr(err.text, "Broken pipe"));
    json_decref(sent);
    fds[0] = dup(fds[1]);
}

static int count_to_five(void *arg)
{
    int *calls = arg;

    return ++*calls == 5;
}

static void idle_gives_up(void **state)
{
    int calls = 0;

    (void)state;
    assert_int_equal(frame_read(fds[0], -1, count_to_five, &calls, &object, &blob, &err), -1);
    assert_int_equal(calls, 5);
    assert_non_null(strstr(err.text, "given up"));
}

/* the other end lives, but does not read */
static void nobody_takes_it(void **state)
{
    json_t *sent = json_object();
    char *bytes = calloc(1, 1 << 20);
    int calls = 0;

    (void)state;
    assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(frame_write_timed(fds[1], 50, NULL, NULL, sent, bytes, 1 << 20, &err), -1);
    assert_string_equal(err.text, "a message was not taken in time");
    err.text[0] = '\0';
    assert_int_equal(
        frame_write_timed(fds[1], -1, count_to_five, &calls, sent, bytes, 1 << 20, &err), -1);
    assert_int_equal(calls, 5);
    assert_non_null(strstr(err.text, "given up"));
    json_decref(sent);
    free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_pipe, close_pipe)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(there_and_back),
        TEST(bytes_on_the_wire),
        TEST(in_single_bytes),
        TEST(larger_than_the_pipe),
        TEST(ends_inside),
        TEST(ends_inside_the_header),
        TEST(ends_before_the_blob),
        TEST(garbage),
        TEST(not_json),
        TEST(not_an_object),
        TEST(one_key_twice),
        TEST(a_blob_beyond_the_limit),
        TEST(lengths_beyond_the_format),
        TEST(too_large_to_send),
        TEST(only_objects_are_sent),
        TEST(time_is_up),
        TEST(nobody_reads),
        TEST(idle_gives_up),
        TEST(nobody_takes_it),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
