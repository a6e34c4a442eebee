/tmp/w/builds/remote-asan/driver/build/rewrite_unit.o: \
 driver/build/rewrite_unit.c driver/build/call.h driver/build/rename.h \
 driver/build/edits.h driver/lang/source.h runtime/base/buf.h \
 driver/lang/scan.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/build/copy.h driver/build/uses.h driver/build/cxx.h \
 driver/build/harness.h driver/build/rewrite.h \
 driver/build/structure_text.h cache/hash.h driver/lang/structure.h \
 runtime/base/arena.h
driver/build/call.h:
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
driver/build/copy.h:
driver/build/uses.h:
driver/build/cxx.h:
driver/build/harness.h:
driver/build/rewrite.h:
driver/build/structure_text.h:
cache/hash.h:
driver/lang/structure.h:
runtime/base/arena.h:
