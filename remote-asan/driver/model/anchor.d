/tmp/w/builds/remote-asan/driver/model/anchor.o: driver/model/anchor.c \
 driver/model/anchor.h runtime/base/arena.h runtime/base/buf.h
driver/model/anchor.h:
runtime/base/arena.h:
runtime/base/buf.h:
