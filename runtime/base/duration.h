/* runtime/base/duration.h - times as people write them. */
#ifndef KS_DURATION_H
#define KS_DURATION_H

/* seconds of a text like "90s", "10min", "2h", "45"; negative when it is none */
double duration_seconds(const char *text);

#endif
