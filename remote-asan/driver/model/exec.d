/tmp/w/builds/remote-asan/driver/model/exec.o: driver/model/exec.c \
 driver/model/provider.h driver/model/http.h runtime/base/error.h \
 driver/model/model.h driver/model/price.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/log.h runtime/base/utf8.h
driver/model/provider.h:
driver/model/http.h:
runtime/base/error.h:
driver/model/model.h:
driver/model/price.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/log.h:
runtime/base/utf8.h:
