/tmp/w/builds/remote-asan/driver/build/knob.o: driver/build/knob.c \
 driver/build/knob.h driver/build/rename.h driver/build/edits.h \
 driver/lang/source.h runtime/base/buf.h driver/lang/scan.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h runtime/base/arena.h
driver/build/knob.h:
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
runtime/base/arena.h:
