/tmp/w/builds/remote-asan/driver/model/reply.o: driver/model/reply.c \
 driver/model/reply.h runtime/base/buf.h driver/model/anchor.h \
 driver/model/fence.h runtime/base/arena.h runtime/base/utf8.h
driver/model/reply.h:
runtime/base/buf.h:
driver/model/anchor.h:
driver/model/fence.h:
runtime/base/arena.h:
runtime/base/utf8.h:
