/tmp/w/builds/remote-asan/driver/model/mailbox.o: driver/model/mailbox.c \
 driver/model/provider.h driver/model/http.h runtime/base/error.h \
 driver/model/model.h driver/model/price.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/fs.h runtime/base/log.h \
 runtime/base/utf8.h
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
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/utf8.h:
