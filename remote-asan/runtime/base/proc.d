/tmp/w/builds/remote-asan/runtime/base/proc.o: runtime/base/proc.c \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/log.h
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/log.h:
