# What the tests are made of, and what runs them; part of the Makefile.

units   := $(patsubst %.c,$B/%,$(wildcard tests/unit/*/*.c))
tools   := $(patsubst %.c,$B/%,$(wildcard tests/tool/*.c))
fuzzers := $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/*.c))

# A unit test gets all modules of its program but the one with main().
modules = $(filter-out $B/$1/$1.o,$(call objects,$1))
define unit
$1: $1.o $(call modules,$(notdir $(patsubst %/,%,$(dir $1))))
endef
$(foreach u,$(units),$(eval $(call unit,$u)))
$B/tests/unit/supervise/client: $B/supervise/client.o
$(tools): %: %.o
$(units) $(tools):
	$(call tell,LINK)
	$Q$(LINK)

# Programs with a wall clock that a test can set.
clocked := $(patsubst %,$B/tests/clock/%,svscan supervise svc svstat multilog)
$(foreach p,$(clocked),$(eval $p: $(call objects,$(notdir $p))))
$(clocked): $B/tests/clock/clock.o
	$(call tell,LINK)
	$Q$(LINK) -Wl,--wrap=clock_gettime,--wrap=time

test-programs: all $(units) $(tools) $(clocked) $B/doc/http_hello
test: test-programs
	$Qsh tests/run $B

# The protocol of adoption, and how it fails where it is broken.
model: $B/tests/unit/supervise/adoption
	$< -v

# What takes long to see, as that something never happens.
soak: test-programs
	$QKIND=soak sh tests/run $B

# This build and, with "make skalibs-musl" before, that of a release, beside the
# peers that are installed, in at most 25 minutes on a quiet machine; QUICK=1 for
# a few.  The tables go to build/bench; make bench-page puts them into the page.
bench: all $(tools)
	$Q[ ! -d $(MUSL_SKALIBS) ] || $(MAKE) -s B=$B/musl CC=$(MUSL_CC) \
		SKALIBS=$(MUSL_SKALIBS) CFLAGS=-O2 LDFLAGS=-static all \
		$(patsubst %,$B/musl/tests/tool/%_service,life scan)
	$Qpython3 tests/bench/bench $B
bench-page:
	sed '/^<!-- make bench-page -->/q' doc/performance.md >$B/bench/page.md
	cat $B/bench/performance.md >>$B/bench/page.md
	mv $B/bench/page.md doc/performance.md
	cp $B/bench/*.svg doc

FUZZ_S ?= 60
# What a fuzzer does not include itself.
fuzz_svc_request := svc/request
fuzz_supervise_life := $(addprefix supervise/,state report control message error)
fuzz_supervise_options := $(addprefix supervise/,message error)
fuzz_supervise_notify := $(addprefix supervise/,ready timer process state \
	report status message error)
fuzz_supervise_report := $(addprefix supervise/,report status message error)
fuzz_svstat_view := $(addprefix svstat/,view fields text) \
	$(addprefix supervise/,report message error)
$(fuzzers): $B/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(wildcard */*.[ch])
	@mkdir -p $(@D)
	clang $(flags) -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(addsuffix .c,$(fuzz_$*)) $(SKALIBS_LIBS)
fuzzers: $(fuzzers)
# What is found goes to build/fuzz; make fuzz-corpus takes from it what covers
# more than the corpus in the tree does.
fuzz: $(fuzzers)
	for f in $(fuzzers); do \
		mkdir -p $$f.corpus tests/fuzz/corpus/$${f##*/}; \
		$$f -max_total_time=$(FUZZ_S) -len_control=0 -max_len=4000 -verbosity=0 \
			-artifact_prefix=$B/fuzz/ $$f.corpus \
			tests/fuzz/corpus/$${f##*/} || exit 1; \
	done
fuzz-corpus: $(fuzzers)
	for f in $(fuzzers); do \
		mkdir -p $$f.corpus; \
		$$f -merge=1 -max_len=4000 -verbosity=0 \
			tests/fuzz/corpus/$${f##*/} $$f.corpus || exit 1; \
	done

# What fails, dies or comes at every moment at which it may; QUICK=1 for a part.
# The tables go to build/torture.md; make torture-page puts them into the page.
torture: test-programs
	$Qsh tests/torture $B
torture-page:
	sed '/^<!-- make torture-page -->/q' doc/reliability.md >$B/torture.page
	cat $B/torture.md >>$B/torture.page
	mv $B/torture.page doc/reliability.md

# Every edit of one place in the two pure machines must fail their unit tests.
mutants:
	tests/mutants

.PHONY: test test-programs model soak bench bench-page mutants fuzzers fuzz \
	fuzz-corpus torture torture-page
