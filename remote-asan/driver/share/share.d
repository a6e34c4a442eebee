/tmp/w/builds/remote-asan/driver/share/share.o: driver/share/share.c \
 driver/share/share.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h cache/sign.h driver/share/remote.h cache/envelope.h \
 runtime/base/buf.h runtime/base/log.h
driver/share/share.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/sign.h:
driver/share/remote.h:
cache/envelope.h:
runtime/base/buf.h:
runtime/base/log.h:
