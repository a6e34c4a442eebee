/tmp/w/builds/remote-asan/driver/runs.o: driver/runs.c driver/runs.h \
 cache/journal.h runtime/base/error.h cache/key.h cache/hash.h \
 driver/lang/gpu.h runtime/base/buf.h runtime/base/fs.h \
 runtime/base/log.h
driver/runs.h:
cache/journal.h:
runtime/base/error.h:
cache/key.h:
cache/hash.h:
driver/lang/gpu.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
