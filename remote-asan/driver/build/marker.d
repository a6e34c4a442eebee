/tmp/w/builds/remote-asan/driver/build/marker.o: driver/build/marker.c \
 driver/build/marker.h runtime/base/arena.h runtime/base/buf.h
driver/build/marker.h:
runtime/base/arena.h:
runtime/base/buf.h:
