# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A kernel that takes signed modules only: booted with module.sig_enforce=1, which does what of
# Secure Boot matters here. Its own modules are signed; ours is as the rig has built it.

certificate=/var/lib/dkms/mok.pub

# refused_and_told TEXT : by the kernel; brokertool and its doctor say why, and what to do
refused_and_told()
{
	check "$1: the kernel refuses it" eval '! modprobe sitbroker 2>/tmp/modprobe &&
		grep -E "Key was rejected by service|Required key not available" /tmp/modprobe &&
		test ! -e /sys/module/sitbroker'
	refused "brokertool says why" 2 "this kernel takes only modules that are signed with a key it knows; \
run \"mokutil --import $certificate\"" brokertool link show
	check "so does the doctor" eval 'brokertool -j doctor >/tmp/doctor; [ $? = 3 ] &&
		[ "$(jq -r .[].command /tmp/doctor)" = "mokutil --import $certificate" ]'
}

test_unsigned_module()
{
	local tree
	tree=$(realpath "/usr/lib/modules/$(uname -r)")

	if [ "$(cat /sys/module/module/parameters/sig_enforce 2>/dev/null)" != Y ]; then
		skip "a kernel that takes any module: start debian-* with APPEND=module.sig_enforce=1"
		return
	fi
	rm "/usr/lib/modules/$(uname -r)"
	cp -r "$tree" /usr/lib/modules/
	check "the kernel takes its own modules" modprobe sit
	refused_and_told "not signed"
}
