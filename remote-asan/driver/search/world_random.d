/tmp/w/builds/remote-asan/driver/search/world_random.o: \
 driver/search/world_random.c driver/search/space_impl.h \
 driver/search/space.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h driver/search/world_impl.h \
 driver/search/world.h runtime/base/buf.h runtime/base/arena.h
driver/search/space_impl.h:
driver/search/space.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/world_impl.h:
driver/search/world.h:
runtime/base/buf.h:
runtime/base/arena.h:
