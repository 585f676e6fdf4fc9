# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Two brokers that take each other for a client. To the world of lib.sh comes s2:
#
#   c1 203.0.113.11 ──┐
#                     ├── in net ── s  203.0.113.1 ── r ── h
#   s2 203.0.113.2  ──┘             s2 ────────────── r
#
# What crosses between them does so by the port s2 of net.

B2()		{ brokertool -n s2 "$@"; }
drops2()	{ count_in "$2" "$(B2 -j client show "$1")"; }

# second_broker ROUTER_SIDE : s2, with an uplink, but without addresses there
second_broker()
{
	ip -batch - <<-EOF
		netns add s2
		link add eth0 netns s2 type veth peer name s2 netns net
		link add eth1 netns s2 type veth peer name $1 netns r
	EOF
	in_ns s2 sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth1.accept_dad=0
	ip -n net link set s2 master br0 up
	ip -n r link set "$1" up
	ip -n s2 -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		link set eth1 up
		addr add 203.0.113.2/24 dev eth0
	EOF
	B2 link add broker0 local 203.0.113.2
}

# Layout routed: r leads to the pools of s only.
two_brokers()
{
	world routed
	second_broker lan2
	ip -n r addr add 2001:db8:2::fe/64 dev lan2 nodad
	ip -n s2 addr add 2001:db8:2::1/64 dev eth1 nodad
	ip -n s2 route add default via 2001:db8:2::fe
	B2 pool add 2001:db8:500::/64 pair
	rm -f /tmp/crossed /tmp/tcpdump-crossed
	in_ns net tcpdump -i s2 -n -U -w /tmp/crossed 'ip proto 41' 2>/tmp/tcpdump-crossed &
	wait_for grep -qs listening /tmp/tcpdump-crossed
}

# How many packets have crossed, of those that a filter takes?
# shellcheck disable=SC2120 # which is given in eval
crossed()	{ tcpdump -nr /tmp/crossed "$@" 2>/dev/null | wc -l; }

# As client one, or as s2, to s
from_c1()	{ in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$@"; }
from_s2()	{ in_ns c1 "$here/inject.py" 6in4 203.0.113.2 203.0.113.1 "$@"; }

# A prefix that each thinks the other one has.
test_mutual_prefix()
{
	local mine=2001:db8:200:1::1 theirs=2001:db8:200:2::1

	two_brokers
	B -q client add one endpoint 203.0.113.11 routed 2001:db8:200:1::/64
	B -q client add other endpoint 203.0.113.2 routed 2001:db8:200:2::/64
	B2 pool add 2001:db8:200::/48 routed 64
	B2 -q client add other endpoint 203.0.113.1 routed 2001:db8:200:1::/64 \
		routed 2001:db8:200:2::/64
	from_c1 $mine $theirs
	check "S8: the second one does not send it back" \
		wait_for eval '[ "$(drops2 other tx-hairpin)" = 1 ]'
	check "S8: it has crossed once" wait_for eval '[ "$(crossed)" = 1 ]'
	from_s2 2001:db8:200:2::9 $theirs
	check "S8: nor does the first one" wait_for eval '[ "$(drops other tx-hairpin)" = 1 ]'
	from_c1 $mine $theirs
	check "S8: once again, and nothing else has crossed" wait_for eval \
		'[ "$(drops2 other tx-hairpin)/$(crossed)" = 2/2 ]'
}

# What one thinks the other has, and that one has not.
test_mutual_unassigned()
{
	local mine=2001:db8:200:1::1 theirs=2001:db8:200:2::1

	two_brokers
	B -q client add one endpoint 203.0.113.11 routed 2001:db8:200:1::/64
	B -q client add other endpoint 203.0.113.2 routed 2001:db8:200:2::/64
	B2 pool add 2001:db8:200:1::/64 routed 64
	B2 -q client add other endpoint 203.0.113.1 routed 2001:db8:200:1::/64
	# By the default route of s2, r leads it to s again.
	from_c1 $mine $theirs
	check "S8: sent on by another way, it comes back as a spoof" \
		wait_for eval '[ "$(drops one rx-uplink-spoof)" = 1 ]'
	check "S8: it has crossed once" wait_for eval '[ "$(crossed)" = 1 ]'
	B2 pool add 2001:db8:200:2::/64 routed 64
	from_c1 $mine $theirs
	check "S13: in a pool, nobody's, it ends there" wait_for eval \
		'[ "$(B2 -j link show | jq ".[0].drops[\"tx-unassigned\"]")" = 1 ]'
	# Its source is the second one's own, not that client's.
	check "S8: the error about it ends here" wait_for eval '[ "$(drops other rx-wrong-source)" = 1 ]'
	check "S8: each has crossed once" wait_for eval '[ "$(crossed)" = 3 ]'
	from_s2 2001:db8:200:2::9 2001:db8:200:7::1
	check "S13: nobody's here either" wait_for eval '[ "$(link_drops tx-unassigned)" = 1 ]'
	check "S8: the error about that ends there" wait_for eval '[ "$(drops2 other rx-wrong-source)" = 1 ]'
	from_c1 $mine $theirs
	check "S8: nothing else has crossed" wait_for eval \
		'[ "$(drops other rx-wrong-source)/$(crossed)" = 2/6 ]'
}

# Two clients behind each other's address may talk to each other, as two behind one NAT do. Where both
# brokers think so, only the hop limit ends it.
test_mutual_clients()
{
	two_brokers
	B -q client add a endpoint 203.0.113.2 routed 2001:db8:200:1::/64
	B -q client add b endpoint 203.0.113.2 routed 2001:db8:200:2::/64
	B2 pool add 2001:db8:200::/48 routed 64
	B2 -q client add a endpoint 203.0.113.1 routed 2001:db8:200:1::/64
	B2 -q client add b endpoint 203.0.113.1 routed 2001:db8:200:2::/64
	from_s2 2001:db8:200:1::1 2001:db8:200:2::1 hlim=20
	check "S8: its end is told once" wait_for eval '[ "$(crossed "ip[60] = 3")" = 1 ]'
	check "S8: the hop limit is one less on each pass" \
		wait_for eval '[ "$(crossed "ip[60] = 128")" = 19 ]'
	# It has a server address of the second one's pairs.
	check "S9: which goes no further" wait_for eval '[ "$(link_drops rx-wrong-source)" = 1 ]'
	check "S8: nothing else has crossed" wait_for eval '[ "$(crossed)" = 20 ]'
}

# On one LAN, both answer for the same client.
test_mutual_discovery()
{
	local me

	world onlink
	ip -n r -batch - <<-'EOF'
		link add lans type bridge
		addr del 2001:db8:1::fe/64 dev lan
		link set lan master lans
		link set lans up
		addr add 2001:db8:1::fe/64 dev lans nodad
	EOF
	second_broker lan2
	ip -n r link set lan2 master lans
	ip -n s2 addr add 2001:db8:1::2/64 dev eth1 nodad
	B2 pool add 2001:db8:1:0:8000::/80 pair
	# From an address that is nobody's in a pool: the other one does not take it for a spoof.
	B ndp del eth1
	B ndp add eth1 source link-local
	B2 ndp add eth1 source link-local
	B -q client add one endpoint 203.0.113.11
	B2 -q client add one endpoint 203.0.113.11
	me=$(client one client_ipv6)
	check "both announce it" wait_for eval \
		'[ "$(uplink announced)/$(B2 -j ndp show | jq ".[0].announced")" = 6/6 ]'
	in_ns r tcpdump -i lans -n -U -w /tmp/discovered 'icmp6 and (ip6[40] == 135 or ip6[40] == 136)' \
		2>/tmp/tcpdump-discovered &
	wait_for grep -qs listening /tmp/tcpdump-discovered
	check "both answer" eval '[ -n "$(discover "$me")" ] && wait_for eval "discovered 1 2"'
	check "S16: and a DAD probe" eval '[ -n "$(discover "$me" src=::)" ] && wait_for eval "discovered 2 4"'
	# An own question: who sends it does not answer it.
	ip -n s2 -6 route add "$me/128" dev eth1
	in_ns s2 ping -6 -n -q -c 1 -W 1 "$me" >/dev/null 2>&1
	check "S16: an own question is not the asker's" test \
		"$(B2 -j ndp show | jq '.[0].solicitations')/$(uplink solicitations)" = 2/3
	check "S16: what one says the other does not answer" wait_for eval "discovered 3 5"
}

discover()	{ in_ns r "$here/ndp.py" lans "$@"; }

# discovered QUESTIONS ANSWERS : about the client, on the LAN
discovered()
{
	[ "$(tcpdump -nr /tmp/discovered "ip6[40] == 135 and ip6[60:4] = 1" 2>/dev/null | wc -l)/$(
		tcpdump -nr /tmp/discovered "ip6[40] == 136 and ip6[60:4] = 1" 2>/dev/null | wc -l)" = "$1/$2" ]
}
