/tmp/w/builds/remote-asan/driver/mode.o: driver/mode.c driver/mode.h \
 runtime/base/error.h
driver/mode.h:
runtime/base/error.h:
