/tmp/w/builds/remote-asan/driver/model/prompt_file.o: \
 driver/model/prompt_file.c driver/model/prompt_file.h runtime/base/buf.h \
 runtime/base/error.h runtime/base/fs.h
driver/model/prompt_file.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/fs.h:
