/tmp/w/builds/remote-asan/driver/here.o: driver/here.c driver/here.h \
 driver/lang/gpu.h runtime/base/error.h driver/recordings.h \
 cache/journal.h cache/key.h cache/hash.h driver/search/bench.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/scan.h runtime/base/buf.h \
 driver/search/worker.h runtime/base/fs.h
driver/here.h:
driver/lang/gpu.h:
runtime/base/error.h:
driver/recordings.h:
cache/journal.h:
cache/key.h:
cache/hash.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/search/worker.h:
runtime/base/fs.h:
