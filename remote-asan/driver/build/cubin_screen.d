/tmp/w/builds/remote-asan/driver/build/cubin_screen.o: \
 driver/build/cubin_screen.c driver/build/cubin_screen.h \
 driver/build/cubin.h cache/hash.h runtime/base/arena.h \
 runtime/base/error.h driver/build/elf.h runtime/base/buf.h \
 runtime/base/demangle.h
driver/build/cubin_screen.h:
driver/build/cubin.h:
cache/hash.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/elf.h:
runtime/base/buf.h:
runtime/base/demangle.h:
