/tmp/w/builds/remote-asan/driver/build/knobs_loops.o: \
 driver/build/knobs_loops.c driver/build/knobs_impl.h driver/build/copy.h \
 driver/build/edits.h driver/lang/source.h runtime/base/buf.h \
 driver/build/rename.h driver/lang/scan.h driver/build/uses.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/build/knobs.h \
 driver/build/knob.h driver/lang/directive.h driver/lang/lex.h \
 runtime/base/arena.h
driver/build/knobs_impl.h:
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
driver/build/knobs.h:
driver/build/knob.h:
driver/lang/directive.h:
driver/lang/lex.h:
runtime/base/arena.h:
