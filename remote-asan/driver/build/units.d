/tmp/w/builds/remote-asan/driver/build/units.o: driver/build/units.c \
 driver/build/units.h cache/hash.h driver/build/command.h \
 runtime/base/arena.h runtime/base/error.h driver/build/rewrite.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h \
 runtime/base/buf.h driver/build/usage.h driver/build/contained.h \
 driver/build/copy.h driver/build/edits.h driver/build/rename.h \
 driver/build/uses.h driver/build/cubin.h driver/build/harness.h \
 driver/build/said.h driver/build/sandbox.h driver/build/structure_text.h \
 driver/lang/structure.h driver/build/words.h runtime/base/fs.h \
 runtime/base/log.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/build/units.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/rewrite.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/usage.h:
driver/build/contained.h:
driver/build/copy.h:
driver/build/edits.h:
driver/build/rename.h:
driver/build/uses.h:
driver/build/cubin.h:
driver/build/harness.h:
driver/build/said.h:
driver/build/sandbox.h:
driver/build/structure_text.h:
driver/lang/structure.h:
driver/build/words.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
