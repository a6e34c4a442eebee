/tmp/w/builds/remote-asan/driver/doctor.o: driver/doctor.c cache/lock.h \
 cache/record.h cache/key.h cache/hash.h runtime/base/error.h \
 cache/store.h driver/build/sandbox.h runtime/base/arena.h \
 driver/commands.h driver/cupti.h driver/find.h driver/here.h \
 driver/lang/gpu.h driver/mode.h driver/model/model.h \
 driver/search/worker.h runtime/base/buf.h driver/share/share.h \
 cache/sign.h driver/share/remote.h runtime/base/fs.h runtime/base/proc.h \
 runtime/base/buf.h runtime/base/error.h runtime/base/status.h \
 runtime/base/utf8.h
cache/lock.h:
cache/record.h:
cache/key.h:
cache/hash.h:
runtime/base/error.h:
cache/store.h:
driver/build/sandbox.h:
runtime/base/arena.h:
driver/commands.h:
driver/cupti.h:
driver/find.h:
driver/here.h:
driver/lang/gpu.h:
driver/mode.h:
driver/model/model.h:
driver/search/worker.h:
runtime/base/buf.h:
driver/share/share.h:
cache/sign.h:
driver/share/remote.h:
runtime/base/fs.h:
runtime/base/proc.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/status.h:
runtime/base/utf8.h:
