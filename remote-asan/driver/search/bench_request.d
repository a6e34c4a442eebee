/tmp/w/builds/remote-asan/driver/search/bench_request.o: \
 driver/search/bench_request.c driver/search/bench_impl.h \
 driver/search/bench.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 runtime/base/log.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/search/bench_impl.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
