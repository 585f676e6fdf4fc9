# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Who reaches whom, in both layouts. The world: lib.sh.

reach_everything()
{
	local echos routed

	two_clients
	check "$1: client to its gateway" reaches c1 "$(client one server_ipv6)"
	check "$1: gateway to client" reaches s "$(client one client_ipv6)" -I "$(client one server_ipv6)"
	check "$1: server to client" reaches s "$(client one client_ipv6)"
	check "$1: client to the server's own address" reaches c1 2001:db8:1::1
	check "$1: client to a host beyond the router" reaches c1 2001:db8:beef::2
	check "$1: that host to the client" reaches h "$(client one client_ipv6)"
	check "$1: that host to the server address" reaches h "$(client one server_ipv6)"
	check "$1: the router to the second client" reaches r "$(client two client_ipv6)"

	routed=$(client one 'routed[0]')
	ip -n c1 addr add "${routed%/*}7/${routed#*/}" dev lo
	check "$1: that host to one in the routed prefix" reaches h "${routed%/*}7"
	# The even one of two is the server's in pairs only.
	ip -n c1 addr add "${routed%/*}8/${routed#*/}" dev lo
	echos=$(icmp6 c1 Icmp6InEchos)
	check "$1: that host to the next one" reaches h "${routed%/*}8"
	check "$1: it was the client that answered" \
		test "$(icmp6 c1 Icmp6InEchos)" = $((echos + 1))
	check "$1: one in the routed prefix to that host" reaches c1 2001:db8:beef::2 \
		-I "${routed%/*}7"
	check "$1: client to client" reaches c1 "$(client two client_ipv6)"
	check "$1: client into the other one's routed prefix" reaches c2 "${routed%/*}7"
	check "$1: nothing was dropped" test "$(B -j link show broker0 | jq -c '.[0].drops')" = '{}'
}

# Without IP_NONLOCAL_BIND a socket cannot take the server address.
test_onlink()
{
	world onlink
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=1
	reach_everything onlink
	check "onlink: the router knows one MAC for the client" \
		test "$(ip -n r -6 -j neigh show "$(client one client_ipv6)" | jq -r '.[0].lladdr')" = \
		     "$(ip -n s -j link show eth1 | jq -r '.[0].address')"
}

test_routed()
{
	world routed
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=1
	reach_everything routed
}

test_counters()
{
	local rx tx

	world routed
	two_clients
	check "never heard of before" test "$(client one last_received_ms)" = null
	in_ns c1 ping -6 -n -q -c 3 -i 0.2 -s 100 -W 10 "$(client one server_ipv6)" >/dev/null
	rx=$(client_jq one '[.rx_packets, .rx_bytes]')
	tx=$(client_jq one '[.tx_packets, .tx_bytes]')
	check "three packets of 148 bytes received" test "$rx" = "[3,444]"
	check "three packets of 148 bytes sent" test "$tx" = "[3,444]"
	check "last received a moment ago" test "$(client one last_received_ms)" -lt 60000
	check "the other client's counters stand still" \
		test "$(client_jq two '.rx_packets + .tx_packets')" = 0
	check "the link counts the same" \
		test "$(B -j link show | jq -c '.[0] | [.rx_packets, .tx_packets]')" = "[3,3]"
	check "so does ip -s link" \
		test "$(ip -n s -s -j link show broker0 | jq '.[0].stats64.rx.packets')" = 3
}

# What a link is told, it does and shows.
test_link_settings()
{
	local ttl tos

	world routed
	two_clients
	check "settings are taken" B link set broker0 public 198.51.100.9 ttl 77 tos 0x48 mtu 1400
	check "and shown" test "$(B -j link show broker0 |
		jq -c '.[0] | [.local, .public, .ttl, .tos, .mtu]')" = \
		'["203.0.113.1","198.51.100.9",77,72,1400]'
	check "the public address is what clients are told" test "$(client one server_ipv4)" = 198.51.100.9
	check "people, too" grep -q "^Server IPv4 Address: *198.51.100.9" <<<"$(B client show one)"
	check "the link's MTU is the client's bound" test "$(client one mtu)" = 1400
	in_ns c1 tcpdump -i eth0 -n -v -U -c 1 -w /tmp/settings 'ip proto 41 and src 203.0.113.1' \
		2>/tmp/tcpdump-settings &
	wait_for grep -qs listening /tmp/tcpdump-settings
	check "traffic flows" reaches h "$(client one client_ipv6)"
	wait $!
	ttl=$(tcpdump -nvr /tmp/settings 2>/dev/null | grep -oE 'ttl [0-9]+' | head -n 1)
	tos=$(tcpdump -nvr /tmp/settings 2>/dev/null | grep -oE 'tos 0x[0-9a-f]+' | head -n 1)
	check "with that TTL and TOS outside" test "$ttl, $tos" = "ttl 77, tos 0x48"
	check "public none" B link set broker0 public none
	check "shows the local one again" test "$(client one server_ipv4)" = 203.0.113.1
	check "inherit" B link set broker0 tos inherit
	check "is shown" test "$(B -j link show broker0 | jq -r '.[0].tos')" = inherit
	# shellcheck disable=SC2046 # words
	B -q client add ten endpoint 203.0.113.66 \
		$(for i in {1..10}; do echo routed "2001:db8:200:f$i::/64"; done)
	check "a list of prefixes that is cut is counted" \
		grep -qE 'ten .*2001:db8:200:f1::/64,.*/64, and [0-9]+ more' <<<"$(B client show)"
	check "stats show of one client" test "$(B -j stats show client two | jq -c '[.[].name]')" = \
		'["two"]'
	check "stats show of links" test "$(B -j stats show | jq -r '.[0].rx_packets')" -ge 1
	check "-oneline is one line" test "$(B -oneline client show one | wc -l)" = 1
	check "-details says the id" grep -q "^Id: *$(client one id)" <<<"$(B -details client show one)"
	check "-stats has counters" grep -q "RX BYTES" <<<"$(B -stats client show)"
}

test_mtu()
{
	local big

	world routed
	two_clients
	check "automatic MTU over Ethernet is 1480" test "$(client one mtu)" = 1480
	check "a full packet passes" reaches h "$(client one client_ipv6)" -M "do" -s 1432
	check "MTU is set" B client set one mtu 1400
	big=$(in_ns h ping -6 -n -c 2 -W 5 -M "do" -s 1432 "$(client one client_ipv6)" 2>&1)
	check "a larger packet meets Packet Too Big with that MTU" \
		grep -qE 'mtu ?[=:]? ?1400' <<<"$big"
	check "and is counted" test "$(drops one tx-too-big)" -ge 1
	check "a packet that fits passes" reaches h "$(client one client_ipv6)" -M "do" -s 1352
	B client set one mtu auto
	ip -n s link set eth0 mtu 1420
	check "automatic MTU follows the route" test "$(client one mtu)" = 1400
	ip -n s link set eth0 mtu 1280
	check "but never below 1280" test "$(client one mtu)" = 1280
}

# The inside in a VRF, link and uplink, the outside not: another link, pools and routes than the
# rest of the host's, which has a default route of its own that leads back to where packets came from.
test_vrf()
{
	local me routed

	world onlink
	if ! inside_vrf; then
		skip "" "no VRF in this kernel"
		return
	fi
	check "vrf: the routes of pools are the VRF's" eval 'B link set broker0 up
		[ "$(ip -n s -6 -j route show table 1010 protocol 66 | jq length)" = 2 ] &&
		[ "$(ip -n s -6 -j route show table main protocol 66 | jq length)" = 0 ]'
	two_clients
	me=$(client one client_ipv6)
	routed=$(client one 'routed[0]')
	check "vrf: client to its gateway" reaches c1 "$(client one server_ipv6)"
	check "vrf: gateway to client" reaches s "$me" -I red -I 2001:db8:1::1
	check "vrf: client to the server's own address" reaches c1 2001:db8:1::1
	check "S6: vrf: client to a host beyond the router" reaches c1 2001:db8:beef::2
	check "vrf: that host to the client, which the router asks for" reaches h "$me"
	check "vrf: client to client" reaches c1 "$(client two client_ipv6)"
	check "vrf: as no others' packets, all by the tunnel handlers" \
		test "$(in_ns s ethtool -S broker0 | awk '$1 == "rx-early:" { print $2 }')" = 0
	check "vrf: nothing was dropped" test "$(B -j link show broker0 | jq -c '.[0].drops')" = '{}'
	check "S9: vrf: its own server address is hop 1" grep -q "From $(client one server_ipv6)" \
		<(in_ns c1 ping -6 -n -c 1 -W 5 -t 1 2001:db8:beef::2)
	check "S13: vrf: nobody's address" grep -q "Address unreachable" \
		<(in_ns h ping -6 -n -c 1 -W 5 2001:db8:1:0:8000::ffff)
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "${routed%/*}99"
	check "S8: vrf: a packet that would return to its sender" \
		wait_for eval '[ "$(drops one tx-hairpin)" = 1 ]'
	in_ns r "$here/inject.py" ip6 lan "$(ip -n s -j link show eth1 | jq -r '.[0].address')" "$me" \
		2001:db8:1::1
	check "S3: vrf: a client's source on the uplink" \
		wait_for eval '[ "$(drops one rx-uplink-spoof)" = 1 ]'
	ip -n s addr add "${routed%/*}77/128" dev eth1 nodad
	check "S16: vrf: the VRF's own address is not claimed for a client" eval \
		'[ "$(in_ns r "$here/ndp.py" lan "${routed%/*}77" | jq .override)" = 1 ]'
	ip -n s -6 route add "${routed%/*}66/128" dev eth1 table 1010
	check "S16: vrf: nor one to which the VRF's route leads back" eval \
		'[ -z "$(in_ns r "$here/ndp.py" lan "${routed%/*}66" then="$me")" ]'
	B pool add 2001:db8:400::/48 routed 64
	check "vrf: a pool that is added" eval \
		'ip -n s -6 route show table 1010 | grep -q "^2001:db8:400::/48 via fe80::1 dev broker0"'
	B pool del 2001:db8:400::/48
	check "vrf: and deleted" eval '! ip -n s -6 route show table all | grep -q 2001:db8:400:'
}
