/tmp/w/builds/remote-asan/driver/search/space.o: driver/search/space.c \
 driver/search/space_impl.h driver/search/space.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/lang/constant.h driver/lang/expr_impl.h driver/lang/cursor.h \
 driver/lang/lex.h runtime/base/integer.h driver/lang/language.h \
 driver/lang/structure.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/log.h
driver/search/space_impl.h:
driver/search/space.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lang/constant.h:
driver/lang/expr_impl.h:
driver/lang/cursor.h:
driver/lang/lex.h:
runtime/base/integer.h:
driver/lang/language.h:
driver/lang/structure.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/log.h:
