/tmp/w/builds/remote-asan/driver/lang/gpu.o: driver/lang/gpu.c \
 driver/lang/gpu.h
driver/lang/gpu.h:
