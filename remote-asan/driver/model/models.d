/tmp/w/builds/remote-asan/driver/model/models.o: driver/model/models.c \
 driver/model/models_impl.h driver/model/budget.h driver/model/provider.h \
 driver/model/http.h runtime/base/error.h driver/model/model.h \
 driver/model/price.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/log.h runtime/base/utf8.h
driver/model/models_impl.h:
driver/model/budget.h:
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
