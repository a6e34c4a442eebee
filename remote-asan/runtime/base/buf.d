/tmp/w/builds/remote-asan/runtime/base/buf.o: runtime/base/buf.c \
 runtime/base/buf.h runtime/base/log.h
runtime/base/buf.h:
runtime/base/log.h:
