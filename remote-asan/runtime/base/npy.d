/tmp/w/builds/remote-asan/runtime/base/npy.o: runtime/base/npy.c \
 runtime/base/npy.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/fs.h runtime/base/log.h
runtime/base/npy.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/fs.h:
runtime/base/log.h:
