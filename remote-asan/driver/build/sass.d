/tmp/w/builds/remote-asan/driver/build/sass.o: driver/build/sass.c \
 driver/build/sass.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/error.h driver/build/cubin.h cache/hash.h runtime/base/fs.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/build/sass.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/cubin.h:
cache/hash.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
