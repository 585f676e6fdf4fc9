# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What clients ask of their gateway inside the tunnel, and what must end there.
# The world: lib.sh.

# probe SRC TARGET [KEY=VALUE…] : from c1, as client $asker, or one
probe()
{
	in_ns c1 "$here/nud.py" 203.0.113.11 203.0.113.1 "$1" "$2" \
		"$(client "${asker-one}" client_ipv6)" "$(client "${asker-one}" server_ipv6)" "${@:3}"
}

test_reachability()
{
	local me gateway answer

	world routed
	two_clients
	me=$(client one client_ipv6)
	gateway=$(client one server_ipv6)
	answer=$(probe fe80::5 "$gateway")
	check "a solicitation for the gateway is answered to a link-local source" \
		test "$(jq -r .to <<<"$answer")" = fe80::5
	check "from the target, router and solicited, without an option" \
		test "$(jq -c '[.from, .target, .hlim, .flags, .options]' <<<"$answer")" = \
		"[\"$gateway\",\"$gateway\",255,6,\"\"]"
	check "to the client's own address" test "$(probe "$me" "$gateway" | jq -r .to)" = "$me"
	check "unicast, too" test "$(probe "$me" "$gateway" dst="$gateway" | jq -r .to)" = "$me"
	check "with a link-layer address option, which is ignored" \
		test "$(probe fe80::5 "$gateway" opt=0101020304050607 | jq -r .to)" = fe80::5
	check "for fe80:: and the server's IPv4 address, as RFC 4213 makes it" \
		test "$(probe fe80::5 fe80::cb00:7101 | jq -r .from)" = fe80::cb00:7101
	check "nothing was dropped" test "$(client one drops)" = '{}'

	check "another client's gateway is none" test -z "$(probe fe80::5 "$(client two server_ipv6)")"
	check "nor is the client itself" test -z "$(probe fe80::5 "$me")"
	check "nor a host beyond" test -z "$(probe fe80::5 2001:db8:beef::2)"
	check "from far away it is no solicitation" test -z "$(probe fe80::5 "$gateway" hlim=254)"
	check "an option of length 0 makes it none" \
		test -z "$(probe fe80::5 "$gateway" opt=0100000000000000)"
	check "nobody's DAD is answered" test -z "$(probe :: "$gateway")"
	check "they are counted" test "$(drops one rx-link-local)" = 6
	check "no neighbour was learned" test -z "$(ip -n s -6 neigh show nud all dev broker0 |
		grep -v ^ff | grep -v fe80::1)"
	B client set one disable
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 fe80::5 "$gateway"
	check "a disabled client gets no answer" wait_for test "$(drops one rx-disabled)" = 1
}

# Two clients behind one NAT: which of them asks is told by the gateway, not by who is younger.
test_shared_endpoint()
{
	local one two asker=one

	world routed
	B -q -batch - <<-'EOF'
		client add one endpoint 203.0.113.11
		client add two endpoint 203.0.113.11 disable
	EOF
	one=$(client one server_ipv6)
	two=$(client two server_ipv6)
	check "the younger is disabled: the elder's gateway answers" \
		test "$(probe fe80::5 "$one" | jq -r .from)" = "$one"
	check "so does the link-local one" \
		test "$(probe fe80::5 fe80::cb00:7101 | jq -r .from)" = fe80::cb00:7101
	check "nothing was dropped" test "$(client one drops)$(client two drops)" = '{}{}'
	check "the younger's does not" test -z "$(probe fe80::5 "$two")"
	check "nor to the elder's own address" test -z "$(probe "$(client one client_ipv6)" "$two")"
	check "the younger is charged" test "$(drops two rx-disabled)/$(client one drops)" = '2/{}'
	check "MLD is not answered" test -z "$(probe fe80::5 ff02::1 type=143 dst=ff02::16)"
	check "the elder is charged for it" test "$(drops one rx-link-local)" = 1

	B client set two enable
	B client set one disable
	asker=two
	check "the elder is disabled: the younger's gateway answers" \
		test "$(probe fe80::5 "$two" | jq -r .from)" = "$two"
	check "the elder's does not" test -z "$(probe fe80::5 "$one")"
	check "the elder is charged" test "$(drops one rx-disabled)/$(drops two rx-disabled)" = 1/2

	B client set two disable
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 fe80::5 "$one"
	check "both are disabled: counted as that" wait_for test "$(drops two rx-disabled)" = 3
}

# What hosts say to all routers and groups of a link.
test_link_talk()
{
	local me gateway kind

	world routed
	two_clients
	me=$(client one client_ipv6)
	gateway=$(client one server_ipv6)
	in_ns s sysctl -qw net.ipv6.conf.broker0.accept_ra=2
	ip -n s -6 route show table all >/tmp/routes
	# Router solicitation and advertisement, redirect, MLD of both versions.
	for kind in 133 134 137 130 131 143; do
		check "ICMPv6 type $kind is not answered" test -z "$(probe fe80::5 ff02::1 type=$kind \
			dst=ff02::1)"
	done
	check "S4: all are dropped" test "$(drops one rx-link-local)" = 6
	# Who has no address ready asks for a router, whether its own is taken, and joins its group.
	check "S4: DAD for the client's own address is not answered" test -z "$(probe :: "$me")"
	for kind in 133 143; do
		check "S4: nor is ICMPv6 type $kind without a source" \
			test -z "$(probe :: ff02::1 type=$kind dst=ff02::16)"
	done
	check "S4: none is a wrong source" test "$(client_jq one .drops)" = '{"rx-link-local":9}'
	check "S4: from a global source to a group, too" \
		test -z "$(probe "$me" ff02::1 type=131 dst=ff02::16)"
	check "S4: for another reason" test "$(drops one rx-multicast)" = 1
	check "no route was learned" diff /tmp/routes <(ip -n s -6 route show table all)
	check "the tunnel still works" reaches c1 "$gateway"
}

# Packets that would go round, or into another tunnel.
test_loops()
{
	local me gateway headers

	world routed
	two_clients
	me=$(client one client_ipv6)
	gateway=$(client one server_ipv6)
	# RFC 6324: the link's own IPv4 address inside the destination.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2002:cb00:7101::1
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::5efe:cb00:7101
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::200:5efe:cb00:7101
	check "S8: 6to4 and ISATAP forms of the server's address" \
		wait_for test "$(drops one rx-embedded)" = 3
	# Headers within headers.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=1
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=20
	check "S7: nested packets end at the server address" \
		wait_for eval '[ "$(drops one rx-nested)" = 2 ]'
	# Hop-by-hop and destination options, a routing header, one of each.
	for headers in 60 0,60 60,60,60 43; do
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=1 \
			chain=$headers
	done
	check "S7: also behind extension headers" wait_for eval '[ "$(drops one rx-nested)" = 6 ]'
	check "S7: what is not nested is let through to there" eval \
		'in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" chain=60,60
		 wait_for eval "[ \$(client one tx_packets) = 1 ]"'
	check "S7: none of them makes anything" test "$(client one tx_packets)" = 1
	check "S7: 20-fold ones pass to others as they are" eval \
		'in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 nest=20
		 reaches c1 2001:db8:beef::2'
	check "S9: hop limit 0 goes nowhere" eval \
		'in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 hlim=0
		 wait_for test "$(drops one rx-hop-limit)" = 1'
}

# What a fragment holds is known from the first one, or it is not delivered at all: here another
# tunnel at the server address would take it apart once it is put together.
test_nested_fragments()
{
	local me gateway

	world routed
	two_clients
	modprobe ip6_tunnel 2>/dev/null
	me=$(client one client_ipv6)
	gateway=$(client one server_ipv6)
	if ! ip -n s -6 tunnel add evil mode ip6ip6 remote "$me" local "$gateway" encaplimit none; then
		report 1 "ip6_tunnel is there"
		return
	fi
	ip -n s link set evil up
	ip -n s addr add "$gateway/128" dev lo
	check "a large packet in fragments reaches the server address" reaches c1 "$gateway" -s 3000
	# The fragment begins with the nested packet itself.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=1 cut=24
	check "S7: a nested packet in fragments" wait_for eval '[ "$(drops one rx-nested)" = 1 ]'
	# With a destination option of which the second half, and what follows it, is in the second one.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=1 chain=60 cut=16
	check "S7: behind an option in the first one" wait_for eval '[ "$(drops one rx-nested)" = 2 ]'
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$gateway" nest=1 chain=60,60 \
		cut=8
	check "S7: behind one in the second" wait_for eval '[ "$(drops one rx-nested)" = 3 ]'
	check "S7: none arrives in a tunnel" test "$(ip -n s -s -j link show evil |
		jq '.[0].stats64.rx.packets')" = 0
	check "the tunnel still works" reaches c1 "$gateway" -s 3000
}

# While a link is down its pools must not lead to the default route and back.
test_pool_without_route()
{
	local out before

	world routed
	two_clients
	B link set broker0 down
	before=$(icmp6 r Ip6OutForwDatagrams)
	out=$(in_ns h ping -6 -n -c 1 -W 5 2001:db8:100::7)
	check "S13: a pool of a link that is down: no route" grep -q "No route" <<<"$out"
	check "S13: counted" test "$(link_drops tx-link-down)" -ge 1
	# There and the error back.
	check "S13: and did not go round" test "$(($(icmp6 r Ip6OutForwDatagrams) - before))" -le 4
	B link set broker0 up
	check "up again" reaches c1 2001:db8:beef::2
	# A sweep over what nobody has.
	before=$(icmp6 r Ip6OutForwDatagrams)
	in_ns r "$here/inject.py" spread lan "$(ip -n s -j link show eth1 | jq -r '.[0].address')" \
		2001:db8:beef::2 2001:db8:200:ffff:: 1000
	check "S13: a sweep over unassigned space" \
		wait_for eval '[ "$(link_drops tx-unassigned)" -ge 1000 ]'
	check "S13: comes back as errors at most" \
		test "$(($(icmp6 r Ip6OutForwDatagrams) - before))" -le 1000
}

# The IPv4 route to an endpoint leads through a tunnel whose packets go to that endpoint.
test_recursion()
{
	local me gateway

	world routed
	two_clients
	modprobe ip6_tunnel 2>/dev/null
	me=$(client one client_ipv6)
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=1
	if ! ip -n s -6 tunnel add round mode ipip6 remote "$me" local 2001:db8:1::1 encaplimit none; then
		report 1 "ip6_tunnel is there"
		return
	fi
	ip -n s link set round up
	ip -n s addr add 192.0.2.1/32 dev round
	ip -n s route add 203.0.113.11/32 dev round src 203.0.113.1
	in_ns s ping -6 -n -q -c 3 -i 0.2 -W 1 "$me" >/dev/null
	check "S8: a packet that goes round is dropped" wait_for eval '[ "$(drops one tx-loop)" = 3 ]'
	check "S7: after one round" test "$(client one tx_packets)" = 3
	ip -n s link del round
	check "without the tunnel traffic flows" reaches c1 2001:db8:beef::2
}

# Tunnels inside a client's tunnel are as good as any other traffic.
test_nesting()
{
	local me

	world routed
	two_clients
	modprobe -a vxlan ip6_tunnel 2>/dev/null
	me=$(client one client_ipv6)
	ip -n s -batch - <<-EOF
		link add vx type vxlan id 1 remote $me local 2001:db8:1::1 dstport 4789
		link add brx type bridge
		link set vx master brx up
		link set brx up
		addr add 192.0.2.1/24 dev brx
	EOF
	ip -n c1 -batch - <<-EOF
		link add vx type vxlan id 1 remote 2001:db8:1::1 local $me dstport 4789
		link set vx up
		addr add 192.0.2.2/24 dev vx
	EOF
	check "S7: a tunnel below a bridge passes" in_ns s ping -n -q -c 3 -i 0.2 -W 10 192.0.2.2
	check "and is no loop" test "$(client one drops)" = '{}'
	# Later kernels allow no more than so many themselves.
	ip -n c1 -batch - <<-'EOF'
		link add vx2 type vxlan id 2 remote 192.0.2.1 local 192.0.2.2 dstport 4790
		link set vx2 up
		addr add 198.51.100.2/24 dev vx2
	EOF
	ip -n s -batch - <<-'EOF'
		link add vx2 type vxlan id 2 remote 192.0.2.2 local 192.0.2.1 dstport 4790
		link set vx2 up
		addr add 198.51.100.1/24 dev vx2
	EOF
	check "S7: another one in it passes, or is counted" eval \
		'in_ns s ping -n -q -c 1 -W 2 198.51.100.2 || [ "$(drops one tx-loop)" -ge 1 ]'

	# The way to one client's endpoint leads through another client.
	in_ns c1 sysctl -qw net.ipv4.ip_forward=1
	ip -n c1 link add under type ip6tnl mode ipip6 remote 2001:db8:1::1 local "$me" encaplimit none
	ip -n c1 link set under up
	ip -n s -batch - <<-EOF
		link add over type ip6tnl mode ipip6 remote $me local 2001:db8:1::1 encaplimit none
		link set over up
		route add 203.0.113.12/32 dev over src 203.0.113.1
	EOF
	check "S7: a client's tunnel inside another's passes" reaches s "$(client two client_ipv6)"
	check "through that" test "$(ip -n c1 -s -j link show under |
		jq '.[0].stats64.rx.packets')" -ge 1
	check "and is no loop" test "$(client two drops)" = '{}'
}

# isolated FROM ADDRESS : told that it is forbidden
isolated()
{
	in_ns "$1" ping -6 -n -c 1 -W 5 "$2" | grep -q "Administratively prohibited"
}

test_isolation()
{
	local routed

	world routed
	two_clients
	routed=$(client two 'routed[0]')
	ip -n c2 addr add "${routed%/*}7/128" dev lo
	check "by default clients reach each other" reaches c1 "$(client two client_ipv6)"
	check "keep them apart" B link set broker0 client-to-client deny
	check "is shown" test "$(B -j link show | jq -r '.[0].client_to_client')" = deny
	check "they are told" isolated c1 "$(client two client_ipv6)"
	check "routed prefixes, too" isolated c1 "${routed%/*}7"
	check "counted at who would have received it" test "$(drops two tx-isolated)" -ge 2
	check "their gateways answer" reaches c1 "$(client one server_ipv6)"
	check "so does the world" reaches c1 2001:db8:beef::2
	check "the world reaches them" reaches h "$(client two client_ipv6)"
	check "and the server" reaches s "$(client two client_ipv6)"
	check "let them again" B link set broker0 client-to-client allow
	check "and they do" reaches c1 "$(client two client_ipv6)"
	# Another link's clients are clients.
	ip -n s addr add 203.0.113.2/24 dev eth0
	B link add broker1 local 203.0.113.2 client-to-client deny
	B pool add 2001:db8:300::/64 pair dev broker1
	B -q client add one endpoint 203.0.113.66 dev broker1
	check "a link that denies lets no other link's clients in" isolated c1 2001:db8:300::3
}
