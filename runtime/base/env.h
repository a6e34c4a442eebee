/* runtime/base/env.h - what the environment asks for. */
#ifndef KS_ENV_H
#define KS_ENV_H

#include <stdbool.h>

/* is the variable set to something, and not to 0? */
bool env_is_on(const char *name);
/* the same of one that holds unless it says otherwise: is it not 0? */
bool env_is_not_off(const char *name);
/* its value; NULL where it is not set, or to nothing */
const char *env_given(const char *name);

#endif
