/tmp/w/builds/remote-asan/cache/journal_runs.o: cache/journal_runs.c \
 cache/journal.h runtime/base/error.h runtime/base/log.h
cache/journal.h:
runtime/base/error.h:
runtime/base/log.h:
