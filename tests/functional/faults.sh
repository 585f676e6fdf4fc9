# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Allocations that fail, in a kernel with fault injection; others have nothing
# to test here. The world: lib.sh.

faults_possible()	{ [ -e /proc/self/fail-nth ] && [ -d /sys/kernel/debug/failslab ]; }

# Each line of failing.py is a test.
sweep()
{
	while IFS= read -r line; do
		case $line in
		ok*)	report 0 "${line#ok }" ;;
		*)	report 1 "$line" ;;
		esac
	done < <("$@" 2>&1)
}

test_failing_requests()
{
	faults_possible || { skip "no fault injection"; return; }
	world onlink
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	# Not by ip netns exec, which hides debugfs.
	sweep nsenter --net=/run/netns/s "$here/failing.py" requests
	check "S22: traffic flows afterwards" reaches c1 2001:db8:beef::2
	check "S22: the uplink answers" reaches h "$(client one client_ipv6)"
}

test_failing_module()
{
	faults_possible || { skip "no fault injection"; return; }
	sweep "$here/failing.py" module "$(modinfo -n sitbroker)"
}

# Packets whose memory is refused are dropped, counted, and nothing else.
test_failing_packets()
{
	local control=/sys/kernel/debug/failslab section=/sys/module/sitbroker/sections/.text
	local start one two

	faults_possible || { skip "no fault injection"; return; }
	world onlink
	two_clients
	one=$(client one client_ipv6)
	two=$(client two client_ipv6)
	start=$(cat $section)
	# Only what the module asks for, itself or through others.
	printf '%d\n' "$start" >$control/require-start
	printf '%d\n' $((start + $(text_size))) >$control/require-end
	echo 32 >$control/stacktrace-depth
	# A debugging aid that says so when it has no memory.
	awk '{ print "0x" $1, $3 }' /proc/kallsyms | sort | grep -A 1 -w ref_tracker_alloc >/tmp/aid
	sed -n '1s/ .*//p' /tmp/aid >$control/reject-start
	sed -n '2s/ .*//p' /tmp/aid >$control/reject-end
	echo N >$control/ignore-gfp-wait
	echo 0 >$control/verbose
	echo -1 >$control/times
	echo 30 >$control/probability
	in_ns h ping -6 -n -q -i 0.01 -c 200 -W 1 "$one" >/dev/null 2>&1
	in_ns c1 ping -6 -n -q -i 0.01 -c 200 -W 1 2001:db8:beef::2 >/dev/null 2>&1
	in_ns r "$here/ndp.py" lan "$one" n=100 then="$two" >/dev/null 2>&1 &
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2 n=100
	in_ns h ping -6 -n -q -i 0.01 -c 100 -W 1 2001:db8:1:0:8000::ffff >/dev/null 2>&1
	wait $!
	echo 0 >$control/probability
	echo 0 >$control/require-start
	echo 18446744073709551615 >$control/require-end
	check "S22: advertisements failed" test "$(uplink failed)" -gt 0
	check "S22: traffic flows afterwards" reaches c1 2001:db8:beef::2
	check "S22: both ways" reaches h "$(client one client_ipv6)"
}

text_size()
{
	local file

	file=$(modinfo -n sitbroker)
	printf '%d' "0x$(readelf -SW "$file" | sed -nE 's/.* \.text +PROGBITS +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+).*/\1/p')"
}
