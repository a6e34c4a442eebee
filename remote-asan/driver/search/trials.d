/tmp/w/builds/remote-asan/driver/search/trials.o: driver/search/trials.c \
 driver/search/trials.h driver/build/units.h cache/hash.h \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 driver/build/rewrite.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h driver/lang/gpu.h \
 driver/lang/scan.h runtime/base/buf.h driver/build/usage.h \
 driver/search/bench.h driver/search/space.h driver/search/judge.h \
 runtime/base/log.h
driver/search/trials.h:
driver/build/units.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/rewrite.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/usage.h:
driver/search/bench.h:
driver/search/space.h:
driver/search/judge.h:
runtime/base/log.h:
