/tmp/w/builds/remote-asan/driver/search/judge.o: driver/search/judge.c \
 driver/search/judge.h runtime/base/log.h
driver/search/judge.h:
runtime/base/log.h:
