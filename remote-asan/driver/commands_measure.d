/tmp/w/builds/remote-asan/driver/commands_measure.o: \
 driver/commands_measure.c driver/abtest.h driver/codes.h \
 driver/build/sass.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/error.h driver/build/usage.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/stage.h driver/inspect.h \
 cache/key.h cache/hash.h cache/record.h driver/build/command.h \
 driver/build/plan.h driver/search/bench.h driver/ceilings.h \
 driver/commands.h driver/profile.h driver/sources.h driver/lookup.h \
 cache/lock.h cache/store.h driver/share/share.h cache/sign.h \
 driver/share/remote.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h
driver/abtest.h:
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
driver/ceilings.h:
driver/commands.h:
driver/profile.h:
driver/sources.h:
driver/lookup.h:
cache/lock.h:
cache/store.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
