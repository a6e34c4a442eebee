/tmp/w/builds/remote-asan/driver/build/elf.o: driver/build/elf.c \
 driver/build/elf.h runtime/base/error.h driver/build/cubin.h \
 cache/hash.h runtime/base/arena.h runtime/base/buf.h runtime/base/fs.h
driver/build/elf.h:
runtime/base/error.h:
driver/build/cubin.h:
cache/hash.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/fs.h:
