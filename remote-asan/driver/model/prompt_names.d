/tmp/w/builds/remote-asan/driver/model/prompt_names.o: \
 driver/model/prompt_names.c driver/model/prompt.h runtime/base/error.h \
 driver/model/prompt_text.h runtime/base/buf.h runtime/base/embed.h
driver/model/prompt.h:
runtime/base/error.h:
driver/model/prompt_text.h:
runtime/base/buf.h:
runtime/base/embed.h:
