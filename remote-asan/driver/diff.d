/tmp/w/builds/remote-asan/driver/diff.o: driver/diff.c driver/diff.h \
 driver/build/cxx.h driver/build/rename.h driver/build/edits.h \
 driver/lang/source.h runtime/base/buf.h driver/lang/scan.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/build/knob.h \
 driver/diff_text.h driver/explain_spec.h driver/lang/structure.h \
 driver/lookup.h cache/lock.h cache/record.h cache/key.h cache/hash.h \
 cache/store.h driver/inspect.h driver/build/command.h \
 runtime/base/arena.h driver/build/plan.h driver/share/share.h \
 cache/sign.h driver/share/remote.h driver/winner.h runtime/base/status.h \
 runtime/base/utf8.h
driver/diff.h:
driver/build/cxx.h:
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
driver/build/knob.h:
driver/diff_text.h:
driver/explain_spec.h:
driver/lang/structure.h:
driver/lookup.h:
cache/lock.h:
cache/record.h:
cache/key.h:
cache/hash.h:
cache/store.h:
driver/inspect.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/plan.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/winner.h:
runtime/base/status.h:
runtime/base/utf8.h:
