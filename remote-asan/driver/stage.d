/tmp/w/builds/remote-asan/driver/stage.o: driver/stage.c driver/stage.h \
 driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 runtime/base/error.h driver/build/command.h runtime/base/arena.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/search/bench.h \
 driver/build/copy.h driver/build/edits.h driver/build/rename.h \
 driver/build/uses.h driver/build/depfile.h driver/build/harness.h \
 driver/build/units.h driver/build/rewrite.h driver/build/usage.h \
 driver/cupti.h runtime/base/fs.h
driver/stage.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
runtime/base/error.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/plan.h:
runtime/base/buf.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/bench.h:
driver/build/copy.h:
driver/build/edits.h:
driver/build/rename.h:
driver/build/uses.h:
driver/build/depfile.h:
driver/build/harness.h:
driver/build/units.h:
driver/build/rewrite.h:
driver/build/usage.h:
driver/cupti.h:
runtime/base/fs.h:
