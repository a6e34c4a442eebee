/tmp/w/builds/remote-asan/runtime/base/duration.o: \
 runtime/base/duration.c runtime/base/duration.h
runtime/base/duration.h:
