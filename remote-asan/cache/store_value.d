/tmp/w/builds/remote-asan/cache/store_value.o: cache/store_value.c \
 cache/store_impl.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/store.h runtime/base/buf.h
cache/store_impl.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
runtime/base/buf.h:
