/tmp/w/builds/remote-asan/cache/sign.o: cache/sign.c cache/sign.h \
 runtime/base/error.h runtime/base/buf.h runtime/base/fs.h \
 runtime/base/log.h runtime/base/utf8.h
cache/sign.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/utf8.h:
