/tmp/w/builds/remote-asan/driver/build/flags.o: driver/build/flags.c \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 driver/build/option.h driver/build/words.h runtime/base/buf.h
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/option.h:
driver/build/words.h:
runtime/base/buf.h:
