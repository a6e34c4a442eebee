/tmp/w/builds/remote-asan/driver/lang/brackets.o: driver/lang/brackets.c \
 driver/lang/brackets.h driver/lang/scan.h driver/lang/source.h \
 driver/lang/directive.h driver/lang/lex.h runtime/base/arena.h
driver/lang/brackets.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/directive.h:
driver/lang/lex.h:
runtime/base/arena.h:
