/tmp/w/builds/remote-asan/runtime/base/arena.o: runtime/base/arena.c \
 runtime/base/arena.h runtime/base/log.h
runtime/base/arena.h:
runtime/base/log.h:
