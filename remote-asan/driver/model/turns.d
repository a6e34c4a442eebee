/tmp/w/builds/remote-asan/driver/model/turns.o: driver/model/turns.c \
 driver/model/models_impl.h driver/model/budget.h driver/model/provider.h \
 driver/model/http.h runtime/base/error.h driver/model/model.h \
 driver/model/price.h runtime/base/arena.h runtime/base/buf.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/log.h
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
