/tmp/w/builds/remote-asan/driver/build/contained.o: \
 driver/build/contained.c driver/build/contained.h driver/build/units.h \
 cache/hash.h driver/build/command.h runtime/base/arena.h \
 runtime/base/error.h driver/build/rewrite.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 driver/build/usage.h driver/build/option.h driver/build/said.h \
 driver/build/sandbox.h driver/build/sandbox_paths.h driver/build/words.h \
 runtime/base/fs.h
driver/build/contained.h:
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
driver/build/option.h:
driver/build/said.h:
driver/build/sandbox.h:
driver/build/sandbox_paths.h:
driver/build/words.h:
runtime/base/fs.h:
