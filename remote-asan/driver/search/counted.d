/tmp/w/builds/remote-asan/driver/search/counted.o: \
 driver/search/counted.c driver/search/counted.h
driver/search/counted.h:
