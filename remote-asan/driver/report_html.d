/tmp/w/builds/remote-asan/driver/report_html.o: driver/report_html.c \
 driver/report_impl.h driver/report.h cache/journal.h \
 runtime/base/error.h runtime/base/buf.h
driver/report_impl.h:
driver/report.h:
cache/journal.h:
runtime/base/error.h:
runtime/base/buf.h:
