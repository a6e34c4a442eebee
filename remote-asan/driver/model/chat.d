/tmp/w/builds/remote-asan/driver/model/chat.o: driver/model/chat.c \
 driver/model/chat.h driver/model/provider.h driver/model/http.h \
 runtime/base/error.h driver/model/model.h driver/model/price.h \
 runtime/base/arena.h runtime/base/buf.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h driver/model/refusal.h \
 driver/model/sse.h driver/model/text.h runtime/base/log.h \
 runtime/base/utf8.h
driver/model/chat.h:
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
driver/model/refusal.h:
driver/model/sse.h:
driver/model/text.h:
runtime/base/log.h:
runtime/base/utf8.h:
