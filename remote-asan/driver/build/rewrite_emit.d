/tmp/w/builds/remote-asan/driver/build/rewrite_emit.o: \
 driver/build/rewrite_emit.c driver/build/copy.h driver/build/edits.h \
 driver/lang/source.h runtime/base/buf.h driver/build/rename.h \
 driver/lang/scan.h driver/build/uses.h driver/lang/spec.h \
 driver/lang/diag.h driver/lang/expr.h runtime/base/error.h \
 driver/lang/gpu.h driver/build/copy_check.h driver/build/cxx.h \
 driver/build/emit_form.h driver/build/harness.h \
 driver/build/launch_macro.h driver/build/launch_text.h \
 driver/build/launch_name.h driver/build/launch_site.h \
 driver/build/launcher.h driver/build/rewrite.h driver/build/plan_cxx.h \
 driver/lang/structure.h driver/build/structure_text.h cache/hash.h \
 runtime/base/arena.h runtime/base/embed.h
driver/build/copy.h:
driver/build/edits.h:
driver/lang/source.h:
runtime/base/buf.h:
driver/build/rename.h:
driver/lang/scan.h:
driver/build/uses.h:
driver/lang/spec.h:
driver/lang/diag.h:
driver/lang/expr.h:
runtime/base/error.h:
driver/lang/gpu.h:
driver/build/copy_check.h:
driver/build/cxx.h:
driver/build/emit_form.h:
driver/build/harness.h:
driver/build/launch_macro.h:
driver/build/launch_text.h:
driver/build/launch_name.h:
driver/build/launch_site.h:
driver/build/launcher.h:
driver/build/rewrite.h:
driver/build/plan_cxx.h:
driver/lang/structure.h:
driver/build/structure_text.h:
cache/hash.h:
runtime/base/arena.h:
runtime/base/embed.h:
