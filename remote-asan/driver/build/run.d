/tmp/w/builds/remote-asan/driver/build/run.o: driver/build/run.c \
 driver/build/depfile.h driver/build/plan.h cache/hash.h \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/buf.h driver/build/said.h driver/build/splice.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 driver/build/words.h runtime/base/fs.h
driver/build/depfile.h:
driver/build/plan.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
driver/build/said.h:
driver/build/splice.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/words.h:
runtime/base/fs.h:
