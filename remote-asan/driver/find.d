/tmp/w/builds/remote-asan/driver/find.o: driver/find.c driver/find.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/log.h
driver/find.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
