/* driver/settings.h - how searches are done: what the environment says, and a command may override.
 *
 * | variable        | what                                                                   |
 * | KSEARCH_BUDGET  | time of an entry: 90s, 10min, 2h; over the annotation's budget(time)    |
 * | KSEARCH_SEED    | of every choice that is drawn                                          |
 * | KSEARCH_KNOBS=0 | the built-in knobs are not tried                                       |
 * | KSEARCH_MODEL   | see driver/model/model.h, or replay:PATH (driver/recordings.h)          |
 */
#ifndef KS_SETTINGS_H
#define KS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include "driver/model/model.h"
#include "driver/search/tune.h"
#include "runtime/base/error.h"

struct settings {
    double seconds; /* negative: the annotation's, or the default */
    int64_t evals;  /* 0: the annotation's */
    uint64_t seed;
    bool knobs;
    bool all; /* every point of what is declared, and nothing else */
    enum tuner_kind tuner;
    bool has_models;             /* models says which */
    struct models_config models; /* texts are the environment's, or the command line's */
    const char *replay;          /* the path of replay:PATH; NULL: searches are real */
    bool step;                   /* end where replies have to be written */
    bool finish;                 /* judge there what there is */
    struct json_t *t4;           /* results are added, see report_t4.h; NULL: nobody wants them */
    const char *run;             /* go on with this run, and no other; NULL: as it comes */
};

/* What cannot be used is a warning, and then not used: a build goes on */
void settings_read(struct settings *s);

#endif
