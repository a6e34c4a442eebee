/* runtime/base/status.h - exit statuses of our own, apart from nvcc's (which are small) and from
 * the shell's (126 and above). Everything else that ends a compile is nvcc's own status. */
#ifndef KS_STATUS_H
#define KS_STATUS_H

enum {
    EXIT_USAGE = 100,      /* a ksnvcc command was misused */
    EXIT_ANNOTATION = 101, /* a malformed annotation: the compile fails */
    EXIT_REQUIRED = 102,   /* KSEARCH_MODE=require and no winner on file */
    EXIT_RECURSION = 103,  /* ksnvcc was about to call itself without end */
    EXIT_NO_NVCC = 104,    /* no compiler to hand over to */
    EXIT_LOCKFILE = 105,   /* the lockfile cannot be read */
    EXIT_WAITS = 106,      /* search --step: replies have to be written before it can go on */
    EXIT_NO_GPU = 107,     /* profile and bench: there is no GPU to measure on */
    EXIT_INTERNAL = 110,
};

#endif
