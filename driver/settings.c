/* driver/settings.c */
#include "driver/settings.h"

#include <stdlib.h>
#include <string.h>

#include "driver/recordings.h"
#include "runtime/base/duration.h"
#include "runtime/base/env.h"
#include "runtime/base/log.h"

void settings_read(struct settings *s)
{
    const char *budget = env_given("KSEARCH_BUDGET"), *seed = env_given("KSEARCH_SEED");
    struct error err = {""};
    *s = (struct settings){.seconds = budget ? duration_seconds(budget) : -1,
                           .seed = seed ? strtoull(seed, NULL, 10) : 1,
                           .knobs = env_is_not_off("KSEARCH_KNOBS"),
                           .replay = recordings_path(env_given("KSEARCH_MODEL"))};
    if (budget && s->seconds < 0)
        log_warn("KSEARCH_BUDGET=%s is no time (90s, 10min, 2h): not used", budget);
    if (s->replay)
        return;
    int rc = models_config_read(&s->models, &err);
    if (rc < 0)
        log_warn("no model is asked: %s", err.text);
    s->has_models = rc > 0;
}
