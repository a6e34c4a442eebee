/tmp/w/builds/remote-asan/driver/lang/spec.o: driver/lang/spec.c \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/lang/scan.h
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
