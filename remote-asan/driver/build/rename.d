/tmp/w/builds/remote-asan/driver/build/rename.o: driver/build/rename.c \
 driver/build/rename.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/lang/scan.h driver/lang/lex.h \
 runtime/base/arena.h
driver/build/rename.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/lang/scan.h:
driver/lang/lex.h:
runtime/base/arena.h:
