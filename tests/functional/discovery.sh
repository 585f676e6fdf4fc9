# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Neighbour discovery on the uplink. The world: lib.sh, layout onlink.

ask()	{ in_ns r "$here/ndp.py" lan "$@"; }

# unanswered TARGET [KEY=VALUE…] then=TARGET : the second question is, the first is not
unanswered()
{
	local answer

	answer=$(ask "$@") && [ -z "$answer" ]
}

test_advertisements()
{
	local mac me answer

	world onlink
	B -q client add one endpoint 203.0.113.11
	B -q client add off endpoint 203.0.113.12 disable
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	me=$(client one client_ipv6)

	# What is announced unasked would look like more answers.
	check "a new client's two addresses are announced three times" \
		wait_for eval '[ "$(uplink announced)" = 6 ]'
	answer=$(in_ns r ndisc6 -m -w 1000 "$me" lan)
	check "ndisc6 sees exactly one answer" test "$(grep -c 'link-layer address' <<<"$answer")" = 1
	check "with the server's MAC" grep -qi "$mac" <<<"$answer"

	answer=$(ask "$me")
	check "from the target, solicited, router, not override, with the link-layer address" \
		test "$(jq -c '[.from, .mac, .tlla, .hlim, .router, .solicited, .override]' \
			<<<"$answer")" = "[\"$me\",\"$mac\",\"$mac\",255,1,1,0]"
	check "to who asked" test "$(jq -r .to <<<"$answer")" = fe80::a:b:c:d

	answer=$(ask "$me" src=::)
	check "S16: a DAD probe is answered to all nodes, not solicited" \
		test "$(jq -c '[.to, .to_mac, .router, .solicited, .override]' <<<"$answer")" = \
		'["ff02::1","33:33:00:00:00:01",1,0,0]'
	check "a unicast solicitation from fe80 is answered" \
		test "$(ask "$me" unicast="$mac" | jq -r .mac)" = "$mac"
	check "the gateway's address is answered" \
		test "$(ask "$(client one server_ipv6)" | jq -r .mac)" = "$mac"
	check "an address in the routed prefix is answered" \
		test "$(ask 2001:db8:1:0:9000::abc | jq -r .mac)" = "$mac"

	check "an unassigned one is not" unanswered 2001:db8:1:0:8000::ff then="$me"
	check "nor unicast" unanswered 2001:db8:1:0:8000::ff unicast="$mac" then="$me"
	check "nor a disabled client's" unanswered "$(client off client_ipv6)" then="$me"
	check "they are counted" test "$(uplink 'unassigned')/$(uplink disabled)" = 2/1
	B client set off enable
	check "an enabled client's is" test -n "$(ask "$(client off client_ipv6)")"
	check "who asks with a client's address is no neighbour" \
		unanswered "$(client off client_ipv6)" src="$me" then="$me"
	check "but counted as its spoof" test "$(drops one rx-uplink-spoof)" = 1
	check "S15: nothing was learned about who asked" \
		test -z "$(ip -n s -6 neigh show fe80::a:b:c:d)"
}

# RFC 4861 section 7.1.1: each is dropped and counted; then a proper one.
# A program of the server's that listens to the wire until it has heard an echo request: the
# types of messages about TARGET that came in.
listener()	# TARGET
{
	in_ns s timeout 30 python3 -SEc '
import socket
import sys
target = socket.inet_pton(socket.AF_INET6, sys.argv[1])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd))
wire.bind(("eth1", 0x86dd))
print("listens", flush=True)
while True:
    frame, address = wire.recvfrom(2000)
    if address[2] == socket.PACKET_OUTGOING or frame[20] != 58:
        continue
    if frame[54] == 128:
        break
    if frame[62:78] == target:
        print(frame[54], flush=True)' "$1" >/tmp/heard
}

# A question may become its answer in place; not while somebody else has a part in it.
test_listener()
{
	local one alone beside options

	world onlink
	B -q client add one endpoint 203.0.113.11
	one=$(client one client_ipv6)
	check "all is announced" wait_for eval '[ "$(uplink announced)" = 6 ]'
	for options in "" opt= opt=0e0200112233445566778899aabbccdd; do
		alone=$(ask "$one" $options)
		check "an answer${options:+: $options}" test -n "$alone"
		: >/tmp/heard
		listener "$one" &
		wait_for grep -q listens /tmp/heard
		beside=$(ask "$one" $options)
		reaches r 2001:db8:1::1 >/dev/null
		wait
		check "is the same where others listen" test "$alone" = "$beside"
		check "who hear the question" test "$(tail -n +2 /tmp/heard)" = 135
	done
}

test_malformed()
{
	local me n=0 what mac

	world onlink
	B -q client add one endpoint 203.0.113.11
	me=$(client one client_ipv6)
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	for what in hlim=254 code=1 sum=bad opt=0100020202020202 opt=0102aabbccddeeff opt=01 \
		    "src=:: opt=0101aabbccddeeff" "src=:: dst=$me"; do
		# shellcheck disable=SC2086 # several words
		check "S15: not answered: $what" \
			unanswered "$me" $what then=2001:db8:1:0:9000::1
		n=$((n + 1))
		check "counted" test "$(uplink malformed)" = $n
	done
}

# claimed ADDRESS : it is answered for; the kernel's own answers would say override
claimed()	{ [ "$(ask "$1" | jq .override)" = 0 ]; }

# An address in a pool that somebody else has now: this host itself, or its router.
test_not_ours()
{
	local me router before lan routed=2001:db8:1:0:9000::abc

	world onlink
	# Who asks in r's place is not r.
	lan=$(ip -n r -j link show lan | jq -r '.[0].address')
	router=2001:db8:1:0:8000::3
	ip -n r addr add $router/128 dev lan nodad
	ip -n s -6 route add $router/128 dev eth1
	check "the router is there" reaches s $router
	check "and known as one" wait_for eval 'ip -n s -6 neigh show $router dev eth1 | grep -q router'
	# A route would be a reason by itself, see test_misrouted.
	ip -n s -6 route del $router/128
	B -q client add one endpoint 203.0.113.11
	B -q client add two endpoint 203.0.113.12
	me=$(client one client_ipv6)
	check "its address is a client's now" test "$(client two client_ipv6)" = $router
	check "all are announced but that one" wait_for eval '[ "$(uplink announced)" = 9 ]'
	check "S16: the router's address is not claimed" unanswered $router then="$me"
	check "S16: nor is a DAD probe for it answered" unanswered $router src=:: then="$me"
	check "S16: its answers to this host are no spoof" eval 'ip -n s -6 neigh replace $router dev eth1 \
			lladdr '"$lan"' nud probe router
		wait_for eval "ip -n s -6 neigh show $router dev eth1 | grep -q REACHABLE"'
	ip -n s -6 neigh del $router dev eth1
	ip -n r addr del $router/128 dev lan
	check "S16: it is, when that is gone" claimed $router

	check "at first its own address is claimed for the client" claimed "$me"
	check "and one in its routed prefix" claimed $routed
	ip -n s addr add "$me/128" dev eth1 nodad
	ip -n s addr add $routed/128 dev lo
	before=$(uplink answered)
	check "S16: this host answers for its own address itself" test "$(ask "$me" | jq .override)" = 1
	check "S16: and nobody for one that no device there has" unanswered $routed then="$me"
	B client set one disable
	B client set one enable
	check "S16: nor is it announced" wait_for eval '[ "$(uplink announced)" = 12 ]'
	check "S16: none was claimed" test "$(uplink answered)" = "$before"
	ip -n s addr del "$me/128" dev eth1
	ip -n s addr del $routed/128 dev lo
	check "S16: they are, when they are gone" claimed "$me"
	check "S16: both" claimed $routed
}

# Who claims an address that its own routes lead back to where the question came from makes a loop.
test_misrouted()
{
	local me before routed=2001:db8:1:0:9000::abc

	world onlink
	B -q client add one endpoint 203.0.113.11
	me=$(client one client_ipv6)
	check "at first the address is claimed" claimed "$me"
	check "and announced" wait_for eval '[ "$(uplink announced)" = 6 ]'
	check "none was misrouted" test "$(uplink misrouted)" = 0
	ip -n s -6 route add "$me/128" dev eth1
	check "S16: not where a route leads back to who asks" unanswered "$me" then=$routed
	check "S16: nor is a DAD probe answered" unanswered "$me" src=:: then=$routed
	check "S16: counted" test "$(uplink misrouted)" = 2
	B client set one disable
	B client set one enable
	check "S16: nor is it announced" wait_for eval '[ "$(uplink announced)" = 9 ]'
	ip -n s -6 route del "$me/128" dev eth1
	ip -n s -6 route add "$me/128" dev eth0
	check "S16: a route to elsewhere is no reason" claimed "$me"
	ip -n s -6 route del "$me/128" dev eth0
	ip -n s -6 route del 2001:db8:1:0:9000::/80
	check "S16: a pool whose route is missing: its packets would return" unanswered $routed then="$me"
	B link set broker0 up
	check "S16: it is there again, and so is the answer" claimed $routed
	before=$(uplink announced)
	B link set broker0 down
	B link set broker0 up
	check "S16: routes that return with the link: all are announced, three times" \
		wait_for eval '[ "$(uplink announced)" = '$((before + 6))' ]'
	check "counted at last" test "$(uplink misrouted)" = 3
	ip -n s -6 route add default dev eth1 table 77
	check "S16: claimed once more" claimed "$me"
	ip -n s -6 rule add to "$me" lookup 77
	check "S16: not where a rule leads back" unanswered "$me" then=$routed
}

# A bridge takes what its ports receive for its own.
test_bridge()
{
	local me mac

	world onlink
	B -q client add one endpoint 203.0.113.11
	me=$(client one client_ipv6)
	B ndp del eth1
	ip -n s link add brx type bridge
	ip -n s link set brx promisc on up
	ip -n s link set eth1 master brx
	ip -n s addr add 2001:db8:1::1/64 dev brx nodad
	check "a bridge can be an uplink" B ndp add brx
	mac=$(ip -n s -j link show brx | jq -r '.[0].address')
	# The port forwards only after a while.
	check "it answers" wait_for eval '[ "$(ask "$me" | jq -r .mac)" = "'"$mac"'" ]'
	check "for its own MAC" test "$(ask "$me" unicast="$mac" | jq -r .mac)" = "$mac"
	check "for another host's it does not" unanswered "$me" unicast=02:00:00:00:00:99 \
		then=2001:db8:1:0:9000::1
	B link set broker0 down
	check "while the link is down, nobody answers" eval '
		in_ns r ndisc6 -1 -r 1 -w 1000 "$me" lan >/dev/null 2>&1; [ $? -ne 0 ]'
	check "counted as disabled" test "$(uplink disabled)" -ge 1
}

test_source()
{
	local me link_local

	world onlink
	B -q client add one endpoint 203.0.113.11
	me=$(client one client_ipv6)
	link_local=$(ip -n s -6 -j addr show dev eth1 scope link |
		     jq -r '.[0].addr_info[] | select(.local) | .local')
	B ndp del eth1
	check "detached: no all-multicast" test "$(ip -n s -d -j link show eth1 |
		jq '.[0].allmulti')" = 0
	check "attached again" B ndp add eth1 source link-local
	check "attached: all-multicast" test "$(ip -n s -d -j link show eth1 |
		jq '.[0].allmulti')" = 1
	check "from the link-local address" test "$(ask "$me" | jq -r .from)" = "$link_local"
	B ndp del eth1
	B ndp add eth1 source 2001:db8:1::1
	check "from a fixed address" test "$(ask "$me" | jq -r .from)" = 2001:db8:1::1
	check "show says so" test "$(uplink source_address)" = 2001:db8:1::1
	ip -n s link set dev eth1 down
	ip -n s link set dev eth1 address 02:00:00:00:12:34 up
	check "the MAC is the one of the moment" \
		test "$(ask "$me" | jq -r '.tlla + .mac')" = 02:00:00:00:12:3402:00:00:00:12:34
	ip -n s link del eth1
	check "an uplink that goes away is forgotten" test "$(B -j ndp show)" = '[]'
}

# 20,000 destinations behind the link make no neighbours.
test_neighbours()
{
	local mac n=20000

	world routed
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	in_ns r "$here/inject.py" spread lan "$mac" 2001:db8:beef::2 2001:db8:200:0:: $n
	check "$n destinations were sent to" wait_for eval '[ "$(client one tx_packets)" -ge 19000 ]'
	check "S15: at most one unicast neighbour on the link" test "$(ip -n s -6 neigh show nud all dev broker0 |
		grep -vc '^ff')" -le 1
	check "one route for all of them" test "$(ip -n s -6 route show table all dev broker0 |
		grep -c 2001:db8:200:)" -le 1
}

# Neighbours are told unasked: new clients, another MAC, a wire.
test_announcements()
{
	local before

	world onlink
	in_ns r tcpdump -i lan -e -n -U -w /tmp/announced 'icmp6 and ip6[40] == 136 and dst ff02::1' \
		2>/tmp/tcpdump-announced &
	wait_for grep -qs listening /tmp/tcpdump-announced
	B -q client add one endpoint 203.0.113.11
	check "S15: a client that is added is announced" wait_for announced_from one server_ipv6
	check "S15: both ends of its pair" wait_for announced_from one client_ipv6
	check "S15: three times" wait_for eval '[ "$(uplink announced)" = 6 ]'
	B -q client add off endpoint 203.0.113.12 disable
	before=$(uplink announced)
	printf 'client add c%d\n' {1..50} >/tmp/many
	B -batch /tmp/many
	B client set off enable
	check "S15: one that is enabled, three times" \
		wait_for eval '[ "$(uplink announced)" -ge '$((before + 6))' ]'
	check "S15: and those of one message, three times each, none twice as often" \
		wait_for eval '[ "$(uplink announced)" = '$((before + 306))' ]'
	before=$(uplink announced)
	ip -n s link set dev eth1 down
	ip -n s link set dev eth1 address 02:00:00:00:12:34 up
	check "another MAC: all are announced, three times" \
		wait_for eval '[ "$(uplink announced)" -ge '$((before + 3 * 104))' ]'
	check "with it" wait_for eval \
		'tcpdump -e -nr /tmp/announced "ether src 02:00:00:00:12:34" 2>/dev/null | grep -q .'
	pkill -INT -x tcpdump
	check "none says override" eval "! tcpdump -nr /tmp/announced 'ip6[44] & 0x20 != 0' 2>/dev/null | grep ."
	check "all say router" eval "! tcpdump -nr /tmp/announced 'ip6[44] & 0x80 == 0' 2>/dev/null | grep ."
	before=$(uplink announced)
	ip -n r link set dev lan down
	ip -n r link set dev lan up
	check "a wire that is plugged in again: all are announced, three times" \
		wait_for eval '[ "$(uplink announced)" -ge '$((before + 3 * 104))' ]'
	before=$(uplink announced)
	printf 'client add d%d\n' {1..100} >/tmp/many
	B -batch /tmp/many
	check "S15: more than can wait one by one: with all others, three times" \
		wait_for eval '[ "$(uplink announced)" = '$((before + 3 * 304))' ]'
}

# Some devices take another MAC while they are up; nothing but that tells it.
test_live_mac()
{
	world onlink
	B -q client add one endpoint 203.0.113.11
	check "the client was announced" wait_for announced_all
	in_ns r tcpdump -i lan -e -n -U -w /tmp/live 'icmp6 and ip6[40] == 136 and dst ff02::1' \
		2>/tmp/tcpdump-live &
	wait_for grep -qs listening /tmp/tcpdump-live
	ip -n s link set dev eth1 address 02:00:00:00:56:78
	check "S15: another MAC while the device is up: it is announced" wait_for eval \
		'tcpdump -e -nr /tmp/live "ether src 02:00:00:00:56:78" 2>/dev/null | grep -q .'
}

# Has nothing been announced for a while?
announced_all()
{
	local before

	before=$(uplink announced)
	sleep 3
	[ "$before" -ge 6 ] && [ "$(uplink announced)" = "$before" ]
}

announced_from()
{
	tcpdump -nr /tmp/announced "src $(client "$1" "$2")" 2>/dev/null | grep -q .
}

# joined GROUP… : has the uplink's device joined all of them?
joined()
{
	local group

	for group; do
		ip -n s -6 maddr show dev eth1 | grep -qw "$group" || return 1
	done
}

groups()	{ ip -n s -6 maddr show dev eth1 | grep -c inet6; }

# Switches that snoop MLD forward solicitations to those who joined the target's group.
test_groups()
{
	local before i

	world onlink
	before=$(groups)
	B -q client add one endpoint 203.0.113.11 pair 2001:db8:1:0:8000::7a:2/127
	check "both ends of a pair" wait_for joined ff02::1:ff7a:2 ff02::1:ff7a:3
	check "and nothing else" test "$(uplink groups)/$(($(groups) - before))" = 2/2
	B client set one disable
	check "none of a disabled client" wait_for eval '[ "$(groups)" = '"$before"' ]'
	B client set one enable
	check "again of an enabled one" wait_for joined ff02::1:ff7a:2 ff02::1:ff7a:3
	for i in {1..200}; do
		printf 'client add c%d pair 2001:db8:1:0:8000::7b:%x/127\n' "$i" $((i * 2))
	done >/tmp/many
	B -batch /tmp/many
	check "of many clients a bounded number" wait_for eval '[ "$(uplink groups)" = 256 ]'
	check "no more than that" test "$(($(groups) - before))" = 256
	ip -n s link set eth1 down
	ip -n s link set eth1 up
	check "they are joined again when the uplink comes up" \
		wait_for eval '[ "$(uplink groups)" = 256 ] && joined ff02::1:ff7b:2'
	# The device's own address went, and its group with it.
	before=$(($(groups) - 256))
	B client flush
	check "and left with the clients" wait_for eval '[ "$(groups)" = '"$before"' ]'
	B -q client add one pair 2001:db8:1:0:8000::7a:2/127
	check "joined" wait_for joined ff02::1:ff7a:2
	B ndp del eth1
	check "and left with the uplink" test "$(groups)" = "$before"
}

# users GROUP : how often has the uplink's device joined it?
users()
{
	ip -n s -j -6 maddr show dev eth1 |
		jq "[.[].maddr[] | select(.address == \"$1\") | .users // 1] | add // 0"
}

# A device whose MTU is too small for IPv6 forgets all of it, its groups too. This host's own address
# and the first client's are in the same group.
test_lost_groups()
{
	local own=ff02::1:ff00:1

	world onlink
	check "the host is in its own group" test "$(users $own)" = 1
	B -q client add one endpoint 203.0.113.11
	check "a client's other end shares it" wait_for eval '[ "$(users '$own')" = 2 ]'
	check "two groups" test "$(uplink groups)" = 2
	ip -n s link set eth1 mtu 1200
	check "S15: without IPv6 there are none" wait_for test "$(uplink groups)" = 0
	ip -n s link set eth1 mtu 1500
	ip -n s addr add 2001:db8:1::1/64 dev eth1 nodad
	check "S15: with it, they are joined again" wait_for eval '[ "$(uplink groups)" = 2 ]'
	check "beside the host" test "$(users $own)" = 2
	# Before ours are joined again: what is left then is not ours.
	ip -n s link set eth1 mtu 1200
	ip -n s link set eth1 mtu 1500
	ip -n s addr add 2001:db8:1::1/64 dev eth1 nodad
	B ndp del eth1
	check "S15: an uplink that lost them leaves the host's alone" test "$(users $own)" = 1
	check "attached again" B ndp add eth1
	check "joined" wait_for eval '[ "$(users '$own')" = 2 ]'
	ip -n s link set eth1 mtu 1400
	check "another MTU is no reason" test "$(uplink groups)/$(users $own)" = 2/2
	B client flush
	check "S15: when the client goes, the host stays" wait_for eval '[ "$(users '$own')" = 1 ]'
	check "none is left" test "$(uplink groups)" = 0
}

# How an uplink answers is changed in its place: it goes on counting, and answering.
test_uplink_set()
{
	local me before link_local changes unanswered i

	world onlink
	B -q client add one endpoint 203.0.113.11
	B -q client add two endpoint 203.0.113.12
	me=$(client one client_ipv6)
	link_local=$(ip -n s -6 -j addr show dev eth1 scope link |
		     jq -r '.[0].addr_info[] | select(.local) | .local')
	check "announced at first" wait_for eval '[ "$(uplink announced)" = 12 ]'
	check "answered" test "$(ask "$me" | jq -c '[.from, .router]')" = "[\"$me\",1]"
	before=$(groups)
	listen /tmp/events -j
	wait_for eval 'B ndp set eth1 rate 500; [ -s /tmp/events ]'
	B ndp set eth1 source link-local
	check "from the link-local address" test "$(ask "$me" | jq -c '[.from, .router]')" = "[\"$link_local\",1]"
	B ndp set eth1 source 2001:db8:1::1 router off
	check "from a fixed address, without flag R" \
		test "$(ask "$me" | jq -c '[.from, .router]')" = '["2001:db8:1::1",0]'
	B ndp set eth1 rate 20
	check "what is not said stays" test "$(B -j ndp show | jq -c '.[0] |
		[.source, .source_address, .router, .rate]')" = '["address","2001:db8:1::1",false,20]'
	check "listeners are told of each" wait_for eval '[ "$(jq -sc "map([.event, .source_address, .router, .rate])[-3:]" \
		</tmp/events)" = "[[\"ndp\",null,true,500],[\"ndp\",\"2001:db8:1::1\",false,500],[\"ndp\",\"2001:db8:1::1\",false,20]]" ]'
	in_ns r "$here/ndp.py" lan "$me" n=300 then="$(client two client_ipv6)" >/dev/null
	check "the rate is another one" test "$(uplink limited)" -ge 200
	B ndp set eth1 source target router on rate 0
	check "and back" test "$(ask "$me" | jq -c '[.from, .router]')" = "[\"$me\",1]"
	check "it has counted on" test "$(uplink solicitations)" -ge 305
	check "nothing is announced anew" test "$(uplink announced)" = 12
	check "the device is as it was" test "$(ip -n s -d -j link show eth1 | jq '.[0].allmulti')" = 1
	check "with its groups" test "$(groups)" = "$before"

	# Who asks while it changes, back and forth.
	before=$(uplink answered)
	unanswered=$(($(uplink solicitations) - before))
	for ((i = 0; i < 100; i++)); do
		echo 'ndp set eth1 source 2001:db8:1::1 router off'
		echo 'ndp set eth1 source target router on'
	done >/tmp/changes
	rm -f /tmp/stop
	until [ -e /tmp/stop ]; do
		B -batch /tmp/changes || break
	done &
	changes=$!
	for ((i = 0; i < 8; i++)); do
		in_ns r "$here/ndp.py" lan "$me" n=200 then="$(client two client_ipv6)"
	done | jq -c '[.from, .router]' | sort -u >/tmp/answers
	touch /tmp/stop
	wait $changes
	report $? "all changes are made"
	check "the questions have come" test "$(uplink answered)" -ge $((before + 8 * 201))
	check "every one is answered" test $(($(uplink solicitations) - $(uplink answered))) = "$unanswered"
	check "as before or as from now on, and not half so" eval \
		'! grep -vxF -e "[\"$me\",1]" -e "[\"2001:db8:1::1\",0]" /tmp/answers'
}

# Without a limit a bit of each piece says whether to answer: it has to follow whatever becomes of
# the client that holds it. The router asks by itself, too.
test_unlimited()
{
	local one far=2001:db8:3:ffff:ffff::abc second=2001:db8:1:0:8000:0:2:3 routed=2001:db8:1:0:9000::abc
	local pair=2001:db8:1:0:8000::2:2/127

	world onlink
	B ndp set eth1 rate 0
	B pool add 2001:db8:3::/48 routed 80
	B -q client add one endpoint 203.0.113.11
	one=$(client one client_ipv6)
	check "a client's address is answered" claimed "$one"
	check "the gateway's too" claimed "$(client one server_ipv6)"
	check "and its routed prefix" claimed $routed
	check "an unassigned one is not" unanswered $second then="$one"
	check "counted" test "$(uplink unassigned)" -ge 1

	B -q client add two endpoint 203.0.113.12 pair $pair routed 2001:db8:3:ffff:ffff::/80 \
		routed 2001:db8:1:0:9000::1:0/112
	check "of a new one, whose piece is far from the first" claimed $second
	check "and one that is in no array" claimed $far
	B client set two disable
	check "not while it is disabled" unanswered $second then="$one"
	check "nor any of its prefixes" unanswered 2001:db8:1:0:9000:0:1:abc then="$one"
	check "wherever it is" unanswered $far then="$one"
	check "counted as disabled" test "$(uplink disabled)" -ge 3
	check "its neighbour in the pool is no worse off" claimed $routed
	B client set two enable
	check "but when it is enabled" claimed $second
	check "with all" claimed 2001:db8:1:0:9000:0:1:abc
	check "wherever" claimed $far
	B client set two mtu 1400
	check "another change is none of that" claimed $second

	B link set broker0 down
	check "while the link is down, nobody answers" eval '
		in_ns r ndisc6 -1 -r 1 -w 1000 "$one" lan >/dev/null 2>&1; [ $? -ne 0 ]'
	check "counted as disabled" test "$(uplink disabled)" -ge 4
	B link set broker0 up
	check "it does, when the link is up" claimed "$one"

	B client del two
	check "nor for one that was deleted" unanswered $second then="$one"
	check "or what was routed there" unanswered 2001:db8:1:0:9000:0:1:abc then="$one"
	check "wherever it was" unanswered $far then="$one"
	check "counted as unassigned" test "$(uplink unassigned)" -ge 4
	B -q client add three pair $pair disable
	check "nor for a successor that is disabled from the first" unanswered $second then="$one"
	B client set three enable
	check "but when that one is enabled" claimed $second
	B client set three disable
	B ndp set eth1 rate 1000
	check "with a limit it is no other" claimed "$one"
	check "for anybody" unanswered $second then="$one"
	# Whoever leaves is compared with what its pools say.
	check "one leaves that nobody has changed" B client del one
}

# A scan of a client's prefix must not make the server shout.
test_rate()
{
	local me

	world onlink
	B -q client add one endpoint 203.0.113.11
	B -q client add two endpoint 203.0.113.12
	me=$(client one client_ipv6)
	B ndp del eth1
	B ndp add eth1 rate 20 router off
	check "S15: rate and flag are shown" test "$(B -j ndp show | jq -c '.[0] | [.rate, .router]')" = \
		'[20,false]'
	check "without flag R" test "$(ask "$me" | jq .router)" = 0
	in_ns r "$here/ndp.py" lan "$me" n=300 then="$(client two client_ipv6)" >/dev/null
	check "S15: 300 questions at once" test "$(uplink solicitations)" -ge 300
	check "S15: are not all answered" test "$(uplink limited)" -ge 200
	check "S15: some are" test "$(uplink answered)" -ge 20
	B ndp del eth1
	B ndp add eth1 rate 0
	in_ns r "$here/ndp.py" lan "$me" n=300 then="$(client two client_ipv6)" >/dev/null
	check "S15: without a limit they are" test "$(uplink answered)" -ge 301
	check "S15: and none is counted as limited" test "$(uplink limited)" = 0
}
