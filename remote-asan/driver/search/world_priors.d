/tmp/w/builds/remote-asan/driver/search/world_priors.o: \
 driver/search/world_priors.c driver/search/world_impl.h \
 driver/search/world.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/arena.h runtime/base/log.h
driver/search/world_impl.h:
driver/search/world.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/arena.h:
runtime/base/log.h:
