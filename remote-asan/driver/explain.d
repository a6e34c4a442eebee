/tmp/w/builds/remote-asan/driver/explain.o: driver/explain.c \
 driver/explain.h driver/explain_spec.h driver/inspect.h cache/key.h \
 cache/hash.h cache/record.h runtime/base/error.h driver/build/command.h \
 runtime/base/arena.h driver/build/plan.h runtime/base/buf.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h driver/lookup.h \
 cache/lock.h cache/store.h driver/share/share.h cache/sign.h \
 driver/share/remote.h driver/search/space.h runtime/base/status.h \
 runtime/base/utf8.h
driver/explain.h:
driver/explain_spec.h:
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
driver/lookup.h:
cache/lock.h:
cache/store.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/search/space.h:
runtime/base/status.h:
runtime/base/utf8.h:
