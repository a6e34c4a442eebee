/tmp/w/builds/remote-asan/driver/commands.o: driver/commands.c \
 driver/commands.h driver/find.h driver/lang/diag.h driver/lang/source.h \
 runtime/base/status.h
driver/commands.h:
driver/find.h:
driver/lang/diag.h:
driver/lang/source.h:
runtime/base/status.h:
