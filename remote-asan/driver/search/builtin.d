/tmp/w/builds/remote-asan/driver/search/builtin.o: \
 driver/search/builtin.c driver/build/knobs.h driver/build/knob.h \
 driver/build/rename.h driver/build/edits.h driver/lang/source.h \
 runtime/base/buf.h driver/lang/scan.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/search/propose.h driver/search/search.h \
 driver/lang/structure.h driver/search/judge.h driver/search/lab.h \
 cache/hash.h cache/journal.h driver/model/model.h driver/search/bench.h \
 driver/search/loop.h cache/record.h cache/key.h driver/build/units.h \
 driver/build/command.h runtime/base/arena.h driver/build/rewrite.h \
 driver/build/usage.h driver/search/trials.h driver/search/space.h \
 driver/search/tune.h driver/search/world.h runtime/base/log.h \
 runtime/base/utf8.h
driver/build/knobs.h:
driver/build/knob.h:
driver/build/rename.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/lang/scan.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/search/propose.h:
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
driver/build/rewrite.h:
driver/build/usage.h:
driver/search/trials.h:
driver/search/space.h:
driver/search/tune.h:
driver/search/world.h:
runtime/base/log.h:
runtime/base/utf8.h:
