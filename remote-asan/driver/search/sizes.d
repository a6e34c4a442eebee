/tmp/w/builds/remote-asan/driver/search/sizes.o: driver/search/sizes.c \
 driver/search/sizes.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h driver/search/space_impl.h \
 driver/search/space.h runtime/base/arena.h
driver/search/sizes.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/space_impl.h:
driver/search/space.h:
runtime/base/arena.h:
