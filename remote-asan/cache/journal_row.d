/tmp/w/builds/remote-asan/cache/journal_row.o: cache/journal_row.c \
 cache/journal_impl.h cache/journal.h runtime/base/error.h \
 runtime/base/buf.h cache/hash.h runtime/base/log.h
cache/journal_impl.h:
cache/journal.h:
runtime/base/error.h:
runtime/base/buf.h:
cache/hash.h:
runtime/base/log.h:
