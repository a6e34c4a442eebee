/tmp/w/builds/remote-asan/runtime/base/foreground.o: \
 runtime/base/foreground.c runtime/base/foreground.h runtime/base/error.h
runtime/base/foreground.h:
runtime/base/error.h:
