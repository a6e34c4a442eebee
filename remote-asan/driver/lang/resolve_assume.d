/tmp/w/builds/remote-asan/driver/lang/resolve_assume.o: \
 driver/lang/resolve_assume.c driver/lang/resolve.h driver/lang/block.h \
 driver/lang/clause.h driver/lang/cursor.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/lex.h driver/lang/scan.h \
 driver/lang/spec.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/language.h driver/lang/constant.h \
 driver/lang/expr_impl.h runtime/base/integer.h driver/lang/signature.h \
 runtime/base/arena.h
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
runtime/base/arena.h:
