# Makefile of ksearch.
#
#   make            the three programs, into build/
#   make demo       a tour that needs no GPU
#   make check      every test that needs no GPU
#   make gpu-check  the tests that need one
#   make install    PREFIX=/usr/local DESTDIR=
#
# Every object is named below, module by module, in the order of the dependencies: a module's
# programs and tests link its own archive and those further down. All output goes to BUILD, so
# builds with other flags live side by side: make BUILD=build-asan SAN=address,undefined check

VERSION = 0.1.0

BUILD ?= build
CC = cc
CXX = c++
AR = ar
CFLAGS = -O2 -g
SAN =
PREFIX = /usr/local
DESTDIR =
JOBS = 2

# The toolkit: where the nvcc in PATH is, unless that is not a toolkit's (a symbolic link to
# ksnvcc, say); else the usual place.
nvcc_home := $(patsubst %/bin/nvcc,%,$(realpath $(shell command -v nvcc 2>/dev/null)))
CUDA_HOME ?= $(if $(wildcard $(nvcc_home)/include/cuda.h),$(nvcc_home),/usr/local/cuda)
NVCC = $(CUDA_HOME)/bin/nvcc

B := $(BUILD)
WARN = -Wall -Wextra -Wpedantic -Werror
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DKS_VERSION='"$(VERSION)"' -I. $(WARN) $(SANFLAGS) $(CFLAGS)
LINK = $(CC) $(SANFLAGS) $(CFLAGS) $(LDFLAGS)

# the compiler of the front; MUSL= keeps it on the C library of the rest
MUSL := $(if $(SAN),,$(if $(filter cc gcc,$(CC)),$(shell command -v musl-gcc 2>/dev/null)))
FRONT_CC = $(or $(MUSL),$(CC))

# where CUPTI's headers are, if the toolkit has them; and if they have the range profiler
cupti_include := $(firstword $(dir $(wildcard $(CUDA_HOME)/include/cupti.h \
	$(CUDA_HOME)/extras/CUPTI/include/cupti.h)))
counters_include := $(if $(cupti_include),$(dir $(wildcard $(cupti_include)cupti_range_profiler.h)))

# ---- modules --------------------------------------------------------------------------------

BASE = buf arena error integer duration fs env log terminal proc frame npy foreground demangle utf8 gpulock jobserver slots timeline
CACHE = hash key record record_read sign envelope lmdb_child store store_api store_value store_files store_stats store_keep manifest objects objects_keep \
	lock lock_merge journal \
	journal_row journal_lock journal_lmdb journal_log journal_runs recording
LANG_ = source diag gpu spec lex scan directive brackets decls declare cursor expr expr_parse clause \
	clause_parts clause_limits constant signature block resolve resolve_select resolve_entry \
	resolve_arrays resolve_params resolve_points resolve_tune resolve_assume resolve_rest \
	resolve_reference plan_parse plan_check structure annotations language
BUILD_ = words intern option arch flags toolkit call command plan order run roots fixed marker said messages headers splice depfile elf cubin \
	cubin_table cubin_screen context meaning cxx edits rename uses copy copy_check copy_text rewrite rewrite_unit lean \
	knob knobs knobs_bounds knobs_loops knobs_stores launch_text launch_name launch_macro launch_nested launch_variable launch_site launch_follow \
	launcher rewrite_emit structure_text plan_json plan_cxx harness usage sandbox sandbox_paths \
	sandbox_screen contained jobs units unit_compile units_single units_alike sass symbol reads specific plan_add
CAPTURE = type kernel_name infer read name describe arrays block index
MODEL = http sse text price refusal chat openai anthropic exec mailbox provider budget config models calls turns prompt \
	prompt_names prompt_text prompt_file card fence anchor reply
SHARE = state folder web remote share
SEARCH = space space_sample tune tune_earlier tune_features tune_field tune_gp tune_ga tune_lesson tune_random tune_rank tune_shipped tune_slots tune_surrogate tune_taught race judge trials bench bench_request bench_json sizes proof sanitize occupancy counted limit \
	evidence evidence_counters evidence_errors evidence_class world world_field world_edit world_gain world_value \
	world_random world_priors world_project world_json recall teach forms cycle propose propose_evidence builtin contest verdict outcome loop worker \
	files lab lab_measure lab_kernels lab_events twins gain pace
FRONT = front look look_headers seen find
FRONT_BASE = buf error fs env log terminal
ENGINE = main compile reuse reuse_key emission emission_text emission_check behind abreast winner explain explain_spec diff diff_text finder called here inspect keep lookup sources stage codes ceilings roofline profile profile_text abtest mode reproducible find note \
	settings runs recordings learned priors tried lessons report report_text report_html report_t4 commands commands_cache commands_lock compiles lock_state commands_remote commands_keep commands_explain \
	commands_capture commands_search commands_report commands_measure cupti sanitizer doctor
# counters need headers that the toolkit has since 12.6
WORKER = refusal cuda nvml function plan_read plan missing module limits inputs structured infile values session \
	sets sets_fill sets_draw sets_compare errors check graph timer energy replay \
	$(if $(counters_include),cupti metrics activity counters,counters_none) profile peaks protocol
# the library that capture puts into the user's program
INJECTED = runtime/capture/inject runtime/capture/api runtime/capture/launch runtime/capture/book \
	runtime/capture/arrays runtime/capture/activity runtime/base/demangle

# files that are carried inside the programs, as text or bytes (runtime/base/embed.h)
ENGINE_EMBED = $(B)/embed/ksh_cuh.o $(B)/embed/ksearch_rt_cuh.o $(B)/embed/ksearch_plan_cuh.o \
	$(B)/embed/ksearch_map_cuh.o
MODEL_EMBED = $(B)/embed/prices_json.o
PROMPT_EMBED = $(patsubst %,$(B)/embed/%_md.o,coder propose repair planner ideas evolve)
CARD_EMBED = $(patsubst %,$(B)/embed/%_md.o,sm_80 sm_90 sm_100 generic)
WORKER_EMBED = $(B)/embed/kernels_fatbin.o

base_objects = $(BASE:%=$(B)/runtime/base/%.o)
cache_objects = $(CACHE:%=$(B)/cache/%.o)
lang_objects = $(LANG_:%=$(B)/driver/lang/%.o)
build_objects = $(BUILD_:%=$(B)/driver/build/%.o) $(ENGINE_EMBED)
capture_objects = $(CAPTURE:%=$(B)/driver/capture/%.o)
model_objects = $(MODEL:%=$(B)/driver/model/%.o) $(MODEL_EMBED) $(PROMPT_EMBED) $(CARD_EMBED)
share_objects = $(SHARE:%=$(B)/driver/share/%.o)
search_objects = $(SEARCH:%=$(B)/driver/search/%.o)
front_objects = $(FRONT:%=$(B)/front/driver/%.o) $(FRONT_BASE:%=$(B)/front/runtime/base/%.o)
engine_objects = $(ENGINE:%=$(B)/driver/%.o)
worker_objects = $(WORKER:%=$(B)/runtime/worker/%.o) $(WORKER_EMBED)

# archives, uppermost first
base_libs = $(B)/lib/base.a
cache_libs = $(B)/lib/cache.a $(base_libs)
lang_libs = $(B)/lib/lang.a $(base_libs)
build_libs = $(B)/lib/build.a $(B)/lib/lang.a $(cache_libs)
capture_libs = $(B)/lib/capture.a $(B)/lib/lang.a $(cache_libs)
model_libs = $(B)/lib/model.a $(base_libs)
share_libs = $(B)/lib/share.a $(B)/lib/model.a $(cache_libs)
search_libs = $(B)/lib/search.a $(B)/lib/model.a $(build_libs)
worker_libs = $(B)/lib/worker.a $(base_libs)

# system libraries; LMDB, libsodium and zstd go in statically: few machines have them at run
# time, and an engine that cannot be loaded would fail a build. libcurl is opened when a model is asked
base_sys = -l:libjansson.a
cache_sys = -l:liblmdb.a -l:libsodium.a -l:libzstd.a -l:libjansson.a -lpthread
lang_sys = -l:libjansson.a -lm
build_sys = $(cache_sys) -lm
capture_sys = $(cache_sys) -lm
model_sys = -l:libjansson.a -lm -ldl
share_sys = $(cache_sys) -lm -ldl
search_sys = $(cache_sys) -lm -ldl
worker_sys = -l:libjansson.a -lm -ldl -lpthread

# ---- programs -------------------------------------------------------------------------------

FRONT_BIN = $(B)/bin/ksnvcc
ENGINE_BIN = $(B)/libexec/ksearch/ksearch-engine
WORKER_BIN = $(B)/libexec/ksearch/ksearch-worker
# only where the toolkit has CUPTI's headers
CAPTURE_LIB = $(if $(cupti_include),$(B)/libexec/ksearch/libksearch-capture.so)

# ---- tests: tests/unit/NAME_test.c, by the highest module that each needs --------------------

UNIT_base = seen buf arena error fs log terminal proc frame embed npy utf8 gpulock jobserver slots
UNIT_cache = hash record store store_damage store_fault store_io objects lock lock_merge journal journal_killed journal_damage recording sign
UNIT_lang = expr scan diag broken limits
UNIT_build = command messages reads cubin usage rewrite emit structure knobs sass sandbox contained jobs specific
UNIT_capture = type kernel_name infer
UNIT_model = model_parts model model_turns model_files reply prompt card
UNIT_share = share
UNIT_search = sizes space tune tune_recorded lesson recall trials gain race judge world world_choice world_edit world_project occupancy evidence evidence_class limit sanitize profile example bench \
	bench_contained world_priors
UNIT_worker = element inputs values generators infile match replay $(if $(counters_include),metrics)
# programs that shell tests run: tests/NAME.c, linked with all of the engine's modules
HELPERS = store_fill journal_fill lang/read keyof replan rewrite harness cubinof planrun model_ask bench/policy bench/nulls bench/tuner exploits/run
# tests/fuzz/NAME_fuzz.c, with tests/fuzz/driver.c as the main program
FUZZ_base = frame npy seen missing
FUZZ_cache = record lock recording envelope
FUZZ_lang = lang expr
FUZZ_build = cubin emit structure sass screen
FUZZ_capture = trace
FUZZ_model = sse reply prompt chat
FUZZ_search = world evidence space
# the seeds of a target are the files and folders in SEEDS_NAME
SEEDS_frame = tests/fuzz/seeds/frame
SEEDS_seen = tests/fuzz/seeds/seen
SEEDS_npy = tests/fuzz/seeds/npy
SEEDS_missing = tests/fuzz/seeds/missing
SEEDS_lang = tests/lang tests/lang/errors tests/fuzz/seeds/lang
SEEDS_expr = tests/fuzz/seeds/expr
SEEDS_envelope = tests/fuzz/seeds/envelope
SEEDS_record = tests/fuzz/seeds/record
SEEDS_cubin = tests/fuzz/seeds/cubin
SEEDS_emit = tests/lang tests/e2e/places tests/e2e/guards tests/e2e/lean tests/fuzz/seeds/emit
SEEDS_structure = tests/fuzz/seeds/structure tests/lang/errors/s
SEEDS_sass = tests/data/sass
SEEDS_prompt = driver/model/prompts
SEEDS_evidence = tests/fuzz/seeds/evidence
SEEDS_space = tests/fuzz/seeds/space
SEEDS_screen = tests/fuzz/seeds/screen tests/fuzz/seeds/structure tests/lang/errors/s
SEEDS_lock = tests/fuzz/seeds/lock
SEEDS_sse = tests/fuzz/seeds/sse
SEEDS_chat = tests/fuzz/seeds/sse tests/fuzz/seeds/chat
SEEDS_recording = tests/fuzz/seeds/recording tests/data/search.jsonl
SEEDS_trace = tests/fuzz/seeds/trace
SEEDS_world = tests/fuzz/seeds/world
SEEDS_reply = tests/fuzz/seeds/reply

unit_bins = $(foreach m,base cache lang build capture model share search worker,$(UNIT_$(m):%=$(B)/tests/unit/%_test))
helper_bins = $(HELPERS:%=$(B)/tests/%)
# the worker's protocol tests, and what they load: for a GPU, and for a driver that runs on the CPU
WORKER_SMOKE = $(addprefix $(B)/tests/gpu/,worker_smoke worker_times worker_inputs worker_counters)
VADD = 0 1 2 3 4 5 6 7 8 9 10 12 13
GPU_ARCH = sm_90
fake_files = $(B)/tests/fake/libcuda.so.1 $(B)/tests/fake/libnvidia-ml.so.1 $(B)/tests/fake/vadd_harness.so \
	$(VADD:%=$(B)/tests/fake/vadd_%.cubin) $(B)/tests/fake/vadd_11.cubin \
	$(if $(counters_include),$(B)/tests/fake/libcupti.so)
# a driver, a CUPTI and a program for the tests of capture
fake_capture = $(if $(CAPTURE_LIB),$(addprefix $(B)/tests/fake/capture/,libcuda.so.1 libcupti.so app))
# a server of models for the tests
fake_model = $(B)/tests/fake/model_server
# a remote cache that misbehaves
fake_remote = $(B)/tests/fake/remote_server
# a worker that invents its times
fake_worker = $(B)/tests/fake/worker
gpu_files = $(B)/tests/gpu/vadd_harness.so $(VADD:%=$(B)/tests/gpu/vadd_%.cubin)
fuzzers = $(foreach m,base cache lang build capture model search,$(FUZZ_$(m)))
fuzz_bins = $(fuzzers:%=$(B)/tests/fuzz/%_fuzz)
# the main program of fuzz targets is tests/fuzz/driver.c, or what these flags link: see `fuzz`
FUZZ_LINK =
SHELL_TESTS = $(sort $(wildcard tests/lang/*.t tests/exploits/*.t tests/e2e/*.t tests/fuzz/*.t))
GPU_TESTS = $(sort $(wildcard tests/gpu/*.t))
BENCHES = $(sort $(wildcard tests/bench/*.sh))

test_env = KSEARCH_BIN=$(abspath $(B)/bin) KSEARCH_BUILD=$(abspath $(B)) \
	CUDA_HOME=$(CUDA_HOME) CMOCKA_MESSAGE_OUTPUT=TAP \
	FUZZERS='$(foreach f,$(fuzzers),$(f):$(subst $() $(),:,$(SEEDS_$(f))))'

# ---- targets --------------------------------------------------------------------------------

.PHONY: all programs tests demo check gpu-check bench bench-tuner fuzz install uninstall clean format lint deps
.DELETE_ON_ERROR:
.SUFFIXES:
# objects of tests are intermediate to make, but rebuilding them each time is a waste
.SECONDARY:

all: programs
programs: $(FRONT_BIN) $(ENGINE_BIN) $(WORKER_BIN) $(CAPTURE_LIB)
tests: $(unit_bins) $(helper_bins) $(fuzz_bins) $(WORKER_SMOKE) $(fake_files) $(fake_capture) $(fake_model) $(fake_remote) $(fake_worker)
gpu-tests: $(WORKER_SMOKE) $(gpu_files)
.PHONY: gpu-tests

# a changed flag rebuilds everything: the file is touched only when its text changes
flags_text = $(CC) $(FRONT_CC) $(ALL_CFLAGS) $(LDFLAGS) $(CUDA_HOME)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(flags_text))' | cmp -s - $@ || echo '$(subst ','\'',$(flags_text))' >$@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXTRA) -MMD -MP -c -o $@ $<

# loops over many numbers; none may give another result on another processor
$(B)/driver/search/tune_gp.o: EXTRA = -O3 -fno-math-errno -fno-trapping-math -ffp-contract=off

# only the worker sees CUDA's headers
worker_include = -isystem runtime/worker/c $(if $(counters_include),-isystem $(counters_include)) \
	-isystem $(CUDA_HOME)/include
$(worker_objects) $(B)/runtime/worker/main.o: EXTRA = $(worker_include)

$(B)/lib/base.a: $(base_objects)
$(B)/lib/cache.a: $(cache_objects)
$(B)/lib/lang.a: $(lang_objects)
$(B)/lib/build.a: $(build_objects)
$(B)/lib/capture.a: $(capture_objects)
$(B)/lib/model.a: $(model_objects)
$(B)/lib/share.a: $(share_objects)
$(B)/lib/search.a: $(search_objects)
$(B)/lib/worker.a: $(worker_objects)
$(B)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

# $(call embed,FILE): the bytes of FILE in an object of the name of the target
embed = $(CC) -c -DEMBED_NAME=$(basename $(@F)) -DEMBED_FILE='"$(1)"' -o $@ runtime/base/embed.S

$(ENGINE_EMBED): $(B)/embed/%_cuh.o: runtime/include/%.cuh \
		runtime/base/embed.S $(B)/flags
	@mkdir -p $(@D)
	$(call embed,$<)

$(MODEL_EMBED): $(B)/embed/%_json.o: driver/model/%.json runtime/base/embed.S $(B)/flags
	@mkdir -p $(@D)
	$(call embed,$<)

$(PROMPT_EMBED): $(B)/embed/%_md.o: driver/model/prompts/%.md runtime/base/embed.S $(B)/flags
	@mkdir -p $(@D)
	$(call embed,$<)

$(CARD_EMBED): $(B)/embed/%_md.o: driver/model/cards/%.md runtime/base/embed.S $(B)/flags
	@mkdir -p $(@D)
	$(call embed,$<)

$(B)/embed/kernels_fatbin.o: $(B)/embed/kernels.fatbin runtime/base/embed.S $(B)/flags
	$(call embed,$<)

$(B)/embed/kernels.fatbin: runtime/worker/kernels.cu $(B)/flags
	@mkdir -p $(@D)
	$(NVCC) -fatbin -O3 -I. -MMD -MF $@.d -MT $@ -o $@ $< \
	    -gencode arch=compute_75,code=compute_75 -gencode arch=compute_80,code=sm_80 \
	    -gencode arch=compute_90a,code=sm_90a -gencode arch=compute_100,code=sm_100

# Every file of a build starts it, so it starts fast: static, in few pages, and on musl where that is
# installed. A static program of glibc asks the processor some seventy questions before main, and a
# virtual machine takes 1 to 4 us for each. (Sanitizers can have nothing of that.)
$(front_objects): $(B)/front/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(FRONT_CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(FRONT_BIN): $(front_objects)
	@mkdir -p $(@D)
	$(FRONT_CC) $(SANFLAGS) $(CFLAGS) $(LDFLAGS) $(if $(SAN),,-static -Wl,-z,noseparate-code) -o $@ $^

$(ENGINE_BIN): $(engine_objects) $(B)/lib/share.a $(B)/lib/capture.a $(search_libs)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(search_sys)

$(WORKER_BIN): $(B)/runtime/worker/main.o $(worker_libs)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(worker_sys)

# loaded into other programs: it must bring nothing with it and show nothing but its door
$(INJECTED:%=$(B)/pic/%.o): $(B)/pic/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -isystem $(cupti_include) \
	    -isystem $(CUDA_HOME)/include -MMD -MP -c -o $@ $<

$(B)/libexec/ksearch/libksearch-capture.so: $(INJECTED:%=$(B)/pic/%.o)
	@mkdir -p $(@D)
	$(LINK) -shared $(if $(SAN),,-Wl,-z,defs) -o $@ $^ -ldl -lpthread

# $(call test_rule,MODULE): how the unit tests and fuzz targets of a module are linked
define test_rule
$(UNIT_$(1):%=$(B)/tests/unit/%_test): %: %.o $($(1)_libs)
	$$(LINK) -o $$@ $$^ -lcmocka $$($(1)_sys)
$(FUZZ_$(1):%=$(B)/tests/fuzz/%_fuzz): %: %.o $(if $(FUZZ_LINK),,$(B)/tests/fuzz/driver.o) $($(1)_libs)
	$$(LINK) $(FUZZ_LINK) -o $$@ $$^ $$($(1)_sys)
endef
$(foreach m,base cache lang build capture model share search worker,$(eval $(call test_rule,$(m))))
# compares with NVIDIA's occupancy calculator
$(B)/tests/unit/occupancy_test.o: EXTRA = -isystem $(CUDA_HOME)/include
$(UNIT_worker:%=$(B)/tests/unit/%_test.o): EXTRA = $(worker_include)
# this one has the worker read what the driver writes
$(B)/tests/fuzz/structure_fuzz: $(B)/tests/fuzz/plan_reads.o $(worker_objects)
$(B)/tests/fuzz/structure_fuzz: build_sys += $(base_libs) -ldl
$(B)/tests/fuzz/plan_reads.o: EXTRA = -isystem $(CUDA_HOME)/include
$(B)/tests/unit/seen_test $(B)/tests/fuzz/seen_fuzz: $(B)/driver/seen.o
$(B)/tests/fuzz/missing_fuzz: $(B)/runtime/worker/missing.o
# this one reports what it reads
$(B)/tests/fuzz/recording_fuzz: $(B)/driver/report.o $(B)/driver/report_text.o $(B)/driver/report_html.o $(B)/driver/search/gain.o
$(B)/tests/fuzz/recording_fuzz: cache_sys += -lm

# this one prints what the engine would
$(B)/tests/unit/profile_test: $(B)/driver/profile_text.o $(B)/driver/roofline.o $(B)/driver/ceilings.o \
	$(B)/driver/report_text.o
$(B)/tests/unit/profile_test: search_sys := $(search_libs) $(search_sys)

# this one starts a worker
$(B)/tests/unit/bench_test: | $(WORKER_BIN) $(fake_files)
# what reads recorded spaces
recorded_objects = $(B)/tests/bench/recorded.o $(B)/tests/bench/constraint.o $(B)/tests/bench/peer.o
$(B)/tests/unit/tune_recorded_test $(B)/tests/fuzz/space_fuzz: $(recorded_objects)
$(B)/tests/unit/tune_recorded_test $(B)/tests/fuzz/space_fuzz: search_sys := $(search_libs) $(search_sys) -lz
# the file that this test finds inside itself
$(B)/tests/unit/embed_test: $(B)/embed/embed_test_c.o
$(B)/embed/embed_test_c.o: tests/unit/embed_test.c runtime/base/embed.S $(B)/flags
	@mkdir -p $(@D)
	$(call embed,$<)

$(fake_model) $(fake_remote) $(fake_worker): %: %.o $(base_libs)
	$(LINK) -o $@ $^ $(base_sys)
$(addprefix $(B)/tests/unit/model_,test turns_test files_test): | $(fake_model)

$(WORKER_SMOKE): %: %.o $(base_libs)
	$(LINK) -o $@ $^ $(base_sys) -lm

$(B)/tests/fake/libcuda.so.1: tests/fake/cuda.cc runtime/worker/kernels.cu $(B)/flags
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O1 -g -I. -isystem $(CUDA_HOME)/include $(SANFLAGS) -MMD -MP -fPIC -shared \
	    -Wl,-soname,libcuda.so.1 -o $@ $<

$(B)/tests/fake/libcupti.so: tests/fake/cupti.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(worker_include) -fPIC -shared -o $@ $< -ldl

$(B)/tests/fake/libnvidia-ml.so.1: tests/fake/nvml.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/fake/vadd_harness.so: tests/fake/vadd.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

$(VADD:%=$(B)/tests/fake/vadd_%.so) $(B)/tests/fake/vadd_11.so: $(B)/tests/fake/vadd_%.so: tests/fake/vadd.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DVARIANT=$* -fPIC -shared -o $@ $<

fake_capture_cc = $(CC) $(ALL_CFLAGS) -isystem $(cupti_include) -isystem $(CUDA_HOME)/include
fake_capture_headers = tests/fake/capture/fake.h $(B)/flags
$(B)/tests/fake/capture/libcuda.so.1: tests/fake/capture/cuda.c $(fake_capture_headers)
	@mkdir -p $(@D)
	$(fake_capture_cc) -fPIC -shared -Wl,-soname,libcuda.so.1 -o $@ $< -ldl
$(B)/tests/fake/capture/libcupti.so: tests/fake/capture/cupti.c $(fake_capture_headers)
	@mkdir -p $(@D)
	$(fake_capture_cc) -fPIC -shared -o $@ $< -ldl
$(B)/tests/fake/capture/app: tests/fake/capture/app.c $(B)/tests/fake/capture/libcuda.so.1
	$(fake_capture_cc) -o $@ $< $(B)/tests/fake/capture/libcuda.so.1

# what stands for a cubin there: see tests/fake/cuda.cc
$(VADD:%=$(B)/tests/fake/vadd_%.cubin) $(B)/tests/fake/vadd_11.cubin: %.cubin: %.so
	echo 'host:$(abspath $<)' >$@

$(B)/tests/gpu/vadd_harness.so: tests/gpu/vadd_harness.cu
	@mkdir -p $(@D)
	$(NVCC) -O3 -arch=$(GPU_ARCH) -shared -Xcompiler -fPIC -o $@ $<

$(VADD:%=$(B)/tests/gpu/vadd_%.cubin): $(B)/tests/gpu/vadd_%.cubin: tests/gpu/vadd.cu
	@mkdir -p $(@D)
	$(NVCC) -O3 -arch=$(GPU_ARCH) -cubin -DVARIANT=$* -o $@ $<

# the simulator of rules that choose ideas
$(B)/tests/bench/policy: $(B)/tests/bench/policy_place.o $(B)/tests/bench/policy_rules.o
# tuners over recorded spaces
$(B)/tests/bench/tuner: $(B)/tests/bench/tuner_report.o $(recorded_objects)
$(B)/tests/bench/tuner: search_sys += -lz
$(helper_bins): %: %.o $(search_libs)
	$(LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(search_sys)

deps:
	@CUDA_HOME=$(CUDA_HOME) CC='$(CC)' .ci/deps

demo: deps
	@$(MAKE) --no-print-directory all
	@$(test_env) samples/demo.sh

check: deps
	@$(MAKE) --no-print-directory all tests
	$(test_env) prove --timer -j$(JOBS) --exec tests/run $(unit_bins) $(SHELL_TESTS)

gpu-check: all gpu-tests
	$(if $(GPU_TESTS),,$(error there is no test in tests/gpu))
	$(test_env) prove --exec tests/run $(GPU_TESTS)

# every command line that tests/matrix/options lists, beside nvcc: about half an hour of processor time
matrix: all $(B)/tests/replan
	KSEARCH_MATRIX=all KSEARCH_JOBS=$(JOBS) $(test_env) prove tests/e2e/exact.t
.PHONY: matrix

bench: all $(B)/tests/rewrite $(B)/tests/bench/policy $(B)/tests/bench/nulls
	$(if $(BENCHES),,$(error there is no benchmark in tests/bench))
	@set -e; for b in $(BENCHES); do echo "== $$b"; $(test_env) $$b; done

# The tests of the cache with chance in them, FAULT_ROUNDS times: processes killed at any moment, a
# bit flipped in every page, a disk that fails at any call
FAULT_ROUNDS = 1000
FAULTS = store_fault store_damage store_io objects
.PHONY: faults
faults: $(FAULTS:%=$(B)/tests/unit/%_test)
	$(test_env) FAULT_ROUNDS=$(FAULT_ROUNDS) prove --timer --exec tests/run $^

# How near the best our tuner comes, and how soon, on the recorded spaces of a folder, beside others;
# the curves go into $(B)/tuner.svg
SPACES = tests/data/spaces
SEEDS = 30
bench-tuner: $(B)/tests/bench/tuner
	$(B)/tests/bench/tuner --seeds $(SEEDS) --jobs $(JOBS) --svg $(B)/tuner.svg \
		--beside tests/data/kernel_tuner_ga.tsv $(SPACES)

# Every fuzz target under the sanitizers, FUZZ_SECONDS each: with libFuzzer, which keeps what finds new
# code in $(B)/fuzz/corpus, where clang has it; else with mutations of the seeds by tests/fuzz/driver.c
FUZZ_SECONDS = 60
LIBFUZZER = -fsanitize=fuzzer -fno-sanitize-coverage=trace-cmp
fuzz:
	@if echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	    clang -x c -fsanitize=fuzzer -o /dev/null - 2>/dev/null; then \
	    $(MAKE) --no-print-directory BUILD=$(B)/fuzz SAN=address,undefined CC=clang \
	        CFLAGS='-O2 -gline-tables-only $(subst =fuzzer,=fuzzer-no-link,$(LIBFUZZER))' \
	        FUZZ_LINK='$(LIBFUZZER)' fuzz-run; \
	else \
	    $(MAKE) --no-print-directory BUILD=$(B)/fuzz SAN=address,undefined fuzz-run; \
	fi
.PHONY: fuzz-run
fuzz-run: $(fuzz_bins)
	@set -e; $(foreach f,$(fuzzers),echo "== $(f)"; $(if $(FUZZ_LINK),\
	    mkdir -p $(B)/corpus/$(f) $(B)/seeds/$(f); cp -r $(foreach s,$(SEEDS_$(f)),$(s)/.) $(B)/seeds/$(f); \
	    $(B)/tests/fuzz/$(f)_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=20 -verbosity=0 \
	        -print_final_stats=1 -artifact_prefix=$(B)/$(f). $(B)/corpus/$(f) $(B)/seeds/$(f), \
	    $(B)/tests/fuzz/$(f)_fuzz -t $(FUZZ_SECONDS) -k $(B)/$(f).input $(SEEDS_$(f)));)

libexec = $(DESTDIR)$(PREFIX)/libexec/ksearch
cmakedir = $(DESTDIR)$(PREFIX)/lib/cmake/KSearch
CMAKE_FILES = KSearchConfig.cmake KSearch.cmake
CMAKE_VERSION_FILE = KSearchConfigVersion.cmake

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(libexec) $(cmakedir) $(DESTDIR)$(PREFIX)/include
	install $(FRONT_BIN) $(DESTDIR)$(PREFIX)/bin/
	install $(ENGINE_BIN) $(WORKER_BIN) $(CAPTURE_LIB) $(libexec)/
	install -m 644 $(CMAKE_FILES:%=cmake-module/%) $(cmakedir)/
	sed 's/@VERSION@/$(VERSION)/' cmake-module/$(CMAKE_VERSION_FILE).in >$(cmakedir)/$(CMAKE_VERSION_FILE)
	chmod 644 $(cmakedir)/$(CMAKE_VERSION_FILE)
	install -m 644 runtime/include/ksearch.h $(DESTDIR)$(PREFIX)/include/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/ksnvcc $(DESTDIR)$(PREFIX)/include/ksearch.h
	rm -f $(libexec)/ksearch-engine $(libexec)/ksearch-worker $(libexec)/libksearch-capture.so
	rm -f $(CMAKE_FILES:%=$(cmakedir)/%) $(cmakedir)/$(CMAKE_VERSION_FILE)
	for d in $(libexec) $(cmakedir) $(dir $(libexec)) $(dir $(cmakedir)); do \
	    [ ! -d $$d ] || rmdir --ignore-fail-on-non-empty $$d; \
	done

clean:
	rm -rf $(B)/bin $(B)/libexec $(B)/lib $(B)/embed $(B)/flags $(B)/fuzz
	rm -rf $(B)/driver $(B)/cache $(B)/runtime $(B)/pic $(B)/tests $(B)/*.input
	-rmdir $(B)

c_files = $(shell find driver cache runtime tests samples -name '*.[ch]')
format:
	clang-format -i $(c_files)

# warnings of the other compiler, the analyser's errors, and files that are not in the house format
lint:
	clang -fsyntax-only -std=c11 -D_GNU_SOURCE -DKS_VERSION='""' $(WARN) -I. \
	    -isystem runtime/worker/c -isystem $(CUDA_HOME)/include $(filter %.c,$(c_files))
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr -j$(JOBS) \
	    --std=c11 -D_GNU_SOURCE -D__GNUC__ '-D__typeof__(x)=void **' \
	    '-Djson_array_foreach(a,i,v)=for (i = 0; (v = json_array_get(a, i)); i++)' \
	    '-Djson_object_foreach(o,k,v)=for (; (k = next_key(o, &v));)' \
	    -I. driver cache runtime tests
	clang-format --dry-run -Werror $(c_files)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
