/tmp/w/builds/remote-asan/driver/capture/describe.o: \
 driver/capture/describe.c driver/capture/describe.h \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h driver/capture/infer.h runtime/base/arena.h
driver/capture/describe.h:
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
driver/capture/infer.h:
runtime/base/arena.h:
