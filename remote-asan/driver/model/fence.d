/tmp/w/builds/remote-asan/driver/model/fence.o: driver/model/fence.c \
 driver/model/fence.h runtime/base/arena.h runtime/base/buf.h
driver/model/fence.h:
runtime/base/arena.h:
runtime/base/buf.h:
