/tmp/w/builds/remote-asan/driver/build/plan_cxx.o: \
 driver/build/plan_cxx.c driver/build/plan_cxx.h driver/lang/structure.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/lang/scan.h runtime/base/buf.h driver/build/cxx.h \
 driver/build/rename.h driver/build/edits.h driver/lang/expr_impl.h \
 driver/lang/cursor.h driver/lang/lex.h runtime/base/integer.h \
 driver/lang/language.h runtime/base/arena.h
driver/build/plan_cxx.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/cxx.h:
driver/build/rename.h:
driver/build/edits.h:
driver/lang/expr_impl.h:
driver/lang/cursor.h:
driver/lang/lex.h:
runtime/base/integer.h:
driver/lang/language.h:
runtime/base/arena.h:
