/tmp/w/builds/remote-asan/driver/finder.o: driver/finder.c \
 driver/finder.h driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 runtime/base/error.h driver/build/command.h runtime/base/arena.h \
 driver/build/plan.h runtime/base/buf.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h driver/lookup.h cache/lock.h \
 cache/store.h driver/share/share.h cache/sign.h driver/share/remote.h \
 driver/settings.h driver/model/model.h driver/build/sandbox.h \
 driver/priors.h driver/recordings.h cache/journal.h driver/runs.h \
 driver/search/loop.h driver/build/units.h driver/build/rewrite.h \
 driver/build/usage.h driver/search/bench.h driver/stage.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h
driver/finder.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
runtime/base/error.h:
driver/build/command.h:
runtime/base/arena.h:
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
driver/build/sandbox.h:
driver/priors.h:
driver/recordings.h:
cache/journal.h:
driver/runs.h:
driver/search/loop.h:
driver/build/units.h:
driver/build/rewrite.h:
driver/build/usage.h:
driver/search/bench.h:
driver/stage.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
