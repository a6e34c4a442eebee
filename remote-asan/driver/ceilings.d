/tmp/w/builds/remote-asan/driver/ceilings.o: driver/ceilings.c \
 driver/ceilings.h driver/search/bench.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 runtime/base/buf.h runtime/base/fs.h
driver/ceilings.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
runtime/base/fs.h:
