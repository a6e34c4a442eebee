/tmp/w/builds/remote-asan/driver/search/verdict.o: \
 driver/search/verdict.c driver/build/rewrite.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 runtime/base/buf.h driver/search/search.h driver/lang/structure.h \
 driver/search/judge.h driver/search/lab.h cache/hash.h cache/journal.h \
 driver/model/model.h driver/search/bench.h driver/search/loop.h \
 cache/record.h cache/key.h driver/build/units.h driver/build/command.h \
 runtime/base/arena.h driver/build/usage.h driver/search/trials.h \
 driver/search/space.h driver/search/tune.h driver/search/world.h \
 runtime/base/proc.h runtime/base/buf.h runtime/base/error.h
driver/build/rewrite.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/search/search.h:
driver/lang/structure.h:
driver/search/judge.h:
driver/search/lab.h:
cache/hash.h:
cache/journal.h:
driver/model/model.h:
driver/search/bench.h:
driver/search/loop.h:
cache/record.h:
cache/key.h:
driver/build/units.h:
driver/build/command.h:
runtime/base/arena.h:
driver/build/usage.h:
driver/search/trials.h:
driver/search/space.h:
driver/search/tune.h:
driver/search/world.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
