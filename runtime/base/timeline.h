/* runtime/base/timeline.h - who did what when, for those who want to see what a search waited for.
 *
 * With KSEARCH_TIMELINE=FILE every span becomes an event of the Trace Event Format, which Perfetto
 * and chrome://tracing draw. FILE is a JSON array whose end may be missing, as the format allows,
 * so it can be read however the program ended. Without the variable nothing is done. */
#ifndef KS_TIMELINE_H
#define KS_TIMELINE_H

enum timeline_row {
    TIMELINE_GPU,      /* requests to the worker */
    TIMELINE_ENGINE,   /* what the engine itself was busy with */
    TIMELINE_COMPILER, /* the first of them; + i */
};

/* from `start` to now, on the clock of now_seconds() */
void timeline_span(int row, const char *name, double start);

#endif
