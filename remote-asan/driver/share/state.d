/tmp/w/builds/remote-asan/driver/share/state.o: driver/share/state.c \
 driver/share/state.h runtime/base/error.h cache/hash.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/log.h
driver/share/state.h:
runtime/base/error.h:
cache/hash.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
