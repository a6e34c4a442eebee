/tmp/w/builds/remote-asan/driver/search/forms.o: driver/search/forms.c \
 driver/search/search.h driver/lang/structure.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/source.h driver/lang/expr.h \
 runtime/base/error.h driver/lang/gpu.h driver/lang/scan.h \
 driver/search/judge.h driver/search/lab.h cache/hash.h cache/journal.h \
 driver/model/model.h driver/search/bench.h runtime/base/buf.h \
 driver/search/loop.h cache/record.h cache/key.h driver/build/units.h \
 driver/build/command.h runtime/base/arena.h driver/build/rewrite.h \
 driver/build/usage.h driver/search/trials.h driver/search/space.h \
 driver/search/tune.h driver/search/world.h
driver/search/search.h:
driver/lang/structure.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/search/judge.h:
driver/search/lab.h:
cache/hash.h:
cache/journal.h:
driver/model/model.h:
driver/search/bench.h:
runtime/base/buf.h:
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
