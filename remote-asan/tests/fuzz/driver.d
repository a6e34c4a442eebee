/tmp/w/builds/remote-asan/tests/fuzz/driver.o: tests/fuzz/driver.c \
 runtime/base/arena.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
