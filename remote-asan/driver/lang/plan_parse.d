/tmp/w/builds/remote-asan/driver/lang/plan_parse.o: \
 driver/lang/plan_parse.c driver/lang/plan_parse.h driver/lang/cursor.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/lex.h \
 driver/lang/scan.h driver/lang/spec.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/language.h \
 driver/lang/structure.h driver/lang/expr_impl.h runtime/base/integer.h \
 runtime/base/arena.h
driver/lang/plan_parse.h:
driver/lang/cursor.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/language.h:
driver/lang/structure.h:
driver/lang/expr_impl.h:
runtime/base/integer.h:
runtime/base/arena.h:
