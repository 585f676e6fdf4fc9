# SPDX-License-Identifier: GPL-2.0
# What the rig's scripts share; sourced, not run.
# shellcheck shell=bash

set -euo pipefail

# shellcheck disable=SC2034 # those who source this use them
{
	vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
	top=${vm%/tests/vm}
	cache=${SITBROKER_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sitbroker}
	export LC_ALL=C.UTF-8
}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# Waits for its turn; the lock ends with the process (and the children that inherit it).
lock()
{
	mkdir -p "$cache/lock"
	exec {lock_fd}>"$cache/lock/$1"
	flock "$lock_fd"
}

# Says now and then how far a command has come whose output is in a log, until it is killed.
progress()
{
	local log=$1 begin=$SECONDS none

	# Nobody ever writes there: a wait that leaves no process behind, which would keep pipes open.
	exec {none}<> <(:)
	while ! read -rt "${PROGRESS:-15}" -u "$none" && kill -0 $$ 2>/dev/null; do
		say "$((SECONDS - begin)) s, $(wc -l <"$log") lines: $(tail -n 1 "$log" |
			tr -cd '[:print:]' | cut -c 1-80)"
	done
}

# Runs a long command with its output in a log, and says now and then how far it is.
watched()
{
	local log=$1 status=0 watcher
	shift
	mkdir -p "${log%/*}"
	: >"$log"
	progress "$log" >&2 &
	watcher=$!
	"$@" >"$log" 2>&1 </dev/null || status=$?
	{ kill "$watcher" && wait "$watcher"; } 2>/dev/null || :
	return $status
}

# The same; the log is shown when the command fails, which is the end.
quietly()
{
	watched "$@" && return
	tail -n 40 "$1" >&2
	die "failed: ${*:2} (all of it in $1)"
}
