/* tests/fake/capture/fake.h - between the fake driver, the fake CUPTI and the program that they
 * run.
 *
 * A kernel is a host function over its parameters; a launch runs it at once. */
#ifndef FAKE_CAPTURE_H
#define FAKE_CAPTURE_H

#include <stddef.h>

struct fake_param {
    size_t offset, size;
};

struct CUfunc_st {
    const char *name; /* mangled */
    const struct fake_param *params;
    size_t nparams;
    void (*run)(void **params);
};

/* what the driver calls before (site 0) and behind (1) a function of its API; the fake CUPTI sets
 * it. `handed_on` is the call's own word */
typedef void fake_hook(unsigned id, int site, const void *params, int *result, const char *symbol,
                       unsigned long *handed_on);
extern fake_hook *fake_driver_hook;

#endif
