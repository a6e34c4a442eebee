/tmp/w/builds/remote-asan/cache/store.o: cache/store.c cache/store_impl.h \
 cache/record.h cache/key.h cache/hash.h runtime/base/error.h \
 cache/store.h runtime/base/buf.h cache/lmdb_child.h
cache/store_impl.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
runtime/base/buf.h:
cache/lmdb_child.h:
