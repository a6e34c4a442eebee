/tmp/w/builds/remote-asan/driver/build/depfile.o: driver/build/depfile.c \
 driver/build/depfile.h driver/build/plan.h cache/hash.h \
 driver/build/command.h runtime/base/arena.h runtime/base/error.h \
 runtime/base/buf.h driver/build/marker.h runtime/base/fs.h
driver/build/depfile.h:
driver/build/plan.h:
cache/hash.h:
driver/build/command.h:
runtime/base/arena.h:
runtime/base/error.h:
runtime/base/buf.h:
driver/build/marker.h:
runtime/base/fs.h:
