/tmp/w/builds/remote-asan/driver/build/option.o: driver/build/option.c \
 driver/build/option.h
driver/build/option.h:
