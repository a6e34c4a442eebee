/tmp/w/builds/remote-asan/driver/sources.o: driver/sources.c \
 driver/sources.h driver/inspect.h cache/key.h cache/hash.h \
 cache/record.h runtime/base/error.h driver/build/command.h \
 runtime/base/arena.h driver/build/plan.h runtime/base/buf.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h driver/lookup.h \
 cache/lock.h cache/store.h driver/share/share.h cache/sign.h \
 driver/share/remote.h driver/build/words.h driver/commands.h \
 driver/find.h runtime/base/fs.h runtime/base/status.h
driver/sources.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
runtime/base/error.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/plan.h:
runtime/base/buf.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lookup.h:
cache/lock.h:
cache/store.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/build/words.h:
driver/commands.h:
driver/find.h:
runtime/base/fs.h:
runtime/base/status.h:
