/tmp/w/builds/remote-asan/driver/search/proof.o: driver/search/proof.c \
 driver/search/proof.h driver/search/bench.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 runtime/base/buf.h driver/search/sizes.h runtime/base/arena.h \
 runtime/base/log.h
driver/search/proof.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/search/sizes.h:
runtime/base/arena.h:
runtime/base/log.h:
