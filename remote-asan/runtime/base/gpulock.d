/tmp/w/builds/remote-asan/runtime/base/gpulock.o: runtime/base/gpulock.c \
 runtime/base/gpulock.h runtime/base/error.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h
runtime/base/gpulock.h:
runtime/base/error.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
