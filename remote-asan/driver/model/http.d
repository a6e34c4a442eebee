/tmp/w/builds/remote-asan/driver/model/http.o: driver/model/http.c \
 driver/model/http.h runtime/base/error.h runtime/base/log.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/model/http.h:
runtime/base/error.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
