/tmp/w/builds/remote-asan/driver/roofline.o: driver/roofline.c \
 driver/roofline.h runtime/base/buf.h
driver/roofline.h:
runtime/base/buf.h:
