/tmp/w/builds/remote-asan/driver/lang/decls.o: driver/lang/decls.c \
 driver/lang/brackets.h driver/lang/scan.h driver/lang/source.h \
 driver/lang/declare.h driver/lang/directive.h driver/lang/lex.h \
 runtime/base/arena.h
driver/lang/brackets.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/declare.h:
driver/lang/directive.h:
driver/lang/lex.h:
runtime/base/arena.h:
