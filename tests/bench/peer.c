/* tests/bench/peer.c */
#include "tests/bench/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const size_t PEER_MARK[PEER_MARKS] = {25, 50, 100, 200};

/* "# kernel_tuner 1.5.0, genetic_algorithm with its defaults, 400 seeds, 2026-11-26" */
static void read_title(struct peer *p, const char *line)
{
    const char *seeds = strstr(line, " seeds");

    snprintf(p->title, sizeof p->title, "%.*s", (int)strcspn(line + 2, "\n"), line + 2);
    while (seeds && seeds > line && seeds[-1] >= '0' && seeds[-1] <= '9')
        seeds--;
    p->seeds = seeds ? strtoul(seeds, NULL, 10) : 0;
}

static int read_row(struct peer_row *r, const char *line)
{
    int got =
        sscanf(line, "%63s %lf %lf %lf %lf %lf %lf %lf %lf", r->space, &r->mean[0], &r->mean[1],
               &r->mean[2], &r->mean[3], &r->sd[0], &r->sd[1], &r->sd[2], &r->sd[3]);

    return got == 1 + 2 * PEER_MARKS ? 0 : -1;
}

int peer_read(struct peer *p, const char *path, struct error *err)
{
    FILE *in = fopen(path, "r");
    char line[512];
    int rc = 0;

    *p = (struct peer){.n = 0};
    if (!in)
        return error_errno(err, "cannot read %s", path);
    for (size_t k = 1; rc == 0 && fgets(line, sizeof line, in); k++) {
        if (*line == '#')
            read_title(p, line);
        else if (strncmp(line, "space\t", 6) == 0)
            continue;
        else if (p->n == PEER_SPACES || read_row(&p->row[p->n++], line))
            rc = error_set(err, "%s:%zu: this is no row of such a table", path, k);
    }
    fclose(in);
    if (rc == 0 && (!p->seeds || !p->n))
        rc = error_set(err, "%s does not tell its seeds, or has no row", path);
    return rc;
}

const struct peer_row *peer_find(const struct peer *p, const char *space)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->row[i].space, space) == 0)
            return &p->row[i];
    return NULL;
}
