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

# Runs a long command with its output in a log, which is shown only when it fails.
quietly()
{
	local log=$1
	shift
	mkdir -p "${log%/*}"
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 40 "$log" >&2
		die "failed: $* (all of it in $log)"
	fi
}

