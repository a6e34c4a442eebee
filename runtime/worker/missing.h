/* runtime/worker/missing.h - symbols of a shared object that only the user's whole program has.
 *
 * A harness is one source file of many, and the dynamic linker opens no object whose data refers to
 * what nobody defines: the class of an exception, a variable, a function in a table. Functions that
 * are only called it looks for when they are. As nothing of the entry needs the rest, that may as
 * well be at address 0. */
#ifndef KS_MISSING_H
#define KS_MISSING_H

#include <stddef.h>

/* lets all undefined symbols that are looked for when the object (an ELF file) is opened be
 * undefined; changes nothing in what it cannot read */
void missing_allow(void *object, size_t len);

#endif
