/tmp/w/builds/remote-asan/driver/diff_text.o: driver/diff_text.c \
 driver/diff_text.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h runtime/base/arena.h
driver/diff_text.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
runtime/base/arena.h:
