/tmp/w/builds/remote-asan/driver/search/bench.o: driver/search/bench.c \
 driver/build/plan_json.h driver/lang/structure.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/build/structure_text.h cache/hash.h runtime/base/buf.h \
 driver/build/units.h driver/build/command.h runtime/base/arena.h \
 driver/build/rewrite.h driver/build/usage.h driver/search/bench_impl.h \
 driver/search/bench.h driver/search/bench_json.h driver/search/files.h \
 driver/search/worker.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/utf8.h
driver/build/plan_json.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/build/structure_text.h:
cache/hash.h:
runtime/base/buf.h:
driver/build/units.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/rewrite.h:
driver/build/usage.h:
driver/search/bench_impl.h:
driver/search/bench.h:
driver/search/bench_json.h:
driver/search/files.h:
driver/search/worker.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/utf8.h:
