/tmp/w/builds/remote-asan/driver/model/text.o: driver/model/text.c \
 driver/model/text.h
driver/model/text.h:
