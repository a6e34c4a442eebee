/tmp/w/builds/remote-asan/driver/capture/type.o: driver/capture/type.c \
 driver/capture/type.h runtime/base/arena.h runtime/base/buf.h
driver/capture/type.h:
runtime/base/arena.h:
runtime/base/buf.h:
