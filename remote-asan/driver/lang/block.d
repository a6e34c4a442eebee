/tmp/w/builds/remote-asan/driver/lang/block.o: driver/lang/block.c \
 driver/lang/block.h driver/lang/clause.h driver/lang/cursor.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/lex.h \
 driver/lang/scan.h driver/lang/spec.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/language.h \
 runtime/base/arena.h
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
runtime/base/arena.h:
