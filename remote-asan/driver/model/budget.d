/tmp/w/builds/remote-asan/driver/model/budget.o: driver/model/budget.c \
 driver/model/budget.h
driver/model/budget.h:
