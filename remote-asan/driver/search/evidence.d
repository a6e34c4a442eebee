/tmp/w/builds/remote-asan/driver/search/evidence.o: \
 driver/search/evidence.c driver/search/evidence.h driver/build/sass.h \
 runtime/base/arena.h runtime/base/buf.h runtime/base/error.h \
 driver/build/usage.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h driver/lang/gpu.h \
 driver/lang/scan.h driver/search/limit.h driver/search/evidence_impl.h \
 driver/search/occupancy.h
driver/search/evidence.h:
driver/build/sass.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/usage.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/limit.h:
driver/search/evidence_impl.h:
driver/search/occupancy.h:
