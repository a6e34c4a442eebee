/tmp/w/builds/remote-asan/driver/lang/diag.o: driver/lang/diag.c \
 driver/lang/diag.h driver/lang/source.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/utf8.h
driver/lang/diag.h:
driver/lang/source.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/utf8.h:
