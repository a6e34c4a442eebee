/tmp/w/builds/remote-asan/driver/profile_text.o: driver/profile_text.c \
 driver/profile.h driver/ceilings.h driver/search/bench.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h runtime/base/error.h driver/lang/gpu.h \
 driver/lang/scan.h runtime/base/buf.h driver/codes.h driver/build/sass.h \
 runtime/base/arena.h driver/build/usage.h driver/stage.h \
 driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 driver/build/command.h driver/build/plan.h driver/report_impl.h \
 driver/report.h cache/journal.h driver/roofline.h \
 driver/search/counted.h driver/search/evidence.h driver/search/limit.h
driver/profile.h:
driver/ceilings.h:
driver/search/bench.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/lang/scan.h:
runtime/base/buf.h:
driver/codes.h:
driver/build/sass.h:
runtime/base/arena.h:
driver/build/usage.h:
driver/stage.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/build/command.h:
driver/build/plan.h:
driver/report_impl.h:
driver/report.h:
cache/journal.h:
driver/roofline.h:
driver/search/counted.h:
driver/search/evidence.h:
driver/search/limit.h:
