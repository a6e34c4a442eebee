#include "runtime/base/env.h"

#include <stdlib.h>
#include <string.h>

bool env_is_on(const char *name)
{
    const char *value = getenv(name);

    return value && *value && strcmp(value, "0") != 0;
}

bool env_is_not_off(const char *name)
{
    const char *value = getenv(name);

    return !value || strcmp(value, "0") != 0;
}

const char *env_given(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}
