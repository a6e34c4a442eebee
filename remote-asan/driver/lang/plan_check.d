/tmp/w/builds/remote-asan/driver/lang/plan_check.o: \
 driver/lang/plan_check.c driver/lang/plan_check.h driver/lang/resolve.h \
 driver/lang/block.h driver/lang/clause.h driver/lang/cursor.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/lex.h \
 driver/lang/scan.h driver/lang/spec.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/language.h \
 driver/lang/constant.h driver/lang/expr_impl.h runtime/base/integer.h \
 driver/lang/signature.h driver/lang/structure.h runtime/base/arena.h \
 runtime/base/buf.h
driver/lang/plan_check.h:
driver/lang/resolve.h:
driver/lang/block.h:
driver/lang/clause.h:
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
driver/lang/constant.h:
driver/lang/expr_impl.h:
runtime/base/integer.h:
driver/lang/signature.h:
driver/lang/structure.h:
runtime/base/arena.h:
runtime/base/buf.h:
