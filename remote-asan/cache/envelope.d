/tmp/w/builds/remote-asan/cache/envelope.o: cache/envelope.c \
 cache/envelope.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/sign.h runtime/base/buf.h runtime/base/log.h
cache/envelope.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/sign.h:
runtime/base/buf.h:
runtime/base/log.h:
