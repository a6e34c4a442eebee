/tmp/w/builds/remote-asan/cache/lock.o: cache/lock.c cache/lock.h \
 cache/record.h cache/key.h cache/hash.h runtime/base/error.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/log.h
cache/lock.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
