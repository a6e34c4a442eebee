/tmp/w/builds/remote-asan/driver/build/call.o: driver/build/call.c \
 driver/build/call.h driver/build/rename.h driver/build/edits.h \
 driver/lang/source.h runtime/base/buf.h driver/lang/scan.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/build/copy.h \
 driver/build/uses.h driver/build/cxx.h runtime/base/arena.h \
 runtime/base/embed.h
driver/build/call.h:
driver/build/rename.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/build/copy.h:
driver/build/uses.h:
driver/build/cxx.h:
runtime/base/arena.h:
runtime/base/embed.h:
