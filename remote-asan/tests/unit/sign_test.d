/tmp/w/builds/remote-asan/tests/unit/sign_test.o: tests/unit/sign_test.c \
 tests/unit/check.h tests/unit/sample_record.h cache/record.h cache/key.h \
 cache/hash.h runtime/base/error.h cache/envelope.h cache/sign.h \
 runtime/base/buf.h runtime/base/fs.h
tests/unit/check.h:
tests/unit/sample_record.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/envelope.h:
cache/sign.h:
runtime/base/buf.h:
runtime/base/fs.h:
