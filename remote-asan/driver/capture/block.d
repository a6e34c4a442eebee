/tmp/w/builds/remote-asan/driver/capture/block.o: driver/capture/block.c \
 driver/capture/write.h driver/capture/describe.h \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h runtime/base/arena.h runtime/base/buf.h
driver/capture/write.h:
driver/capture/describe.h:
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
runtime/base/arena.h:
runtime/base/buf.h:
