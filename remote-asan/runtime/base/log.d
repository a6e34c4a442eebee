/tmp/w/builds/remote-asan/runtime/base/log.o: runtime/base/log.c \
 runtime/base/log.h runtime/base/status.h
runtime/base/log.h:
runtime/base/status.h:
