/tmp/w/builds/remote-asan/cache/store_stats.o: cache/store_stats.c \
 cache/store_impl.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/store.h runtime/base/buf.h runtime/base/fs.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
cache/store_impl.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
