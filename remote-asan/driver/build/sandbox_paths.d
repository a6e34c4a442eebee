/tmp/w/builds/remote-asan/driver/build/sandbox_paths.o: \
 driver/build/sandbox_paths.c driver/build/sandbox_paths.h \
 driver/build/words.h runtime/base/arena.h runtime/base/error.h
driver/build/sandbox_paths.h:
driver/build/words.h:
runtime/base/arena.h:
runtime/base/error.h:
