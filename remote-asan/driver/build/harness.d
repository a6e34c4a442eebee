/tmp/w/builds/remote-asan/driver/build/harness.o: driver/build/harness.c \
 driver/build/harness.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 driver/build/call.h driver/build/rename.h driver/build/edits.h \
 driver/build/copy.h driver/build/uses.h driver/build/cxx.h \
 driver/lang/structure.h runtime/base/arena.h
driver/build/harness.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/call.h:
driver/build/rename.h:
driver/build/edits.h:
driver/build/copy.h:
driver/build/uses.h:
driver/build/cxx.h:
driver/lang/structure.h:
runtime/base/arena.h:
