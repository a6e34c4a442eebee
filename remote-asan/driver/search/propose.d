/tmp/w/builds/remote-asan/driver/search/propose.o: \
 driver/search/propose.c driver/search/propose.h runtime/base/buf.h \
 driver/build/sandbox.h runtime/base/arena.h runtime/base/error.h \
 driver/build/structure_text.h cache/hash.h driver/lang/structure.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h \
 driver/model/prompt.h driver/model/reply.h driver/search/counted.h \
 driver/search/evidence.h driver/build/sass.h driver/build/usage.h \
 driver/search/limit.h driver/search/search.h driver/search/judge.h \
 driver/search/lab.h cache/journal.h driver/model/model.h \
 driver/search/bench.h driver/search/loop.h cache/record.h cache/key.h \
 driver/build/units.h driver/build/command.h driver/build/rewrite.h \
 driver/search/trials.h driver/search/space.h driver/search/tune.h \
 driver/search/world.h runtime/base/fs.h runtime/base/log.h
driver/search/propose.h:
runtime/base/buf.h:
driver/build/sandbox.h:
runtime/base/arena.h:
runtime/base/error.h:
driver/build/structure_text.h:
cache/hash.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/model/prompt.h:
driver/model/reply.h:
driver/search/counted.h:
driver/search/evidence.h:
driver/build/sass.h:
driver/build/usage.h:
driver/search/limit.h:
driver/search/search.h:
driver/search/judge.h:
driver/search/lab.h:
cache/journal.h:
driver/model/model.h:
driver/search/bench.h:
driver/search/loop.h:
cache/record.h:
cache/key.h:
driver/build/units.h:
driver/build/command.h:
driver/build/rewrite.h:
driver/search/trials.h:
driver/search/space.h:
driver/search/tune.h:
driver/search/world.h:
runtime/base/fs.h:
runtime/base/log.h:
