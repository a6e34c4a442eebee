/tmp/w/builds/remote-asan/driver/search/bench_json.o: \
 driver/search/bench_json.c driver/search/bench_json.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/build/harness.h runtime/base/buf.h driver/search/bench.h \
 driver/search/files.h runtime/base/log.h runtime/base/utf8.h
driver/search/bench_json.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/build/harness.h:
runtime/base/buf.h:
driver/search/bench.h:
driver/search/files.h:
runtime/base/log.h:
runtime/base/utf8.h:
