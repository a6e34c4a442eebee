/tmp/w/builds/remote-asan/driver/build/edits.o: driver/build/edits.c \
 driver/build/edits.h driver/lang/source.h runtime/base/buf.h \
 runtime/base/arena.h
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
runtime/base/arena.h:
