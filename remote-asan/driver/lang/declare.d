/tmp/w/builds/remote-asan/driver/lang/declare.o: driver/lang/declare.c \
 driver/lang/declare.h driver/lang/scan.h driver/lang/source.h \
 driver/lang/brackets.h driver/lang/directive.h driver/lang/lex.h
driver/lang/declare.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/brackets.h:
driver/lang/directive.h:
driver/lang/lex.h:
