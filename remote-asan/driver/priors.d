/tmp/w/builds/remote-asan/driver/priors.o: driver/priors.c \
 driver/priors.h runtime/base/buf.h runtime/base/fs.h
driver/priors.h:
runtime/base/buf.h:
runtime/base/fs.h:
