/tmp/w/builds/remote-asan/driver/lang/lex.o: driver/lang/lex.c \
 driver/lang/lex.h driver/lang/scan.h driver/lang/source.h \
 runtime/base/arena.h
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/source.h:
runtime/base/arena.h:
