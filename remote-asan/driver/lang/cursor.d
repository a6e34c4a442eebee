/tmp/w/builds/remote-asan/driver/lang/cursor.o: driver/lang/cursor.c \
 driver/lang/cursor.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/lex.h driver/lang/scan.h driver/lang/spec.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 runtime/base/arena.h runtime/base/buf.h
driver/lang/cursor.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
runtime/base/arena.h:
runtime/base/buf.h:
