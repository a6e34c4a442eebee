/* tests/unit/heard.h - what a test says on standard error. */
#ifndef KS_TEST_HEARD_H
#define KS_TEST_HEARD_H

#include <stdio.h>
#include <unistd.h>

/* what is said on standard error between the two; around a test they make it quiet */
static struct {
    int kept;
    FILE *file;
    char text[65536];
} heard;

static inline int hear_begin(void **state)
{
    (void)state;
    heard.kept = dup(STDERR_FILENO);
    heard.file = tmpfile();
    return heard.file ? dup2(fileno(heard.file), STDERR_FILENO) < 0 : -1;
}

static inline int hear_end(void **state)
{
    size_t n;

    (void)state;
    dup2(heard.kept, STDERR_FILENO);
    close(heard.kept);
    rewind(heard.file);
    n = fread(heard.text, 1, sizeof heard.text - 1, heard.file);
    heard.text[n] = '\0';
    return fclose(heard.file);
}

#endif
