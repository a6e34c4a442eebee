/tmp/w/builds/remote-asan/driver/build/launch_macro.o: \
 driver/build/launch_macro.c driver/build/launch_macro.h \
 driver/build/copy.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/build/rename.h driver/lang/scan.h \
 driver/build/uses.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/build/launch_text.h driver/build/launch_name.h driver/lang/lex.h \
 runtime/base/arena.h
driver/build/launch_macro.h:
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
driver/build/launch_text.h:
driver/build/launch_name.h:
driver/lang/lex.h:
runtime/base/arena.h:
