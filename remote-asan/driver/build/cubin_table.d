/tmp/w/builds/remote-asan/driver/build/cubin_table.o: \
 driver/build/cubin_table.c driver/build/cubin.h cache/hash.h \
 runtime/base/arena.h runtime/base/error.h driver/build/elf.h
driver/build/cubin.h:
cache/hash.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/elf.h:
