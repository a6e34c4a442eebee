/tmp/w/builds/remote-asan/driver/build/launcher.o: \
 driver/build/launcher.c driver/build/launcher.h driver/build/copy.h \
 driver/build/edits.h driver/lang/source.h runtime/base/buf.h \
 driver/build/rename.h driver/lang/scan.h driver/build/uses.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/build/rewrite.h \
 driver/build/cxx.h driver/build/structure_text.h cache/hash.h \
 driver/lang/structure.h driver/build/launch_name.h \
 driver/lang/signature.h runtime/base/arena.h
driver/build/launcher.h:
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
driver/build/rewrite.h:
driver/build/cxx.h:
driver/build/structure_text.h:
cache/hash.h:
driver/lang/structure.h:
driver/build/launch_name.h:
driver/lang/signature.h:
runtime/base/arena.h:
