/* tests/fake/http.h - what the servers of the tests have in common. */
#ifndef KS_TEST_HTTP_H
#define KS_TEST_HTTP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static inline void nap(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

/* the value of a header, "" when it is not there */
static inline void header(const char *head, const char *name, char *value, size_t n)
{
    const char *line = head;

    *value = '\0';
    while ((line = strstr(line, "\r\n"))) {
        line += 2;
        if (!strncasecmp(line, name, strlen(name)) && line[strlen(name)] == ':') {
            line += strlen(name) + 1;
            line += strspn(line, " ");
            snprintf(value, n, "%.*s", (int)strcspn(line, "\r"), line);
        }
    }
}

/* one more byte at a time is enough here */
static inline bool read_head(int fd, char *head, size_t n)
{
    size_t used = 0;

    while (used + 1 < n && read(fd, head + used, 1) == 1) {
        head[++used] = '\0';
        if (used >= 4 && !strcmp(head + used - 4, "\r\n\r\n"))
            return true;
    }
    return false;
}

#endif
