/tmp/w/builds/remote-asan/driver/build/uses.o: driver/build/uses.c \
 driver/build/uses.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h driver/lang/lex.h \
 runtime/base/arena.h
driver/build/uses.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lang/lex.h:
runtime/base/arena.h:
