# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# INPUT, which the short way in asks by itself (kmod/outer-hook.c): what rules make of a packet
# there is what the tunnel handlers see. The world: lib.sh.

# shellcheck source=tests/functional/early.sh
. "$here/early.sh"

# A chain in INPUT whose only rule that is, on protocol 41: input RULE
input()
{
	in_ns s nft -f - <<-EOF
		table ip t
		delete table ip t
		table ip t {
			chain input {
				type filter hook input priority filter
				ip protocol 41 $1
			}
		}
	EOF
}

test_changed()
{
	local me other way=(203.0.113.11 203.0.113.1)

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	other=$(client two client_ipv6)
	input counter
	check "a rule that changes nothing: the short way" way short
	input "ip saddr set 203.0.113.12"
	check "S3: another's endpoint from there on" nowhere inject 6in4 "${way[@]}" "$me" 2001:db8:beef::2
	check "S3: whose packet it is then" test "$(drops two rx-wrong-source)" = 1
	# The inner source begins 8 bytes behind the outer header.
	input "@th,64,128 set $(python3 -c 'import ipaddress, sys
print(int(ipaddress.ip_address(sys.argv[1])))' "$other")"
	check "S3: another client's source from there on" nowhere inject 6in4 "${way[@]}" "$me" \
		2001:db8:beef::2
	check "S3: charged to the endpoint" test "$(drops one rx-wrong-source)" = 1
	input "ip ttl set 9"
	check "what is still the client's arrives, by the tunnel handlers" way long
	input drop
	check "what is dropped does not" nowhere inject 6in4 "${way[@]}" "$me" 2001:db8:beef::2
	in_ns s nft delete table ip t
	check "without the chain: the short way" way short
}

holds()	{ [ "$(grep -c held /tmp/held)" = "$1" ]; }

# A program begins to hold back packets of protocol 41 in INPUT: hold; fails where the kernel has no queues
hold()
{
	modprobe -a nfnetlink_queue nft_queue 2>/dev/null
	[ -e /proc/net/netfilter/nfnetlink_queue ] || return
	rm -f /tmp/held
	# Not by in_ns: it is sent signals.
	nsenter --net=/run/netns/s "$here/hold.py" >/tmp/held &
	holder=$!
	wait_for grep -qs ready /tmp/held
	input "queue num 0"
}

# One more packet of client one's is held, the Nth: one_held N
one_held()
{
	inject 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	wait_for holds "$1"
}

# What is held is passed on, or comes back as another protocol: pass_on USR1|USR2
pass_on()
{
	kill -"$1" "$holder"
	wait_for queue_is 0
}

# So many packets are with the program: the third number of its line.
queue_is()	{ [ "$(in_ns s awk '{ print $3 }' /proc/net/netfilter/nfnetlink_queue)" = "$1" ]; }

test_held()
{
	local me holder ways arrived

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	hold || { skip "" "no queues in this kernel"; return; }
	arrived=$(echoes)
	ways=$(ways)
	check "a packet is held" one_held 1
	check "and is with nobody else" queue_is 1
	check "when the program passes it on it arrives" eval 'pass_on USR1
		wait_for eval "[ \"\$(echoes)\" = $((arrived + 1)) ]"'
	check "by the tunnel handlers" test "$(ways)" = "$ways"

	check "another one is held" one_held 2
	B client set one endpoint 203.0.113.21
	check "S1: whose endpoint changed meanwhile: nowhere" nowhere pass_on USR1
	check "S1: it is a stranger's" test \
		"$(B -j link show broker0 | jq '.[0].drops["rx-stranger"]')" = 1
	B client set one endpoint 203.0.113.11

	check "one more is held" one_held 3
	check "it is another protocol's when it comes back: nowhere" nowhere pass_on USR2
	check "nor does anybody drop it" test "$(client one 'drops | length')" = 0

	# Another link, so that hooks stay, and with them what is held.
	B link add broker1 local 203.0.113.2
	check "one more is held" one_held 4
	B link del broker0
	check "when the link is gone it still is" queue_is 1
	arrived=$(echoes)
	pass_on USR1
	in_ns r ping -6 -n -q -c 1 -W 10 2001:db8:beef::2 >/dev/null
	check "S21: whose link is gone: nowhere" test "$(echoes)" = $((arrived + 1))
}

# held_on FAMILY MATCH : in PRE_ROUTING, before our hooks; then these run in the program's context
held_on()
{
	local arrived n

	n=$(grep -c held /tmp/held)
	in_ns s nft -f - <<-EOF
		table $1 before {
			chain prerouting {
				type filter hook prerouting priority raw
				$2 queue num 0
			}
		}
	EOF
	arrived=$(icmp6 h Udp6NoPorts)
	inject 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 udp=9
	check "$1: a packet is held" wait_for holds $((n + 1))
	check "$1: when the program passes it on it arrives" eval 'pass_on USR1
		wait_for eval "[ \"\$(icmp6 h Udp6NoPorts)\" = $((arrived + 1)) ]"'
	in_ns s nft delete table "$1" before
}

test_held_before()
{
	local me holder ways

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	hold || { skip "" "no queues in this kernel"; return; }
	in_ns s nft delete table ip t
	ways=$(ways)
	held_on ip "ip protocol 41"
	check "it takes the long way" test "$(ways)" = "$ways"
	held_on ip6 "iifname broker0 udp dport 9"
	check "without the rules: the short way" way short
}

test_held_removal()
{
	local me holder

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	hold || { skip "" "no queues in this kernel"; return; }
	check "a packet is held" one_held 1
	check "S21: the module is removed meanwhile" rmmod sitbroker
	check "S21: and nothing is held any more" queue_is 0
	kill -USR1 "$holder"
	check "and can be loaded again" modprobe sitbroker
}
