/tmp/w/builds/remote-asan/driver/lang/directive.o: \
 driver/lang/directive.c driver/lang/directive.h driver/lang/scan.h \
 driver/lang/source.h driver/lang/lex.h
driver/lang/directive.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/lex.h:
