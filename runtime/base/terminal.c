#include "runtime/base/terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "runtime/base/buf.h"

enum { ESC = '\033', BELL = '\007', NAME_MOST = 64 };

/* the child's end: nothing is done to what is written there, so that it is done once, by ours */
static int open_child(int master, int fd)
{
    char name[NAME_MOST];
    struct termios mode;
    struct winsize size;
    int child;

    if (grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof name) != 0)
        return -1;
    child = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (child < 0)
        return -1;
    if (tcgetattr(child, &mode) == 0) {
        cfmakeraw(&mode);
        tcsetattr(child, TCSANOW, &mode);
    }
    if (ioctl(fd, TIOCGWINSZ, &size) == 0)
        ioctl(child, TIOCSWINSZ, &size);
    return child;
}

int terminal_pair(int fd, int pair[2])
{
    int master, child;

    if (!isatty(fd))
        return -1;
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    child = master < 0 ? -1 : open_child(master, fd);
    if (child < 0) {
        if (master >= 0)
            close(master);
        return -1;
    }
    pair[0] = master;
    pair[1] = child;
    return 0;
}

const char *terminal_columns(void)
{
    static char text[32];
    struct winsize size = {0};

    if (getenv("COLUMNS") || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
        return NULL;
    snprintf(text, sizeof text, "COLUMNS=%d", size.ws_col);
    return text;
}

/* ESC [ parameters letter; ESC ] anything, up to a bell or ESC \ */
size_t terminal_escape(const char *text, size_t len)
{
    size_t n = 2;

    if (len < 2 || text[0] != ESC || (text[1] != '[' && text[1] != ']'))
        return 0;
    if (text[1] == '[') {
        while (n < len && text[n] >= ' ' && text[n] < '@')
            n++;
        return n < len ? n + 1 : 0;
    }
    while (n < len && text[n] != BELL && text[n] != ESC && text[n] != '\n')
        n++;
    if (n < len && text[n] == BELL)
        return n + 1;
    return n + 1 < len && text[n] == ESC && text[n + 1] == '\\' ? n + 2 : 0;
}

void terminal_plain(const char *text, size_t len, struct buf *out)
{
    for (size_t at = 0; at < len;) {
        size_t n = terminal_escape(text + at, len - at);
        const char *next;
        if (n) {
            at += n;
            continue;
        }
        next = memchr(text + at + 1, ESC, len - at - 1);
        n = next ? (size_t)(next - text) - at : len - at;
        buf_add(out, text + at, n);
        at += n;
    }
}
