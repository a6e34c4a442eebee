/tmp/w/builds/remote-asan/driver/profile.o: driver/profile.c \
 driver/profile.h driver/ceilings.h driver/search/bench.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/lang/scan.h runtime/base/buf.h driver/codes.h driver/build/sass.h \
 runtime/base/arena.h driver/build/usage.h driver/stage.h \
 driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 driver/build/command.h driver/build/plan.h driver/build/symbol.h \
 driver/explain_spec.h driver/search/counted.h driver/search/evidence.h \
 driver/search/limit.h driver/search/judge.h driver/search/occupancy.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/utf8.h
driver/profile.h:
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
driver/codes.h:
driver/build/sass.h:
runtime/base/arena.h:
driver/build/usage.h:
driver/stage.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/build/command.h:
driver/build/plan.h:
driver/build/symbol.h:
driver/explain_spec.h:
driver/search/counted.h:
driver/search/evidence.h:
driver/search/limit.h:
driver/search/judge.h:
driver/search/occupancy.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/utf8.h:
