/tmp/w/builds/remote-asan/driver/build/usage.o: driver/build/usage.c \
 driver/build/usage.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h driver/build/cubin.h cache/hash.h \
 runtime/base/arena.h
driver/build/usage.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/build/cubin.h:
cache/hash.h:
runtime/base/arena.h:
