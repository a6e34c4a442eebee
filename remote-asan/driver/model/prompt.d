/tmp/w/builds/remote-asan/driver/model/prompt.o: driver/model/prompt.c \
 driver/model/prompt.h runtime/base/error.h driver/model/prompt_file.h \
 runtime/base/buf.h driver/model/prompt_text.h
driver/model/prompt.h:
runtime/base/error.h:
driver/model/prompt_file.h:
runtime/base/buf.h:
driver/model/prompt_text.h:
