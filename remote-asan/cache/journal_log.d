/tmp/w/builds/remote-asan/cache/journal_log.o: cache/journal_log.c \
 cache/journal_impl.h cache/journal.h runtime/base/error.h \
 runtime/base/buf.h runtime/base/fs.h runtime/base/log.h
cache/journal_impl.h:
cache/journal.h:
runtime/base/error.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/log.h:
