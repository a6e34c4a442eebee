/tmp/w/builds/remote-asan/driver/search/tune.o: driver/search/tune.c \
 driver/search/tune.h driver/search/space.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/search/space_impl.h runtime/base/log.h
driver/search/tune.h:
driver/search/space.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/space_impl.h:
runtime/base/log.h:
