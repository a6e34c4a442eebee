/tmp/w/builds/remote-asan/driver/search/occupancy.o: \
 driver/search/occupancy.c driver/search/occupancy.h
driver/search/occupancy.h:
