/tmp/w/builds/remote-asan/driver/compile.o: driver/compile.c \
 driver/compile.h driver/emission.h driver/inspect.h cache/key.h \
 cache/hash.h cache/record.h runtime/base/error.h driver/build/command.h \
 runtime/base/arena.h driver/build/plan.h runtime/base/buf.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h driver/finder.h \
 driver/lookup.h cache/lock.h cache/store.h driver/share/share.h \
 cache/sign.h driver/share/remote.h driver/settings.h \
 driver/model/model.h driver/lang/structure.h driver/mode.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h
driver/compile.h:
driver/emission.h:
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
driver/finder.h:
driver/lookup.h:
cache/lock.h:
cache/store.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/settings.h:
driver/model/model.h:
driver/lang/structure.h:
driver/mode.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
