/tmp/w/builds/remote-asan/driver/search/race.o: driver/search/race.c \
 driver/search/race.h
driver/search/race.h:
