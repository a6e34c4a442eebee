/tmp/w/builds/remote-asan/driver/build/splice.o: driver/build/splice.c \
 driver/build/splice.h driver/build/plan.h cache/hash.h \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/buf.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h driver/build/marker.h driver/build/words.h \
 runtime/base/fs.h
driver/build/splice.h:
driver/build/plan.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/marker.h:
driver/build/words.h:
runtime/base/fs.h:
