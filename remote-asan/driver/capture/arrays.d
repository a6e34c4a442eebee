/tmp/w/builds/remote-asan/driver/capture/arrays.o: \
 driver/capture/arrays.c driver/capture/write.h driver/capture/describe.h \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/npy.h runtime/capture/trace.h
driver/capture/write.h:
driver/capture/describe.h:
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/npy.h:
runtime/capture/trace.h:
