/tmp/w/builds/remote-asan/driver/build/symbol.o: driver/build/symbol.c \
 driver/build/symbol.h runtime/base/arena.h runtime/base/demangle.h
driver/build/symbol.h:
runtime/base/arena.h:
runtime/base/demangle.h:
