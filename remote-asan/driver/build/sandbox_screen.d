/tmp/w/builds/remote-asan/driver/build/sandbox_screen.o: \
 driver/build/sandbox_screen.c driver/build/sandbox.h \
 runtime/base/arena.h runtime/base/error.h driver/lang/lex.h \
 driver/lang/scan.h driver/lang/source.h runtime/base/buf.h
driver/build/sandbox.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/source.h:
runtime/base/buf.h:
