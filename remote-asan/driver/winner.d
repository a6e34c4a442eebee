/tmp/w/builds/remote-asan/driver/winner.o: driver/winner.c \
 driver/winner.h driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 runtime/base/error.h driver/build/command.h runtime/base/arena.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/build/knobs.h \
 driver/build/knob.h driver/build/rename.h driver/build/edits.h \
 driver/build/sandbox.h driver/lang/structure.h
driver/winner.h:
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
driver/build/knobs.h:
driver/build/knob.h:
driver/build/rename.h:
driver/build/edits.h:
driver/build/sandbox.h:
driver/lang/structure.h:
