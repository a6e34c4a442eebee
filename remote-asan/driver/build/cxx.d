/tmp/w/builds/remote-asan/driver/build/cxx.o: driver/build/cxx.c \
 driver/build/cxx.h driver/build/rename.h driver/build/edits.h \
 driver/lang/source.h runtime/base/buf.h driver/lang/scan.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/build/copy.h \
 driver/build/uses.h runtime/base/arena.h
driver/build/cxx.h:
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
runtime/base/arena.h:
