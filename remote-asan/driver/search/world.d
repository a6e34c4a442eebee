/tmp/w/builds/remote-asan/driver/search/world.o: driver/search/world.c \
 driver/search/world.h runtime/base/buf.h runtime/base/error.h \
 driver/search/world_impl.h runtime/base/arena.h runtime/base/log.h
driver/search/world.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/search/world_impl.h:
runtime/base/arena.h:
runtime/base/log.h:
