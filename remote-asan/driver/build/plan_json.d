/tmp/w/builds/remote-asan/driver/build/plan_json.o: \
 driver/build/plan_json.c driver/build/plan_json.h \
 driver/lang/structure.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h driver/lang/expr_impl.h \
 driver/lang/cursor.h driver/lang/lex.h runtime/base/integer.h \
 driver/lang/language.h
driver/build/plan_json.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lang/expr_impl.h:
driver/lang/cursor.h:
driver/lang/lex.h:
runtime/base/integer.h:
driver/lang/language.h:
