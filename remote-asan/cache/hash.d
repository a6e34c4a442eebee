/tmp/w/builds/remote-asan/cache/hash.o: cache/hash.c cache/hash.h \
 runtime/base/log.h
cache/hash.h:
runtime/base/log.h:
