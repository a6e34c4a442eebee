/tmp/w/builds/remote-asan/cache/lmdb_child.o: cache/lmdb_child.c \
 cache/lmdb_child.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/log.h
cache/lmdb_child.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/log.h:
