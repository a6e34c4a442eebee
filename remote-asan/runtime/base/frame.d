/tmp/w/builds/remote-asan/runtime/base/frame.o: runtime/base/frame.c \
 runtime/base/frame.h runtime/base/buf.h runtime/base/error.h
runtime/base/frame.h:
runtime/base/buf.h:
runtime/base/error.h:
