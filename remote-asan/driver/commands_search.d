/tmp/w/builds/remote-asan/driver/commands_search.o: \
 driver/commands_search.c driver/build/words.h runtime/base/arena.h \
 runtime/base/error.h driver/commands.h driver/finder.h driver/inspect.h \
 cache/key.h cache/hash.h cache/record.h driver/build/command.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/lookup.h cache/lock.h \
 cache/store.h driver/share/share.h cache/sign.h driver/share/remote.h \
 driver/settings.h driver/model/model.h driver/recordings.h \
 cache/journal.h driver/sources.h runtime/base/duration.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h \
 runtime/base/utf8.h
driver/build/words.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/commands.h:
driver/finder.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/build/command.h:
driver/build/plan.h:
runtime/base/buf.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/lookup.h:
cache/lock.h:
cache/store.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
driver/settings.h:
driver/model/model.h:
driver/recordings.h:
cache/journal.h:
driver/sources.h:
runtime/base/duration.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
runtime/base/utf8.h:
