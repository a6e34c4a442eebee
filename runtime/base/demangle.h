/* runtime/base/demangle.h - C++ names as their authors wrote them. */
#ifndef KS_DEMANGLE_H
#define KS_DEMANGLE_H

/* "vadd(float const*, int)" of "_Z4vaddPKfi"; free() it. NULL when the name is not mangled, or
 * where there is no libstdc++: every program of nvcc's brings it, and so does every nvcc */
char *demangle(const char *mangled);

#endif
