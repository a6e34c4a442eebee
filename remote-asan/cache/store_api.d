/tmp/w/builds/remote-asan/cache/store_api.o: cache/store_api.c \
 cache/store_impl.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/store.h runtime/base/buf.h cache/lmdb_child.h \
 runtime/base/fs.h runtime/base/log.h
cache/store_impl.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
runtime/base/buf.h:
cache/lmdb_child.h:
runtime/base/fs.h:
runtime/base/log.h:
