# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What tests/check is made of. A step is a command with a log of its own, a lane
# is a function of steps, one after another, and lanes run side by side. As many
# steps at a time as there are processors, or SLOTS: guests that share one get far
# less than their shares of it. What mostly waits runs beside them. Sourced by
# scripts that have set -euo pipefail.
#
#   $steps/NAME.log       what a step has printed
#   $steps/NAME.status    "running SINCE", then the command's status
#   $steps/NAME.work      seconds of a processor, in a program and in the kernel

declare -A lanes=()

say()	{ printf '[%5d s] %s\n' $((SECONDS - began)) "$*"; }

# What the tests are about to see: the commit, and every file but those that git ignores.
sources()
{
	git rev-parse HEAD || return
	git status --porcelain
	{ git ls-files -coz --exclude-standard | sort -zu | xargs -0r sha256sum; } 2>&1 || true
}

# steps_begin DIRECTORY STAMP : in the checkout that is tested
steps_begin()
{
	steps=$1 stamp=$2 began=$SECONDS
	rm -rf "$steps" "$stamp"
	mkdir -p "$steps" "$(dirname "$stamp")"
	# Not what is there at the end: steps have seen what is there now.
	sources >"$steps/sources" 2>/dev/null || rm -f "$steps/sources"
	progress &
	trap 'kill '$!' 2>/dev/null || true' EXIT
}

# One line now and then about all steps that run: how long, and how far.
progress()
{
	local status name word since good bad line none

	# Nobody ever writes there: a wait that leaves no process behind when this one is killed.
	exec {none}<> <(:)
	while ! read -rt "${PROGRESS:-30}" -u "$none" && kill -0 $$ 2>/dev/null; do
		line=
		for status in "$steps"/*.status; do
			read -r word since 2>/dev/null <"$status" || continue
			[ "$word" = running ] || continue
			name=$(basename "$status" .status)
			line+="; $name $((SECONDS - since)) s"
			good=$(grep -cE '^[[:space:]]*ok [0-9]+' "$steps/$name.log") || true
			bad=$(grep -cE '^[[:space:]]*not ok [0-9]+' "$steps/$name.log") || true
			if [ $((good + bad)) -gt 0 ]; then
				line+=", $good ok"
				[ "$bad" = 0 ] || line+=", $bad not ok"
			else
				# A build, or what installs packages.
				word=$(tail -n 1 "$steps/$name.log" | tr -cd '[:print:]' | cut -c 1-70)
				line+=${word:+" ($word)"}
			fi
		done
		[ -z "$line" ] || say "running: ${line#; }"
	done
}

# Waits until fewer steps run than may; the slot is free when $slot is closed.
take_slot()
{
	local i

	while :; do
		for ((i = 0; i < ${SLOTS:-$(nproc)}; i++)); do
			exec {slot}>"$steps/slot.$i"
			! flock -n "$slot" || return 0
			exec {slot}>&-
		done
		sleep 1
	done
}

# step NAME COMMAND… : never fails; the verdict is in its status
step()
{
	local slot

	take_slot
	# What stays behind in the background shall not keep it.
	aside "$@" {slot}>&-
	exec {slot}>&-
}

# aside NAME COMMAND… : a step that mostly waits
aside()
{
	local name=$1 start=$SECONDS status=0 took
	local TIMEFORMAT='%0U %0S'
	shift

	: >"$steps/$name.log"
	echo "running $start" >"$steps/$name.status"
	{ time "$@" >"$steps/$name.log" 2>&1 </dev/null; } 2>"$steps/$name.work" || status=$?
	echo $status >"$steps/$name.status"
	# How long it took says little where lanes share processors.
	took="$((SECONDS - start)) s, $(awk '{ print $1 + $2 }' "$steps/$name.work") s of a processor"
	if [ $status = 0 ]; then
		say "ok     $name ($took)"
	else
		say "FAILED $name: status $status ($took), see $steps/$name.log"
		grep -E -A 3 '^not ok' "$steps/$name.log" | head -n 60 || true
		tail -n 25 "$steps/$name.log" | sed 's/^/    /'
	fi
}

# What everything else needs; nothing goes on without it.
need()
{
	step "$@"
	[ "$(cat "$steps/$1.status")" = 0 ] || { totals; exit 1; }
}

# lane FUNCTION ARG… : begins
lane()
{
	"$@" &
	lanes[$!]=$*
}

# Waits for all lanes. One that ends before its time is a failure, and the steps that it has not
# come to would be missed by nobody.
lanes_end()
{
	local pid status

	for pid in "${!lanes[@]}"; do
		status=0
		wait "$pid" || status=$?
		[ $status != 0 ] || continue
		say "FAILED ${lanes[$pid]}: it ended early, with status $status"
		: >"$steps/${lanes[$pid]// /-}.log"
		echo $status >"$steps/${lanes[$pid]// /-}.status"
	done
	complete=1
}

# The stamp has the commit that all steps have passed on, if it was the same all the time.
stamp()
{
	if [ ! -s "$steps/sources" ]; then
		say "no $stamp: this is no checkout of git"
	elif ! sources 2>/dev/null | cmp -s - "$steps/sources"; then
		say "no $stamp: meanwhile there was another commit, or files were changed:"
		sources 2>/dev/null | diff "$steps/sources" - | sed -nE 's/^[<>] ([0-9a-f]{64}  )?/    /p' |
			sort -u | head -n 20 || true
	else
		sed -n 1p "$steps/sources" >"$stamp"
		# Without any, sums of files follow.
		sed -n 2p "$steps/sources" | grep -qE '^[0-9a-f]{64} ' ||
			echo "with uncommitted changes" >>"$stamp"
	fi
}

# The last line is the verdict. A test is a TAP line of a step, or the step itself where it prints none.
totals()
{
	local passed=0 failed=0 log name status good bad

	for log in "$steps"/*.status; do
		name=${log%.status}
		status=$(cat "$log")
		[[ $status != running* ]] || say "FAILED $(basename "$name"): it has not ended"
		good=$(grep -cE '^[[:space:]]*ok [0-9]+' "$name.log" || true)
		bad=$(grep -cE '^[[:space:]]*not ok [0-9]+' "$name.log" || true)
		[ $((good + bad)) -gt 0 ] || [ "$status" != 0 ] || good=1
		# A step can fail for another reason: a kernel that complained, a plan not met.
		[ "$status" = 0 ] || [ "$bad" -gt 0 ] || bad=1
		passed=$((passed + good))
		failed=$((failed + bad))
	done
	[ $failed != 0 ] || [ -z "${complete-}" ] || stamp
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}
