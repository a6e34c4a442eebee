/tmp/w/builds/remote-asan/driver/lang/scan.o: driver/lang/scan.c \
 driver/lang/scan.h driver/lang/source.h driver/lang/directive.h \
 driver/lang/lex.h runtime/base/arena.h
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/directive.h:
driver/lang/lex.h:
runtime/base/arena.h:
