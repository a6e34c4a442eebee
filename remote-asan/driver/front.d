/tmp/w/builds/remote-asan/driver/front.o: driver/front.c driver/find.h \
 driver/look.h runtime/base/buf.h runtime/base/fs.h runtime/base/log.h \
 runtime/base/status.h
driver/find.h:
driver/look.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/status.h:
