/tmp/w/builds/remote-asan/runtime/base/integer.o: runtime/base/integer.c \
 runtime/base/integer.h runtime/base/error.h
runtime/base/integer.h:
runtime/base/error.h:
