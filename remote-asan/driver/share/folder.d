/tmp/w/builds/remote-asan/driver/share/folder.o: driver/share/folder.c \
 driver/share/folder.h driver/share/remote.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/envelope.h cache/record.h cache/sign.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/log.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/share/folder.h:
driver/share/remote.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/envelope.h:
cache/record.h:
cache/sign.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
