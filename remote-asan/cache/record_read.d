/tmp/w/builds/remote-asan/cache/record_read.o: cache/record_read.c \
 cache/record.h cache/key.h cache/hash.h runtime/base/error.h \
 runtime/base/log.h runtime/base/utf8.h
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
runtime/base/log.h:
runtime/base/utf8.h:
