/* runtime/capture/api.c - see api.h. */
#include "runtime/capture/api.h"

#include <dlfcn.h>
#include <string.h>
#include "runtime/capture/book.h"

struct driver_api driver;
struct cupti_api cupti;

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

static bool symbol(void *library, const char *of, const char *name, void *slot)
{
    void *p = dlsym(library, name);

    memcpy(slot, &p, sizeof p);
    if (!p)
        book_note("%s has no %s: nothing is captured", of, name);
    return p != NULL;
}

bool api_open_driver(void)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    bool ok = library != NULL;

    if (!library)
        book_note("no libcuda.so.1 in this process: nothing is captured");
#define LOOK(name) \
    ok = ok && symbol(library, "this driver (12.4 is needed)", TEXT(name), &driver.name);
    DRIVER_FUNCTIONS(LOOK)
#undef LOOK
    return ok;
}

/* a program that profiles itself (PyTorch does) brings a libcupti, and two in one process are one
 * too many */
static void *loaded_cupti(void)
{
    static const char *const names[] = {"libcupti.so.13", "libcupti.so.12", "libcupti.so"};
    void *library = NULL;

    for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_NOLOAD);
    return library;
}

bool api_open_cupti(const char *path)
{
    void *library = loaded_cupti();
    bool ok;

    if (!library && path)
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ok = library != NULL;
    if (!ok)
        book_note("cannot load CUPTI: %s: nothing is captured", path ? dlerror() : "no path given");
#define LOOK(name) ok = ok && symbol(library, "this libcupti", TEXT(name), &cupti.name);
    CUPTI_FUNCTIONS(LOOK)
#undef LOOK
    return ok;
}

const char *api_error(CUresult result)
{
    const char *name = NULL;

    driver.cuGetErrorName(result, &name);
    return name ? name : "an unknown error";
}
