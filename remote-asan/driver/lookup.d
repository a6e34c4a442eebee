/tmp/w/builds/remote-asan/driver/lookup.o: driver/lookup.c \
 driver/lookup.h cache/lock.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/store.h driver/inspect.h \
 driver/build/command.h runtime/base/arena.h driver/build/plan.h \
 runtime/base/buf.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h driver/lang/gpu.h \
 driver/lang/scan.h driver/share/share.h cache/sign.h \
 driver/share/remote.h runtime/base/fs.h runtime/base/log.h
driver/lookup.h:
cache/lock.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
driver/inspect.h:
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
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
runtime/base/fs.h:
runtime/base/log.h:
