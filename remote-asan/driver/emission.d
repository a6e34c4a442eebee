/tmp/w/builds/remote-asan/driver/emission.o: driver/emission.c \
 driver/emission.h driver/inspect.h cache/key.h cache/hash.h \
 cache/record.h runtime/base/error.h driver/build/command.h \
 runtime/base/arena.h driver/build/plan.h runtime/base/buf.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h \
 driver/build/cubin.h driver/build/rewrite.h driver/winner.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/utf8.h
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
driver/build/cubin.h:
driver/build/rewrite.h:
driver/winner.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/utf8.h:
