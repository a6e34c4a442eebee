/tmp/w/builds/remote-asan/driver/build/launch_text.o: \
 driver/build/launch_text.c driver/build/launch_text.h driver/lang/scan.h \
 driver/lang/source.h driver/lang/brackets.h driver/lang/lex.h
driver/build/launch_text.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/lang/brackets.h:
driver/lang/lex.h:
