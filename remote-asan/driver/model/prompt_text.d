/tmp/w/builds/remote-asan/driver/model/prompt_text.o: \
 driver/model/prompt_text.c driver/model/prompt_text.h runtime/base/buf.h
driver/model/prompt_text.h:
runtime/base/buf.h:
