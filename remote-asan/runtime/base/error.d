/tmp/w/builds/remote-asan/runtime/base/error.o: runtime/base/error.c \
 runtime/base/error.h
runtime/base/error.h:
