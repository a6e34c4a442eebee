/tmp/w/builds/remote-asan/driver/search/evidence_counters.o: \
 driver/search/evidence_counters.c driver/search/evidence_impl.h \
 driver/search/evidence.h driver/build/sass.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/error.h driver/build/usage.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h \
 driver/search/limit.h driver/search/counted.h
driver/search/evidence_impl.h:
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
driver/search/counted.h:
