/tmp/w/builds/remote-asan/driver/build/toolkit.o: driver/build/toolkit.c \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 cache/hash.h runtime/base/fs.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
cache/hash.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
