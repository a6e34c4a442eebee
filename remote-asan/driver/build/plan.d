/tmp/w/builds/remote-asan/driver/build/plan.o: driver/build/plan.c \
 driver/build/plan.h cache/hash.h driver/build/command.h \
 runtime/base/arena.h runtime/base/error.h runtime/base/buf.h \
 driver/build/words.h runtime/base/fs.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h
driver/build/plan.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
driver/build/words.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
