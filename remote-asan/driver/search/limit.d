/tmp/w/builds/remote-asan/driver/search/limit.o: driver/search/limit.c \
 driver/search/limit.h runtime/base/buf.h
driver/search/limit.h:
runtime/base/buf.h:
