/* runtime/base/demangle.c
 *
 * The demangler of the C++ runtime that is there anyway; opened, not linked, as nothing else of it
 * is needed. It is never closed: it is closed with the process. */
#include "runtime/base/demangle.h"

#include <dlfcn.h>
#include <string.h>

typedef char *demangler(const char *mangled, char *buffer, size_t *size, int *status);

static demangler *find_demangler(void)
{
    static const char name[] = "__cxa_demangle";
    void *symbol = dlsym(RTLD_DEFAULT, name), *library;
    demangler *f = NULL;

    if (!symbol) {
        library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
        symbol = library ? dlsym(library, name) : NULL;
    }
    memcpy(&f, &symbol, sizeof f);
    return f;
}

char *demangle(const char *mangled)
{
    demangler *f = strncmp(mangled, "_Z", 2) == 0 ? find_demangler() : NULL;
    int status = 0;

    return f ? f(mangled, NULL, NULL, &status) : NULL;
}
