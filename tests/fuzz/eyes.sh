#!/bin/sh
# What the machine looks through by itself, for "make torture": the fuzzers, and
# every single edit of the two pure machines.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# from the corpus in the tree, which is not changed; FUZZ_S seconds each
torture_fuzzers() {
	command -v clang >/dev/null || skip 'no clang'
	seconds=${FUZZ_S:-$([ "$QUICK" = 1 ] && echo 4 || echo 45)}
	make -s -C "$SRC" fuzzers >make.log 2>&1 || skip 'no libFuzzer'
	FAULTS=0
	for source in "$SRC"/tests/fuzz/*.c; do
		name=$(basename "$source" .c)
		mkdir corpus
		code=0
		timeout 900 "$SRC/build/fuzz/$name" -max_total_time="$seconds" \
		    -len_control=0 -max_len=1000 -verbosity=0 \
		    -print_final_stats=1 -artifact_prefix="$SRC/build/fuzz/" \
		    corpus "$SRC/tests/fuzz/corpus/$name" >log 2>&1 || code=1
		inputs=$(sed -n 's/.*number_of_executed_units: *//p' log)
		[ $code = 0 ] || tail -n 30 log
		FAULTS=$((FAULTS + code))
		tally 'fuzzers, inputs' "$name" "${inputs:-0}" \
		    $((${inputs:-0} - code)) 0 $code
		rm -r corpus
	done
	[ $FAULTS = 0 ]
}

torture_mutants() {
	command -v python3 >/dev/null || skip 'no python3'
	STEP=${STEP:-1} "$SRC/tests/mutants" >log || code=$?
	cat log
	sed -n 's/^[a-z ]* [0-9]* - \([^:]*\): \([0-9]*\) of \([0-9]*\) edits noticed, \([0-9]*\) .*/\1 \2 \3 \4/p' \
	    log >sums
	while read -r file noticed tried same; do
		tally 'single edits' "$file" "$tried" $((noticed + same)) 0 \
		    $((tried - noticed - same))
	done <sums
	[ -s sums ] && [ "${code:-0}" = 0 ]
}

run_tests "$@"
