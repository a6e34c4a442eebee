/tmp/w/builds/remote-asan/driver/build/command.o: driver/build/command.c \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 driver/build/arch.h driver/build/option.h driver/build/words.h \
 runtime/base/buf.h runtime/base/fs.h
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/arch.h:
driver/build/option.h:
driver/build/words.h:
runtime/base/buf.h:
runtime/base/fs.h:
