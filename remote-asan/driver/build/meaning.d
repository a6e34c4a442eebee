/tmp/w/builds/remote-asan/driver/build/meaning.o: driver/build/meaning.c \
 driver/build/meaning.h cache/key.h cache/hash.h driver/build/plan.h \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/buf.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h driver/lang/gpu.h \
 driver/lang/scan.h driver/build/context.h driver/build/harness.h \
 driver/build/marker.h driver/build/words.h driver/lang/structure.h \
 runtime/base/log.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/build/meaning.h:
cache/key.h:
cache/hash.h:
driver/build/plan.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/build/context.h:
driver/build/harness.h:
driver/build/marker.h:
driver/build/words.h:
driver/lang/structure.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
