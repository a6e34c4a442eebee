/tmp/w/builds/remote-asan/driver/model/provider.o: \
 driver/model/provider.c driver/model/provider.h driver/model/http.h \
 runtime/base/error.h driver/model/model.h driver/model/price.h \
 runtime/base/arena.h runtime/base/buf.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h
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
