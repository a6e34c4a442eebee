/tmp/w/builds/remote-asan/tests/fuzz/envelope_fuzz.o: \
 tests/fuzz/envelope_fuzz.c cache/envelope.h cache/record.h cache/key.h \
 cache/hash.h runtime/base/error.h cache/sign.h runtime/base/buf.h
cache/envelope.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/sign.h:
runtime/base/buf.h:
