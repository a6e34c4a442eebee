/tmp/w/builds/remote-asan/driver/build/said.o: driver/build/said.c \
 driver/build/said.h runtime/base/arena.h runtime/base/buf.h
driver/build/said.h:
runtime/base/arena.h:
runtime/base/buf.h:
