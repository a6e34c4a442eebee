/tmp/w/builds/remote-asan/driver/search/evidence_class.o: \
 driver/search/evidence_class.c driver/lang/lex.h driver/lang/scan.h \
 driver/lang/source.h driver/search/evidence.h driver/build/sass.h \
 runtime/base/arena.h runtime/base/buf.h runtime/base/error.h \
 driver/build/usage.h driver/lang/spec.h driver/lang/diag.h \
 driver/lang/expr.h driver/lang/gpu.h driver/search/limit.h
driver/lang/lex.h:
driver/lang/scan.h:
driver/lang/source.h:
driver/search/evidence.h:
driver/build/sass.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/usage.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
driver/lang/gpu.h:
driver/search/limit.h:
