/* runtime/capture/activity.h - how long kernels take, for a list of them. */
#ifndef KS_CAPTURE_ACTIVITY_H
#define KS_CAPTURE_ACTIVITY_H

/* from now on times go into the book; the last of them when the program exits */
void activity_start(void);

#endif
