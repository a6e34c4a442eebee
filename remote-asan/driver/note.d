/tmp/w/builds/remote-asan/driver/note.o: driver/note.c driver/note.h \
 runtime/base/error.h driver/build/cubin.h cache/hash.h \
 runtime/base/arena.h runtime/base/buf.h runtime/base/fs.h
driver/note.h:
runtime/base/error.h:
driver/build/cubin.h:
cache/hash.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/fs.h:
