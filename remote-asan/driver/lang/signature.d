/tmp/w/builds/remote-asan/driver/lang/signature.o: \
 driver/lang/signature.c driver/lang/signature.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/lang/cursor.h driver/lang/lex.h runtime/base/arena.h \
 runtime/base/buf.h
driver/lang/signature.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lang/cursor.h:
driver/lang/lex.h:
runtime/base/arena.h:
runtime/base/buf.h:
