/tmp/w/builds/remote-asan/runtime/base/fs.o: runtime/base/fs.c \
 runtime/base/fs.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/log.h
runtime/base/fs.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/log.h:
