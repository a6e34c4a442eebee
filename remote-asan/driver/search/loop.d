/tmp/w/builds/remote-asan/driver/search/loop.o: driver/search/loop.c \
 driver/search/loop.h cache/record.h cache/key.h cache/hash.h \
 runtime/base/error.h driver/build/units.h driver/build/command.h \
 runtime/base/arena.h driver/build/rewrite.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 driver/lang/gpu.h driver/lang/scan.h runtime/base/buf.h \
 driver/build/usage.h driver/search/bench.h driver/build/copy.h \
 driver/build/edits.h driver/build/rename.h driver/build/uses.h \
 driver/build/harness.h driver/search/files.h driver/search/propose.h \
 driver/search/search.h driver/lang/structure.h driver/search/judge.h \
 driver/search/lab.h cache/journal.h driver/model/model.h \
 driver/search/trials.h driver/search/space.h driver/search/tune.h \
 driver/search/world.h runtime/base/fs.h runtime/base/log.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/utf8.h
driver/search/loop.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
driver/build/units.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/rewrite.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/build/usage.h:
driver/search/bench.h:
driver/build/copy.h:
driver/build/edits.h:
driver/build/rename.h:
driver/build/uses.h:
driver/build/harness.h:
driver/search/files.h:
driver/search/propose.h:
driver/search/search.h:
driver/lang/structure.h:
driver/search/judge.h:
driver/search/lab.h:
cache/journal.h:
driver/model/model.h:
driver/search/trials.h:
driver/search/space.h:
driver/search/tune.h:
driver/search/world.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/utf8.h:
