/tmp/w/builds/remote-asan/driver/capture/infer.o: driver/capture/infer.c \
 driver/capture/infer.h runtime/base/arena.h
driver/capture/infer.h:
runtime/base/arena.h:
