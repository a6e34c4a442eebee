/tmp/w/builds/remote-asan/cache/key.o: cache/key.c cache/key.h \
 cache/hash.h cache/record.h runtime/base/error.h
cache/key.h:
cache/hash.h:
cache/record.h:
runtime/base/error.h:
