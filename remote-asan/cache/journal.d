/tmp/w/builds/remote-asan/cache/journal.o: cache/journal.c \
 cache/journal_impl.h cache/journal.h runtime/base/error.h \
 runtime/base/buf.h cache/lmdb_child.h runtime/base/fs.h \
 runtime/base/log.h
cache/journal_impl.h:
cache/journal.h:
runtime/base/error.h:
runtime/base/buf.h:
cache/lmdb_child.h:
runtime/base/fs.h:
runtime/base/log.h:
