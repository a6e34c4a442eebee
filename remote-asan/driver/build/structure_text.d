/tmp/w/builds/remote-asan/driver/build/structure_text.o: \
 driver/build/structure_text.c driver/build/structure_text.h cache/hash.h \
 driver/lang/structure.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 driver/build/copy.h driver/build/edits.h driver/build/rename.h \
 driver/build/uses.h driver/build/cxx.h driver/lang/directive.h \
 driver/lang/lex.h runtime/base/arena.h
driver/build/structure_text.h:
cache/hash.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/copy.h:
driver/build/edits.h:
driver/build/rename.h:
driver/build/uses.h:
driver/build/cxx.h:
driver/lang/directive.h:
driver/lang/lex.h:
runtime/base/arena.h:
