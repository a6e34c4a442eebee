/tmp/w/builds/remote-asan/driver/model/card.o: driver/model/card.c \
 driver/model/prompt.h runtime/base/error.h driver/model/prompt_file.h \
 runtime/base/buf.h runtime/base/embed.h
driver/model/prompt.h:
runtime/base/error.h:
driver/model/prompt_file.h:
runtime/base/buf.h:
runtime/base/embed.h:
