/tmp/w/builds/remote-asan/driver/settings.o: driver/settings.c \
 driver/settings.h driver/model/model.h runtime/base/error.h \
 driver/recordings.h cache/journal.h cache/key.h cache/hash.h \
 driver/lang/gpu.h runtime/base/duration.h runtime/base/log.h
driver/settings.h:
driver/model/model.h:
runtime/base/error.h:
driver/recordings.h:
cache/journal.h:
cache/key.h:
cache/hash.h:
driver/lang/gpu.h:
runtime/base/duration.h:
runtime/base/log.h:
