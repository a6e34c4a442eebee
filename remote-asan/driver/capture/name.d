/tmp/w/builds/remote-asan/driver/capture/name.o: driver/capture/name.c \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h driver/lang/scan.h driver/lang/source.h \
 driver/lang/signature.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 runtime/base/arena.h runtime/base/demangle.h
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/signature.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
runtime/base/arena.h:
runtime/base/demangle.h:
