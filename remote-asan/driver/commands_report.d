/tmp/w/builds/remote-asan/driver/commands_report.o: \
 driver/commands_report.c cache/journal.h runtime/base/error.h \
 cache/store.h cache/key.h cache/hash.h cache/record.h driver/commands.h \
 driver/report_impl.h driver/report.h runtime/base/buf.h \
 runtime/base/fs.h runtime/base/status.h runtime/base/utf8.h
cache/journal.h:
runtime/base/error.h:
cache/store.h:
cache/key.h:
cache/hash.h:
cache/record.h:
driver/commands.h:
driver/report_impl.h:
driver/report.h:
runtime/base/buf.h:
runtime/base/fs.h:
runtime/base/status.h:
runtime/base/utf8.h:
