/tmp/w/builds/remote-asan/driver/lang/expr_parse.o: \
 driver/lang/expr_parse.c driver/lang/expr_impl.h driver/lang/cursor.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/lex.h \
 driver/lang/scan.h driver/lang/spec.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h runtime/base/integer.h \
 driver/lang/language.h runtime/base/arena.h
driver/lang/expr_impl.h:
driver/lang/cursor.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
runtime/base/integer.h:
driver/lang/language.h:
runtime/base/arena.h:
