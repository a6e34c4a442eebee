/tmp/w/builds/remote-asan/cache/journal_lmdb.o: cache/journal_lmdb.c \
 cache/journal_impl.h cache/journal.h runtime/base/error.h \
 runtime/base/buf.h cache/lmdb_child.h runtime/base/log.h
cache/journal_impl.h:
cache/journal.h:
runtime/base/error.h:
runtime/base/buf.h:
cache/lmdb_child.h:
runtime/base/log.h:
