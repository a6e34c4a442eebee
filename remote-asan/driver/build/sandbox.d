/tmp/w/builds/remote-asan/driver/build/sandbox.o: driver/build/sandbox.c \
 driver/build/sandbox.h runtime/base/arena.h runtime/base/error.h \
 driver/build/sandbox_paths.h driver/build/words.h runtime/base/buf.h \
 runtime/base/fs.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/build/sandbox.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/sandbox_paths.h:
driver/build/words.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
