/tmp/w/builds/remote-asan/driver/build/context.o: driver/build/context.c \
 driver/build/context.h cache/hash.h driver/lang/scan.h \
 driver/lang/source.h runtime/base/arena.h driver/build/marker.h \
 runtime/base/buf.h runtime/base/fs.h
driver/build/context.h:
cache/hash.h:
driver/lang/scan.h:
driver/lang/source.h:
runtime/base/arena.h:
driver/build/marker.h:
runtime/base/buf.h:
runtime/base/fs.h:
