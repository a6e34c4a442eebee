/tmp/w/builds/remote-asan/driver/build/launch_name.o: \
 driver/build/launch_name.c driver/build/launch_name.h \
 driver/build/copy.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/build/rename.h driver/lang/scan.h \
 driver/build/uses.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/build/copy_check.h driver/lang/block.h driver/lang/clause.h \
 driver/lang/cursor.h driver/lang/lex.h driver/lang/language.h \
 runtime/base/arena.h
driver/build/launch_name.h:
driver/build/copy.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/build/rename.h:
driver/lang/scan.h:
driver/build/uses.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/build/copy_check.h:
driver/lang/block.h:
driver/lang/clause.h:
driver/lang/cursor.h:
driver/lang/lex.h:
driver/lang/language.h:
runtime/base/arena.h:
