/* tests/bench/race.c - commands against one another: interleaved, each ROUNDS times.
 *
 *     race ROUNDS NAME FORGET COMMAND... [-- NAME FORGET COMMAND...]...
 *
 * Prints a line each, in microseconds: quartiles of the time from the start of the process to its
 * end, and how far the median is over that of the first command and over the second's. FORGET is a
 * folder whose files are removed before each run, "-" for none. What the commands say is dropped.
 */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16, WARM = 3 };

extern char **environ;

struct runner {
    const char *name, *forget;
    char **argv;
    double *us; /* of each round */
};

static void forget(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *e;

    while (dir && (e = readdir(dir)))
        if (e->d_name[0] != '.')
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
}

static double run(char **argv)
{
    posix_spawn_file_actions_t quiet;
    struct timespec from, to;
    pid_t child;
    int status;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (posix_spawn(&child, argv[0], &quiet, NULL, argv, environ) != 0 ||
        waitpid(child, &status, 0) < 0 || status != 0) {
        fprintf(stderr, "race: %s failed\n", argv[0]);
        exit(1);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    posix_spawn_file_actions_destroy(&quiet);
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static size_t runners_of(char **words, struct runner *all, int rounds)
{
    size_t n = 0;

    while (n < MOST && words[0] && words[1] && words[2]) {
        char **end = words;
        while (*end && strcmp(*end, "--") != 0)
            end++;
        all[n++] = (struct runner){words[0], words[1], words + 2, calloc((size_t)rounds, 8)};
        words = *end ? end + 1 : end;
        *end = NULL;
    }
    return n;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    struct runner all[MOST];
    size_t n = rounds > 0 ? runners_of(argv + 2, all, rounds) : 0;

    for (int i = -WARM; i < rounds; i++)
        for (size_t j = 0; j < n; j++) {
            double us;
            if (strcmp(all[j].forget, "-") != 0)
                forget(all[j].forget);
            us = run(all[j].argv);
            if (i >= 0)
                all[j].us[i] = us;
        }
    for (size_t j = 0; j < n; j++) {
        double *us = all[j].us;
        qsort(us, (size_t)rounds, sizeof *us, ascending);
        printf("  %-14s %8.0f %8.0f %8.0f", all[j].name, us[rounds / 4], us[rounds / 2],
               us[rounds * 3 / 4]);
        for (size_t i = 0; i < 2 && i < j; i++)
            printf(" %+10.0f", us[rounds / 2] - all[i].us[rounds / 2]);
        printf("\n");
    }
    return n ? 0 : 2;
}
