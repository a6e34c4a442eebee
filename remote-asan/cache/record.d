/tmp/w/builds/remote-asan/cache/record.o: cache/record.c cache/record.h \
 cache/key.h cache/hash.h runtime/base/error.h runtime/base/buf.h \
 runtime/base/log.h runtime/base/utf8.h
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/log.h:
runtime/base/utf8.h:
