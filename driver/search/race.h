/* driver/search/race.h - who of the good ones gets measured again: successive halving.
 *
 * After the screen (3 samples a workload) a third is kept, of many the first 24, and gets twice the
 * samples, and so on until few are left. */
#ifndef KS_RACE_H
#define KS_RACE_H

#include <stddef.h>

#define RACE_SCREEN 3 /* samples a workload in the screen */
#define RACE_DROP 1.5 /* slower than this times the best after the screen: out at once */
#define RACE_MOST 24  /* run on after the screen: the best is among so many, but for a percent */

struct racer {
    size_t id;
    double score; /* weighted median ratio to the original so far; smaller is better */
    int samples;  /* a workload, so far */
};

/* Chooses who runs on: sorts the n racers by score and returns how many of the first should be
 * measured again, *samples more times a workload. 0: the race is over and racers[0..] are in order
 * of merit. */
size_t race_next(struct racer *racers, size_t n, int *samples);

#endif
