/tmp/w/builds/remote-asan/driver/build/arch.o: driver/build/arch.c \
 driver/build/arch.h driver/build/command.h runtime/base/arena.h \
 runtime/base/error.h driver/build/words.h
driver/build/arch.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/words.h:
