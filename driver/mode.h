/* driver/mode.h - KSEARCH_MODE: what a build does when nothing is on file for an entry. */
#ifndef KS_MODE_H
#define KS_MODE_H

#include <stdbool.h>
#include "runtime/base/error.h"

enum mode { MODE_SEARCH, MODE_CACHED, MODE_REQUIRE, MODE_OFF };

const char *mode_name(enum mode mode);
/* The mode that KSEARCH_MODE asks for. Unset: cached when CI is set (and not empty, 0 or false),
 * else search; *given tells whether it was set. An unknown word is an error, and the mode is then
 * cached. */
enum mode mode_read(bool *given, struct error *err);

/* CI is set, and not empty, 0 or false */
bool mode_is_ci(void);

#endif
