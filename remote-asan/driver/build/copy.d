/tmp/w/builds/remote-asan/driver/build/copy.o: driver/build/copy.c \
 driver/build/copy.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/build/rename.h driver/lang/scan.h \
 driver/build/uses.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/build/copy_check.h driver/build/cxx.h driver/build/knob.h \
 driver/build/marker.h runtime/base/arena.h
driver/build/copy.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/build/rename.h:
driver/lang/scan.h:
driver/build/uses.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/build/copy_check.h:
driver/build/cxx.h:
driver/build/knob.h:
driver/build/marker.h:
runtime/base/arena.h:
