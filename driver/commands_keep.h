/* driver/commands_keep.h - `cache gc|verify|export|import|clear`: what changes a cache. */
#ifndef KS_COMMANDS_KEEP_H
#define KS_COMMANDS_KEEP_H

#include <stdbool.h>
#include "driver/commands.h"

/* is that word behind `cache` one of these? */
bool commands_keep_has(const char *verb);
int commands_keep(const struct command_call *call);

#endif
