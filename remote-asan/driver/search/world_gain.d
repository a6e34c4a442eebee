/tmp/w/builds/remote-asan/driver/search/world_gain.o: \
 driver/search/world_gain.c driver/search/world_impl.h \
 driver/search/world.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/arena.h
driver/search/world_impl.h:
driver/search/world.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/arena.h:
