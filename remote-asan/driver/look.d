/tmp/w/builds/remote-asan/driver/look.o: driver/look.c driver/look.h \
 runtime/base/buf.h runtime/base/fs.h
driver/look.h:
runtime/base/buf.h:
runtime/base/fs.h:
