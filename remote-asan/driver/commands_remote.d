/tmp/w/builds/remote-asan/driver/commands_remote.o: \
 driver/commands_remote.c cache/store.h cache/key.h cache/hash.h \
 cache/record.h runtime/base/error.h driver/commands.h \
 driver/share/share.h cache/sign.h driver/share/remote.h driver/sources.h \
 driver/inspect.h driver/build/command.h runtime/base/arena.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/lookup.h cache/lock.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h \
 runtime/base/utf8.h
cache/store.h:
cache/key.h:
cache/hash.h:
cache/record.h:
runtime/base/error.h:
driver/commands.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/sources.h:
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
driver/lookup.h:
cache/lock.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
runtime/base/utf8.h:
