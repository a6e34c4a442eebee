/tmp/w/builds/remote-asan/driver/abtest.o: driver/abtest.c \
 driver/abtest.h driver/codes.h driver/build/sass.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/error.h driver/build/usage.h \
 driver/lang/spec.h driver/lang/diag.h driver/lang/source.h \
 driver/lang/expr.h driver/lang/gpu.h driver/lang/scan.h driver/stage.h \
 driver/inspect.h cache/key.h cache/hash.h cache/record.h \
 driver/build/command.h driver/build/plan.h driver/search/bench.h \
 driver/explain_spec.h driver/report_impl.h driver/report.h \
 cache/journal.h driver/search/judge.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/utf8.h
driver/abtest.h:
driver/codes.h:
driver/build/sass.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/usage.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/source.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/lang/scan.h:
driver/stage.h:
driver/inspect.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/build/command.h:
driver/build/plan.h:
driver/search/bench.h:
driver/explain_spec.h:
driver/report_impl.h:
driver/report.h:
cache/journal.h:
driver/search/judge.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/utf8.h:
