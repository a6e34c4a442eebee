/tmp/w/builds/remote-asan/driver/lang/structure.o: \
 driver/lang/structure.c driver/lang/structure.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/lang/directive.h driver/lang/lex.h driver/lang/plan_check.h \
 driver/lang/resolve.h driver/lang/block.h driver/lang/clause.h \
 driver/lang/cursor.h driver/lang/language.h driver/lang/constant.h \
 driver/lang/expr_impl.h runtime/base/integer.h driver/lang/signature.h \
 driver/lang/plan_parse.h runtime/base/arena.h runtime/base/utf8.h
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lang/directive.h:
driver/lang/lex.h:
driver/lang/plan_check.h:
driver/lang/resolve.h:
driver/lang/block.h:
driver/lang/clause.h:
driver/lang/cursor.h:
driver/lang/language.h:
driver/lang/constant.h:
driver/lang/expr_impl.h:
runtime/base/integer.h:
driver/lang/signature.h:
driver/lang/plan_parse.h:
runtime/base/arena.h:
runtime/base/utf8.h:
