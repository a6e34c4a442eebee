/tmp/w/builds/remote-asan/driver/commands_cache.o: \
 driver/commands_cache.c cache/lock.h cache/record.h cache/key.h \
 cache/hash.h runtime/base/error.h cache/store.h driver/commands.h \
 runtime/base/fs.h runtime/base/status.h runtime/base/utf8.h
cache/lock.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
driver/commands.h:
runtime/base/fs.h:
runtime/base/status.h:
runtime/base/utf8.h:
