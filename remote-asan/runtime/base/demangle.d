/tmp/w/builds/remote-asan/runtime/base/demangle.o: \
 runtime/base/demangle.c runtime/base/demangle.h
runtime/base/demangle.h:
