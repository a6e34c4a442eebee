/tmp/w/builds/remote-asan/driver/capture/read.o: driver/capture/read.c \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/fs.h runtime/capture/trace.h
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/fs.h:
runtime/capture/trace.h:
