/tmp/w/builds/remote-asan/driver/commands_capture.o: \
 driver/commands_capture.c driver/capture/write.h \
 driver/capture/describe.h driver/capture/captured.h \
 driver/capture/kernel_name.h driver/capture/type.h driver/commands.h \
 driver/cupti.h driver/lang/source.h runtime/base/arena.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/foreground.h \
 runtime/base/fs.h runtime/base/log.h runtime/base/status.h \
 runtime/capture/trace.h
driver/capture/write.h:
driver/capture/describe.h:
driver/capture/captured.h:
driver/capture/kernel_name.h:
driver/capture/type.h:
driver/commands.h:
driver/cupti.h:
driver/lang/source.h:
runtime/base/arena.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/foreground.h:
runtime/base/fs.h:
runtime/base/log.h:
runtime/base/status.h:
runtime/capture/trace.h:
