/tmp/w/builds/remote-asan/driver/search/space_sample.o: \
 driver/search/space_sample.c driver/search/space_impl.h \
 driver/search/space.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/log.h
driver/search/space_impl.h:
driver/search/space.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/log.h:
