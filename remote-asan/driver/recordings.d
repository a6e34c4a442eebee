/tmp/w/builds/remote-asan/driver/recordings.o: driver/recordings.c \
 driver/recordings.h cache/journal.h runtime/base/error.h cache/key.h \
 cache/hash.h driver/lang/gpu.h driver/search/bench.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/scan.h runtime/base/buf.h runtime/base/arena.h \
 runtime/base/log.h
driver/recordings.h:
cache/journal.h:
runtime/base/error.h:
cache/key.h:
cache/hash.h:
driver/lang/gpu.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/scan.h:
runtime/base/buf.h:
runtime/base/arena.h:
runtime/base/log.h:
