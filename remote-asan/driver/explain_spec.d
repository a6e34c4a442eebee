/tmp/w/builds/remote-asan/driver/explain_spec.o: driver/explain_spec.c \
 driver/explain_spec.h driver/build/knobs.h driver/build/knob.h \
 driver/build/rename.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/lang/scan.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/cursor.h driver/lang/lex.h \
 driver/lang/structure.h runtime/base/arena.h runtime/base/utf8.h
driver/explain_spec.h:
driver/build/knobs.h:
driver/build/knob.h:
driver/build/rename.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/cursor.h:
driver/lang/lex.h:
driver/lang/structure.h:
runtime/base/arena.h:
runtime/base/utf8.h:
