/tmp/w/builds/remote-asan/driver/inspect.o: driver/inspect.c \
 driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 runtime/base/error.h driver/build/command.h runtime/base/arena.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h cache/store.h \
 driver/build/harness.h driver/build/meaning.h driver/build/rewrite.h \
 driver/here.h runtime/base/fs.h runtime/base/log.h
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
cache/store.h:
driver/build/harness.h:
driver/build/meaning.h:
driver/build/rewrite.h:
driver/here.h:
runtime/base/fs.h:
runtime/base/log.h:
