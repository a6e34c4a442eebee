/tmp/w/builds/remote-asan/driver/codes.o: driver/codes.c driver/codes.h \
 driver/build/sass.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/error.h driver/build/usage.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/stage.h driver/inspect.h \
 cache/key.h cache/hash.h cache/record.h driver/build/command.h \
 driver/build/plan.h driver/search/bench.h driver/build/units.h \
 driver/build/rewrite.h driver/winner.h runtime/base/fs.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/codes.h:
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
driver/stage.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/build/command.h:
driver/build/plan.h:
driver/search/bench.h:
driver/build/units.h:
driver/build/rewrite.h:
driver/winner.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
