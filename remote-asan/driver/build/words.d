/tmp/w/builds/remote-asan/driver/build/words.o: driver/build/words.c \
 driver/build/words.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/buf.h
driver/build/words.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
