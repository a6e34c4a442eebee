/tmp/w/builds/remote-asan/driver/lang/source.o: driver/lang/source.c \
 driver/lang/source.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/fs.h
driver/lang/source.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/fs.h:
