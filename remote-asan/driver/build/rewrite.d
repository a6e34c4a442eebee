/tmp/w/builds/remote-asan/driver/build/rewrite.o: driver/build/rewrite.c \
 driver/build/rewrite.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 driver/build/copy.h driver/build/edits.h driver/build/rename.h \
 driver/build/uses.h driver/build/structure_text.h cache/hash.h \
 driver/lang/structure.h driver/build/emit_form.h runtime/base/arena.h
driver/build/rewrite.h:
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
driver/build/structure_text.h:
cache/hash.h:
driver/lang/structure.h:
driver/build/emit_form.h:
runtime/base/arena.h:
