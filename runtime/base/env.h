/* runtime/base/env.h - what the environment asks for. */
#ifndef KS_ENV_H
#define KS_ENV_H

#include <stdbool.h>

/* is the variable set to something, and not to 0? */
bool env_is_on(const char *name);

#endif
