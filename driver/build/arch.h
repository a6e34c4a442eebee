/* driver/build/arch.h - what -arch, -code and -gencode ask for. */
#ifndef KS_ARCH_H
#define KS_ARCH_H

#include "driver/build/command.h"

struct archs {
    struct target_arch *arch;
    size_t n;
    bool native, lto;
};

/* one name: "sm_90a", "compute_90", "lto_90"; `alone`: as -arch with no -code, where sm_90 brings
 * its PTX along */
int archs_name(struct arena *a, struct archs *s, const char *name, bool alone, struct error *err);
/* a value of -gencode: "arch=compute_90,code=[compute_90,sm_90]" */
int archs_gencode(struct arena *a, struct archs *s, const char *value, struct error *err);
/* a value of -code: "sm_80,compute_80" */
int archs_codes(struct arena *a, struct archs *s, const char *value, struct error *err);
/* a value of -arch with no -code, which may be all, all-major and native too */
int archs_alone(struct arena *a, struct archs *s, const char *value, struct error *err);

#endif
