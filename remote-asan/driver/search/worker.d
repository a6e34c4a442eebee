/tmp/w/builds/remote-asan/driver/search/worker.o: driver/search/worker.c \
 driver/search/worker.h runtime/base/buf.h runtime/base/error.h \
 driver/build/sandbox.h runtime/base/arena.h driver/build/words.h \
 runtime/base/frame.h runtime/base/buf.h runtime/base/error.h \
 runtime/base/fs.h runtime/base/gpulock.h runtime/base/log.h \
 runtime/base/proc.h
driver/search/worker.h:
runtime/base/buf.h:
runtime/base/error.h:
driver/build/sandbox.h:
runtime/base/arena.h:
driver/build/words.h:
runtime/base/frame.h:
runtime/base/buf.h:
runtime/base/error.h:
runtime/base/fs.h:
runtime/base/gpulock.h:
runtime/base/log.h:
runtime/base/proc.h:
