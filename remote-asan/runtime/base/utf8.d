/tmp/w/builds/remote-asan/runtime/base/utf8.o: runtime/base/utf8.c \
 runtime/base/utf8.h runtime/base/buf.h
runtime/base/utf8.h:
runtime/base/buf.h:
