/tmp/w/builds/remote-asan/driver/main.o: driver/main.c driver/commands.h \
 driver/compile.h runtime/base/proc.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/status.h
driver/commands.h:
driver/compile.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
