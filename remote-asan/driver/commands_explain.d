/tmp/w/builds/remote-asan/driver/commands_explain.o: \
 driver/commands_explain.c driver/commands.h driver/diff.h \
 driver/explain.h driver/find.h driver/lang/language.h driver/note.h \
 runtime/base/error.h runtime/base/log.h runtime/base/status.h \
 runtime/base/utf8.h
driver/commands.h:
driver/diff.h:
driver/explain.h:
driver/find.h:
driver/lang/language.h:
driver/note.h:
runtime/base/error.h:
runtime/base/log.h:
runtime/base/status.h:
runtime/base/utf8.h:
