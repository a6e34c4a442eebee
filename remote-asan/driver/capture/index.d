/tmp/w/builds/remote-asan/driver/capture/index.o: driver/capture/index.c \
 cache/hash.h driver/capture/write.h driver/capture/describe.h \
 driver/capture/captured.h driver/capture/kernel_name.h \
 driver/capture/type.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/fs.h
cache/hash.h:
driver/capture/write.h:
driver/capture/describe.h:
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/fs.h:
