/tmp/w/builds/remote-asan/driver/model/config.o: driver/model/config.c \
 driver/model/provider.h driver/model/http.h runtime/base/error.h \
 driver/model/model.h driver/model/price.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h
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
