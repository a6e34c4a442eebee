/tmp/w/builds/remote-asan/driver/search/files.o: driver/search/files.c \
 driver/search/files.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/source.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/npy.h
driver/search/files.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/npy.h:
