/tmp/w/builds/remote-asan/driver/search/world_json.o: \
 driver/search/world_json.c driver/search/world_impl.h \
 driver/search/world.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/arena.h runtime/base/utf8.h
driver/search/world_impl.h:
driver/search/world.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/arena.h:
runtime/base/utf8.h:
