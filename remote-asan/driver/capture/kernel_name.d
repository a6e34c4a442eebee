/tmp/w/builds/remote-asan/driver/capture/kernel_name.o: \
 driver/capture/kernel_name.c driver/capture/kernel_name.h \
 runtime/base/arena.h
driver/capture/kernel_name.h:
runtime/base/arena.h:
