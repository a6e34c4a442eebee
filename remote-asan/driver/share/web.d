/tmp/w/builds/remote-asan/driver/share/web.o: driver/share/web.c \
 driver/share/web.h driver/share/remote.h cache/key.h cache/hash.h \
 runtime/base/error.h driver/model/http.h runtime/base/buf.h \
 runtime/base/log.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
driver/share/web.h:
driver/share/remote.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
driver/model/http.h:
runtime/base/buf.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
