/tmp/w/builds/remote-asan/driver/share/remote.o: driver/share/remote.c \
 driver/share/remote.h cache/key.h cache/hash.h runtime/base/error.h \
 driver/share/folder.h driver/share/state.h driver/share/web.h \
 runtime/base/buf.h runtime/base/duration.h runtime/base/log.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/share/remote.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
driver/share/folder.h:
driver/share/state.h:
driver/share/web.h:
runtime/base/buf.h:
runtime/base/duration.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
