/tmp/w/builds/remote-asan/driver/model/price.o: driver/model/price.c \
 driver/model/price.h runtime/base/error.h runtime/base/buf.h \
 runtime/base/embed.h runtime/base/fs.h runtime/base/log.h
driver/model/price.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/embed.h:
runtime/base/fs.h:
runtime/base/log.h:
