/tmp/w/builds/remote-asan/driver/cupti.o: driver/cupti.c driver/cupti.h \
 driver/find.h runtime/base/arena.h runtime/base/fs.h \
 runtime/capture/trace.h
driver/cupti.h:
driver/find.h:
runtime/base/arena.h:
runtime/base/fs.h:
runtime/capture/trace.h:
