/tmp/w/builds/remote-asan/driver/search/world_value.o: \
 driver/search/world_value.c driver/search/world.h runtime/base/buf.h \
 runtime/base/error.h driver/search/space_impl.h driver/search/space.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h \
 driver/search/world_impl.h runtime/base/arena.h runtime/base/log.h
driver/search/world.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/search/space_impl.h:
driver/search/space.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/world_impl.h:
runtime/base/arena.h:
runtime/base/log.h:
