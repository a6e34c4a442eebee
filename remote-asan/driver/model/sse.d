/tmp/w/builds/remote-asan/driver/model/sse.o: driver/model/sse.c \
 driver/model/sse.h runtime/base/buf.h
driver/model/sse.h:
runtime/base/buf.h:
