# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The doctor: each ill is made, found, and mended with the command that was given. The world: lib.sh.

# findings CHECK [SEVERITY] : how many
findings()
{
	B -j doctor | jq --arg check "$1" --arg severity "${2-problem}" \
		'map(select(.check == $check and .severity == $severity)) | length'
}

healthy()
{
	B -j doctor >/tmp/doctor && jq -e 'all(.[]; .severity != "problem")' /tmp/doctor && return
	cat /tmp/doctor
	return 1
}

# Neither a problem of the firewall nor a note.
silent()
{
	B -j doctor >/tmp/doctor
	jq -e 'all(.[]; .check != "firewall")' /tmp/doctor && return
	cat /tmp/doctor
	return 1
}

# ill TEXT CHECK [SEVERITY [PATTERN]] : found, explained; mended with the command it gave, one or more
ill()
{
	local text=$1 check=$2 severity=${3-problem} command status
	local select='map(select(.check == $check and .severity == $severity))'

	B -j doctor >/tmp/doctor
	status=$?
	check "$text: found" jq -e --arg check "$check" --arg severity "$severity" --arg pattern "${4-}" "$select |
		length >= 1 and all(.[]; (.what | length > 15) and (.why | length > 15)) and
		(map(select(.what | contains(\$pattern))) | length >= 1)" /tmp/doctor
	[ "$severity" = note ] || check "$text: the status says so" test $status = 3
	while read -r command; do
		check "$text: $command" in_ns s sh -c "$command"
	done < <(jq -r --arg check "$check" --arg severity "$severity" "$select | .[].command" /tmp/doctor)
	check "$text: it is mended" test "$(findings "$check" "$severity")" = 0
}

# found TEXT CHECK [SEVERITY] : where the command has a place to fill in
found()
{
	check "$1: found" test "$(findings "$2" "${3-problem}")" -ge 1
}

well_world()
{
	world "$1"
	two_clients
	reaches h "$(client one client_ipv6)" >/dev/null
	reaches h "$(client two client_ipv6)" >/dev/null
}

test_doctor_healthy()
{
	well_world onlink
	check "a server that is well" healthy
	check "has no notes either" test "$(cat /tmp/doctor)" = '[]'
	check "people hear so" test "$(B doctor)" = "0 problems, 0 notes"
	check "quiet says nothing" test -z "$(B -q doctor 2>&1)"
	refused "a word too many" 1 "one word too many" B doctor strange
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0
	check "what is wrong is said in three lines" test "$(B doctor | grep -cE \
		'^problem: .*forwarding|^  why:  .{20}|^  mend: sysctl -w')" = 3
	check "in one, brief" test "$(B -brief doctor | grep -c .)" = 2
}

test_doctor_settings()
{
	well_world routed
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0
	ill "no forwarding" forwarding
	in_ns s sysctl -qw net.ipv6.conf.broker0.forwarding=0
	ill "no forwarding from the link" forwarding problem broker0
	in_ns s sysctl -qw net.ipv6.conf.eth1.accept_ra=1
	check "a static route needs no advertisements" healthy
	ip -n s -6 route replace default via 2001:db8:1::fe proto ra
	ill "accept_ra" accept_ra problem eth1
	in_ns s sysctl -qw net.ipv6.conf.eth1.accept_ra=0
	check "somebody else may listen to routers" healthy
	in_ns s socat -u UDP6-RECV:53 - >/dev/null 2>&1 &
	wait_for eval '[ "$(findings nonlocal note)" = 1 ]'
	ill "a server of UDP" nonlocal note "port 53"
	check "a note is no problem" healthy
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=0
	check "a note" test "$(findings nonlocal note)" = 1
	check "is nothing to be quiet about" test -z "$(B -q doctor 2>&1)"
	check "in JSON neither" test -z "$(B -q -j doctor 2>&1)"
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0
	check "a problem is, with the note" test "$(B -q -brief doctor | grep -cE "^problem: |^note: ")" = 2
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=1
	in_ns s socat -u UDP6-RECV:1194 - >/dev/null 2>&1 &
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=0
	wait_for eval 'B -j doctor | grep -q "port 53, 1194\|port 1194, 53"'
	check "one above the ports of the system" test $? = 0
	in_ns s socat -u UDP6-RECV:5353 - >/dev/null 2>&1 &
	in_ns s socat -u UDP6-RECV:40000 - >/dev/null 2>&1 &
	wait_for eval 'in_ns s grep -q :9C40 /proc/net/udp6 && in_ns s grep -q :14E9 /proc/net/udp6'
	check "not who asks, nor mDNS" eval '! B -j doctor | grep -q "5353\|40000"'
	in_ns s sysctl -qw net.ipv4.ip_local_port_range="50000 50100"
	check "the host may say which ask" eval 'B -j doctor | grep -q 40000'
}

test_doctor_routes()
{
	well_world routed
	ip -n s -6 route del 2001:db8:200::/48
	ill "no route to a pool" route problem 2001:db8:200::/48
	ip -n s -6 route add 2001:db8:200:5::/64 via 2001:db8:1::fe
	ill "a route that takes a part of a pool elsewhere" stray problem 2001:db8:200:5::/64
	ip -n s -6 route replace default dev broker0
	ill "a default route into the tunnels" loop
	found "no default route at all" default
	ip -n s -6 route add default via 2001:db8:1::fe
	check "with one it is well" healthy
	ip -n s link set eth0 mtu 1290
	ill "a small MTU" mtu problem 1290
	ip -n s link set eth0 mtu 1400
	B client set one mtu 1480
	ill "an MTU that is not that of the link" mtu note 1380
	B client set one mtu auto
	B link set broker0 mtu 1480
	ip -n s link set eth0 mtu 1500
	check "well again" healthy
}

# What is in the way of the route to a pool is named, and taken away.
test_doctor_in_the_way()
{
	local pool=2001:db8:200::/48

	well_world routed
	ip -n s -6 route add 2001:db8:200::/64 via 2001:db8:1::fe
	check "the first part of a pool is not the whole" test "$(findings route)" = 0
	ill "it is that part" stray problem "2001:db8:200::/64, of pool $pool, is routed to eth1"
	ip -n s -6 route add unreachable 2001:db8:200::/64
	check "a part that is refused is not the whole" test "$(findings route)" = 0
	ill "it is that part, too" stray problem "2001:db8:200::/64, of pool $pool, is routed to nowhere (unreachable)"
	check "nothing else was wrong" healthy
	ip -n s -6 route add blackhole $pool metric 512
	ill "all of it is refused" route problem "blackhole"
	ip -n s -6 route add $pool via 2001:db8:1::fe metric 512
	ill "all of it is routed elsewhere" route problem "to eth1"
	ip -n s -6 route add prohibit $pool metric 512
	ip -n s -6 route del $pool dev broker0
	ill "that, and its own route is gone" route problem "prohibit"
	ip -n s -6 route append $pool via fe80::9 dev eth1
	ill "half of it is routed elsewhere" route problem "several ways"
	ip -n s -6 route add unreachable $pool metric 4096
	check "a worse route is not in the way" healthy
	ip -n s -6 route del unreachable $pool metric 4096
	ip -n s -6 rule add unreachable to $pool
	found "a rule is" route
	check "all of them are shown" grep -q 'by a rule, not to link broker0.*ip -6 rule show' <<<"$(B -j doctor)"
	ip -n s -6 rule del unreachable to $pool
	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=1
	check "without IPv6 on the link, routes are not to blame" test "$(findings route)" = 0
	ill "it is" disable_ipv6 problem "net.ipv6.conf.broker0.disable_ipv6 is 1"
	check "well again" healthy
	check "all was mended" reaches h "$(client one client_ipv6)"
	ip -n s -6 route add blackhole default metric 512
	ill "a default route that refuses, in front of the other" default problem "blackhole"
	ip -n s -6 route add unreachable default metric 4096
	check "behind it, it may" healthy
}

# Switched off on the uplink, its addresses and routes are gone, too.
test_doctor_no_ipv6()
{
	well_world onlink
	in_ns s sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1
	ill "no IPv6 on the uplink" disable_ipv6 problem "net.ipv6.conf.eth1.disable_ipv6 is 1"
	ip -n s -6 addr add 2001:db8:1::1/64 dev eth1
	ip -n s -6 route add default via 2001:db8:1::fe
	check "well again" healthy
	B ndp del eth1
	ip -n s addr add 198.51.100.7/24 dev eth1
	ip -n s route add default via 198.51.100.1
	in_ns s sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1
	ill "where the IPv4 default route leads" disable_ipv6 problem eth1
	in_ns s sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	B link del broker0
	B link add broker0 "local" 203.0.113.1
	refused "no pool without IPv6" 2 "is switched off; run sysctl -w net.ipv6.conf.broker0.disable_ipv6=0, then this again" \
		B pool add 2001:db8:100::/64 pair
	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=0
	check "with it, there is" B pool add 2001:db8:100::/64 pair
	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=1
	refused "no route either" 2 "is switched off; run sysctl -w net.ipv6.conf.broker0.disable_ipv6=0, then this again" \
		B link set broker0 up
	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=0
	check "with it, there is" B link set broker0 up
	check "one" grep -q "dev broker0" <<<"$(ip -n s -6 route show 2001:db8:100::/64)"
}

test_doctor_links()
{
	well_world onlink
	B link set broker0 down
	ill "a link that is down" link
	ip -n s addr del 203.0.113.1/24 dev eth0
	found "no local address" "local"
	ip -n s addr add 203.0.113.1/24 dev eth0
	B ndp del eth1
	ill "nobody answers for the pools" ndp problem eth1
	ip -n r neigh flush dev lan
	reaches h "$(client one client_ipv6)" >/dev/null
	ip -n s link set eth1 multicast off
	ill "no multicast" multicast problem eth1
	ip -n s link set eth1 down
	ill "an uplink that is down" uplink problem eth1
	ip -n s -6 addr replace 2001:db8:1::1/64 dev eth1
	ip -n s -6 route replace default via 2001:db8:1::fe
	check "well again" healthy
	ip -n s addr add 10.0.0.5/24 dev eth0
	B link set broker0 "local" 10.0.0.5
	found "a private address and no public one" public note
	B link set broker0 public 203.0.113.1
	check "a public one will do" test "$(findings public note)" = 0
	B client del one two
	B pool del 2001:db8:1:0:8000::/80
	B pool del 2001:db8:1:0:9000::/80
	found "no pool" pool
	B link del broker0
	found "no link" link
}

# What a router advertises, and an address alone.
test_doctor_by_route()
{
	world onlink
	by_route
	two_clients
	check "by a route: asked and answered" reaches h "$(client one client_ipv6)"
	check "by a route: a server that is well" healthy
	B ndp del eth1
	ill "by a route: nobody answers for the pools" ndp problem "on-link on eth1"
	ip -n r neigh flush dev lan
	check "by a route: somebody does" reaches h "$(client one client_ipv6)"
}

# goes_once : what x sends to an address that nobody has does not come back
#
# x forwards what comes back; what neighbours tell each other meanwhile is not forwarded.
goes_once()
{
	local before after

	before=$(icmp6 x Ip6OutForwDatagrams)
	in_ns x ping -6 -n -q -c 1 -W 1 2001:db8:70:0:4000::5 >/dev/null
	after=$(icmp6 x Ip6OutForwDatagrams)
	echo "$((after - before)) came back"
	[ "$after" -eq "$before" ]
}

# A point-to-point device: no neighbour asks for a part of what is there.
test_doctor_point()
{
	world routed
	tunnel_uplink
	B pool add 2001:db8:70:0:8000::/80 pair
	B -q client add one endpoint 203.0.113.11 pair 2001:db8:70:0:8000::/127
	tunnel c1 one 203.0.113.11
	check "a tunnel brings the prefix" reaches x "$(client one client_ipv6)"
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0
	check "who does not forward sends nothing in circles" test "$(findings loop)" = 0
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=1
	in_ns x sysctl -qw net.ipv6.conf.all.forwarding=1
	check "what is in no pool goes in circles" eval '! goes_once'
	# As where an address of the other end is not the gateway: it needs a route of its own.
	ip -n s -6 route add 2001:db8:70::1 dev tb0
	ill "that is found" loop problem "2001:db8:70::/64"
	check "and what it says helps" goes_once
	check "the other end, too" reaches x "$(client one client_ipv6)"
	ip -n s -6 route del unreachable 2001:db8:70::/64
	ip -n s -6 route del 2001:db8:70::1 dev tb0
	ip -n s -6 route replace default via 2001:db8:70::1 dev tb0
	ill "a gateway keeps a route of its own" loop problem "2001:db8:70::/64"
	check "so the other end is there after all" reaches c1 2001:db8:70::1
	ip -n s -6 route del unreachable 2001:db8:70::/64
	ip -n s -6 route add blackhole 2001:db8:70::/65
	ip -n s -6 route add prohibit 2001:db8:70:0:c000::/66
	check "a part is left" test "$(findings loop)" = 1
	ip -n s -6 route add blackhole 2001:db8:70:0:8000::/66
	check "nobody has to answer there" healthy
	check "nor might" test "$(cat /tmp/doctor)" = '[]'
}

# The inside in a VRF: its routes count, not those of the rest of the host.
test_doctor_vrf()
{
	world onlink
	if ! inside_vrf; then
		skip "" "no VRF in this kernel"
		return
	fi
	B link set broker0 up
	two_clients
	reaches h "$(client one client_ipv6)" >/dev/null
	reaches h "$(client two client_ipv6)" >/dev/null
	check "vrf: a server that is well" healthy
	check "vrf: without a note" test "$(cat /tmp/doctor)" = '[]'
	ip -n s route add 2001:db8:1:0:9000::/112 dev eth0
	check "vrf: another table may take a part of a pool elsewhere" healthy
	ip -n s route add 2001:db8:1:0:9000::/112 via 2001:db8:1::fe vrf red
	ill "vrf: the VRF's must not" stray problem 2001:db8:1:0:9000::/112
	ip -n s -6 route del 2001:db8:1:0:9000::/80 vrf red
	ill "vrf: no route to a pool" route problem 2001:db8:1:0:9000::/80
	ip -n s -6 route del default vrf red
	found "vrf: no default route" default
	check "vrf: it is said where" grep -q 'in VRF red.* dev UPLINK vrf red' <<<"$(B -j doctor)"
	ip -n s link add spare up type veth peer name other
	ip -n s -6 route add default dev spare
	check "vrf: what it has no route to, the main table may have" test "$(findings default)" = 0
	ip -n s -6 route add unreachable default metric 4278198272 vrf red
	found "vrf: unless the VRF says no" default
	ip -n s -6 route add default dev broker0 vrf red
	ill "vrf: a default route into the tunnels" loop
	ip -n s route add default via 2001:db8:1::fe vrf red
	rules 'table inet f { chain through { type filter hook forward priority 0; policy drop; }; }'
	ill "vrf: forwarding is closed" firewall problem "from link broker0"
	check "vrf: both ways were mended" reaches h "$(client one client_ipv6)"
	in_ns s nft flush ruleset
	check "vrf: well again" healthy
}

# A cloud may send no solicitations at all.
test_doctor_solicitations()
{
	world onlink
	two_clients
	found "nobody asked yet" solicitations note
	reaches c1 "$(client one server_ipv6)" >/dev/null
	found "clients speak, and nobody asks" solicitations
	check "the status says so" eval '! B doctor >/dev/null'
	reaches h "$(client one client_ipv6)" >/dev/null
	check "somebody did" test "$(findings solicitations)" = 0
}

test_doctor_clients()
{
	world routed
	two_clients
	B -q client add three
	check "who was never heard of is named" jq -e '.[] |
		select(.check == "heard" and (.what | contains("one, two")))' <<<"$(B -j doctor)"
	check "who has no endpoint is" jq -e '.[] |
		select(.check == "endpoint" and (.what | contains("three")))' <<<"$(B -j doctor)"
	check "notes are no problem" healthy
	# Without its tunnel, its kernel says that there is none.
	ip -n c2 tunnel del tunnel
	in_ns h ping -6 -n -q -c 2 -W 1 "$(client two client_ipv6)" >/dev/null
	wait_for eval '[ "$(client two "error | type")" = object ]'
	check "who refuses packets is" jq -e '.[] |
		select(.check == "refused" and (.what | test("two .[0-9]+ s.")) and .clients[0].name == "two")' \
		<<<"$(B -j doctor)"
	reaches c1 2001:db8:beef::2 >/dev/null
	check "who was heard of is not" test "$(findings heard note)" = 0
	B client del three
	B client set two disable
	check "nor is who is disabled" test "$(B -j doctor)" = '[]'
}

# A client whose endpoint is behind a tunnel. What has been for long: the unit tests.
test_doctor_circles()
{
	well_world routed
	B -q client add three endpoint 203.0.113.99
	ip -n s route add 203.0.113.99 dev broker0
	in_ns h ping -6 -n -q -c 1 -W 1 "$(client three client_ipv6)" >/dev/null
	wait_for eval '[ "$(link_drops tx-loop)" != 0 ]'
	found "a packet that goes in circles" loop
	check "and when it did" grep -qE 'the last [0-9]+ s ago' <<<"$(B -j doctor)"
}

# rules TEXT : a new firewall
rules()	{ in_ns s nft "flush ruleset; $1" || report 1 "rules: $1"; }

test_doctor_firewall()
{
	well_world routed
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop;
		ct state established,related accept; iifname lo accept; tcp dport 22 accept; }; }'
	ill "input is closed" firewall problem "protocol 41"
	rules 'table inet f { chain in { type filter hook input priority 0;
		meta l4proto { icmp, ipv6-icmp } accept; tcp dport 22 accept; reject; }; }'
	ill "a rule rejects the rest" firewall problem "protocol 41"
	rules 'table ip f { set friends { type ipv4_addr; elements = { 203.0.113.11 }; }
		chain in { type filter hook input priority 0; policy drop;
			ip saddr @friends ip protocol 41 accept; }; }'
	check "somebody has thought of it" healthy
	check "for that one" silent
	in_ns s nft flush set ip f friends
	ill "a set that holds nobody" firewall problem "protocol 41"
	rules 'table inet f { chain tunnels { accept; }
		chain in { type filter hook input priority 0; policy drop;
			meta l4proto vmap { tcp : drop, 41 : jump tunnels }; }; }'
	check "a map is followed" healthy
	rules 'table inet f { chain tunnels { return; }
		chain in { type filter hook input priority 0; policy drop;
			iifname "eth*" jump tunnels; meta l4proto tcp accept; ip6 saddr fe80::/10 accept; }; }'
	ill "a jump comes back" firewall problem "chain in of table inet f"

	rules 'table inet f { chain through { type filter hook forward priority 0; policy drop; }; }'
	ill "forwarding is closed" firewall problem "from link broker0"
	check "both ways were mended" reaches h "$(client one client_ipv6)"
	rules 'table inet f { chain through { type filter hook forward priority 0; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop };
		iifname "broker*" oifname eth1 accept; }; }'
	check "clients call, and are not called: somebody wanted that" healthy
	rules 'table inet f { chain through { type filter hook forward priority 0; policy drop;
		iifname "eth1" accept; iifname != "broker0" accept; }; }'
	ill "other devices only" firewall problem "from link broker0"
	rules 'table inet f { chain through { type filter hook forward priority 0; policy drop;
		meta l4proto { tcp, udp } accept; }; }'
	ill "no ICMPv6 is forwarded" firewall problem "forwards no ICMPv6"
	rules 'table inet f { chain through { type filter hook forward priority 0;
		meta l4proto ipv6-icmp drop; }; }'
	ill "a rule drops it" firewall problem "from link broker0: chain through"
	check "both ways were mended, too" reaches h "$(client one client_ipv6)"
	rules 'table ip6 f { chain through { type filter hook forward priority 0;
		icmpv6 type != { echo-request, echo-reply } drop; }; }'
	ill "one that drops what says too big" firewall problem "forwards no ICMPv6"
	rules 'table inet f { chain through { type filter hook forward priority 0;
		ct state { established, related } accept; ip6 nexthdr ipv6-icmp drop; }; }'
	check "errors pass, and are what is needed" silent
	rules 'table inet f { chain through { type filter hook forward priority 0;
		icmpv6 type { echo-request, nd-redirect } drop; udp dport 53 drop; }; }'
	check "some of it may be dropped" silent
	rules 'table inet f { chain through { type filter hook forward priority 0;
		meta l4proto ipv6-icmp limit rate 100/second accept; meta l4proto ipv6-icmp drop; }; }'
	check "a flood may, too" silent
	rules 'table ip f { chain through { type filter hook forward priority 0; policy drop; }; }
		table bridge f { chain through { type filter hook forward priority 0; policy drop; }; }'
	check "IPv4 is not forwarded, and need not be" healthy

	rules 'table ip6 filter { chain DOCKER-USER { }
		chain FORWARD { type filter hook forward priority 0; policy drop;
			jump DOCKER-USER; oifname docker0 accept; }; }'
	check "Docker's drop is found" test "$(findings docker)" = 2
	check "and its place named" test "$(B -j doctor | jq -r '.[].command')" = \
		$'ip6tables -I DOCKER-USER -i broker0 -j ACCEPT\nip6tables -I DOCKER-USER -o broker0 -j ACCEPT'
	in_ns s nft 'add rule ip6 filter DOCKER-USER iifname broker0 accept
		add rule ip6 filter DOCKER-USER oifname broker0 accept'
	check "what these do mends it" healthy
	in_ns s nft flush ruleset
}

# With the PATH that cron has.
test_doctor_path()
{
	local brokertool

	brokertool=$(command -v brokertool)
	well_world routed
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop; }; }'
	PATH=/usr/bin:/bin "$brokertool" -n s -j doctor >/tmp/doctor
	check "from cron: the firewall is looked at" jq -e \
		'any(.[]; .check == "firewall" and .severity == "problem")' /tmp/doctor
	legacy ip '*filter' ':INPUT DROP [0:0]'
	in_ns s nft flush ruleset
	export PATH=${PATH#/run/legacy:}
	unshare --mount sh -c 'mount --bind /run/legacy /usr/sbin && PATH=/usr/bin:/bin exec "$0" -n s -j doctor' \
		"$brokertool" >/tmp/doctor
	check "and that of iptables-legacy" jq -e \
		'any(.[]; .check == "firewall" and .severity == "problem")' /tmp/doctor
	check "where there is no nft, that is said" test "$(jq -r '.[] | select(.severity == "note") |
		.check + ": " + .command' /tmp/doctor)" = "firewall: apt-get install nftables"
}

# Out, and before rules of input are asked.
test_doctor_firewall_ways()
{
	well_world routed
	rules 'table inet f { chain out { type filter hook output priority 0; policy drop;
		oifname lo accept; tcp sport 22 accept; meta l4proto ipv6-icmp accept; }; }'
	ill "output is closed" firewall problem "protocol 41 to clients: chain out"
	check "packets go out again" reaches h "$(client one client_ipv6)"
	rules 'table inet f { chain out { type filter hook output priority 0; policy drop;
		ct state established,related accept; }; }'
	check "what clients ask for is answered: somebody wanted that" healthy
	check "no word about it" silent
	rules 'table inet f { chain out { type filter hook output priority 0; policy drop;
		oifname { lo, eth1 } accept; ip daddr 203.0.113.8/29 accept; }; }'
	check "a rule for the endpoints" silent
	rules 'table ip f { chain last { type filter hook postrouting priority 0; oifname "eth0" ip protocol 41 drop; }; }'
	ill "dropped after routing" firewall problem "chain last"
	rules 'table ip raw { chain first { type filter hook prerouting priority raw;
		iifname eth1 accept; ip protocol ipv6 drop; }; }'
	ill "dropped in the raw table" firewall problem "chain first of table ip raw"
	rules 'table ip raw { chain first { type filter hook prerouting priority raw;
		iifname != eth0 ip protocol ipv6 drop; ip saddr 198.51.100.0/24 drop; }; }'
	check "not where they come in" silent
	rules 'table netdev f { chain early { type filter hook ingress device eth0 priority 0;
		ip protocol 41 drop; }; }'
	# nft 1.0 does not print which device that is: it is a note then.
	check "dropped by the device: found" test $(($(findings firewall) + $(findings firewall note))) = 1
	rules 'table netdev f { chain early { type filter hook ingress devices = { eth1, eth0 } priority 0;
		ip protocol 41 drop; }; }'
	check "dropped by several devices: found" test $(($(findings firewall) + $(findings firewall note))) = 1
	rules 'table netdev f { chain early { type filter hook ingress device eth1 priority 0;
		ip protocol 41 drop; }; }'
	check "another device may" healthy
	rules 'table ip6 f { chain first { type filter hook prerouting priority 0; iifname "broker*" drop; }; }'
	ill "what clients send, too" firewall problem "forwards nothing from link broker0: chain first"
	rules 'table ip6 f { chain last { type filter hook postrouting priority 0; policy drop;
		ip6 daddr { fe80::/10, 2001:db8:1::/64, 2001:db8:beef::/48, 2001:db8:100::/64 } accept; }; }'
	ill "one pool was forgotten" firewall problem "to 2001:db8:200::/48 of link broker0"
	check "it was only that one" test "$(in_ns s nft list chain ip6 f last | grep -c 'ip6 daddr 2001:db8:200::/48 accept')" = 1
	in_ns s nft flush ruleset
}

# What lets the tunnels through without naming them, and what perhaps does.
test_doctor_firewall_doubts()
{
	well_world routed
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop; iifname "eth0" accept; }; }'
	check "all that comes in there" silent
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop; iifname "eth1" accept; }; }'
	ill "all that comes in elsewhere" firewall problem "protocol 41"
	rules 'table inet f { set ends { type ipv4_addr; flags interval; elements = { 203.0.113.0/24 }; }
		chain in { type filter hook input priority 0; policy drop; ip saddr @ends accept; }; }'
	check "all that endpoints send" silent
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop;
		ip saddr { 203.0.113.11, 203.0.113.12 } accept; }; }'
	check "one by one" silent
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop;
		ip saddr 203.0.113.11-203.0.113.12 ip daddr 203.0.113.1 accept; }; }'
	check "from one to the other" silent
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop;
		ip saddr 203.0.113.11 accept; }; }'
	check "some is not all" healthy
	check "and a note" test "$(findings firewall note)" = 1
	rules 'table inet f { chain in { type filter hook input priority 0; policy drop; meta mark 7 accept; }; }'
	check "who knows what has a mark: no problem" healthy
	ill "a note" firewall note "unless a rule accepts it"
	rules 'table inet f { chain local { fib daddr type local return; limit rate 3/minute return; drop; }
		chain user { ip protocol 41 accept; }
		chain in { type filter hook input priority 0; policy drop; jump local; jump user; }; }'
	check "a chain that such packets leave" silent
	rules 'table inet f { chain local { meta mark 1 return; drop; }
		chain user { ip protocol 41 accept; }
		chain in { type filter hook input priority 0; policy drop; jump local; jump user; }; }'
	check "or may" healthy
	rules 'table inet f { chain zone { tcp dport 22 accept; meta l4proto { icmp, ipv6-icmp } accept; reject; }
		map zones { type ifname : verdict; elements = { eth0 : goto zone }; }
		chain in { type filter hook input priority 0; policy accept;
			ct state { established, related } accept; ct status dnat accept; iifname lo accept;
			ct state invalid drop; iifname vmap @zones; }; }'
	ill "zones as firewalld has them" firewall problem "chain in of table inet f"

	rules 'table ip6 f { chain through { type filter hook forward priority 0; policy drop;
		ip6 daddr { 2001:db8:100::/64, 2001:db8:200::/48 } accept;
		ip6 saddr { 2001:db8:100::/64, 2001:db8:200::/48 } accept; }; }'
	check "what is of pools is forwarded" silent
	rules 'table ip6 f { chain through { type filter hook forward priority 0; policy drop;
		oifname broker0 accept; ip6 saddr 2001:db8:200::/48 accept; }; }'
	ill "one of them is" firewall problem "from 2001:db8:100::/64 of link broker0"
	rules 'table ip6 f { chain through { type filter hook forward priority 0; policy drop;
		ct status dnat accept; iifname eth1 oifname eth1 accept; }; }'
	ill "both ways are closed" firewall problem "to link broker0"
	check "traffic flows after all" reaches h "$(client one client_ipv6)"
	in_ns s nft flush ruleset
}

# brokertool_beneath DIRECTORIES SCRIPT WORD… : brokertool, with what SCRIPT makes in the place of the
# first of these directories, in which it runs, and of the others
brokertool_beneath()
{
	unshare --mount sh -c 'for each in $1; do mkdir -p "/$each" && mount -t tmpfs tmpfs "/$each" || exit; done
		cd "/${1%% *}" && eval "$2" || exit
		shift 2; exec brokertool "$@"' sh "$@"
}

# beneath DIRECTORIES TEXT COMMAND SCRIPT : the doctor sees what SCRIPT makes, and says COMMAND
beneath()
{
	brokertool_beneath "$1" "$4" -j doctor >/tmp/doctor
	check "$2" test "$(jq -r '.[] | select(.check == "module").command' /tmp/doctor)" = "$3"
}

test_doctor_module()
{
	local modprobe release none headers directories="lib/modules usr/src var/lib/dkms"

	release=$(uname -r)
	world routed
	end_world
	# Or it would be loaded.
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	check "without the module" eval 'brokertool -j doctor >/tmp/doctor; [ $? = 3 ]'
	check "that is what is said" test "$(jq -r '.[].command' /tmp/doctor)" = "modprobe sitbroker"
	# As it looks where the kernel takes signed modules only, and where it has none; played.
	beneath sys "modules without a known signature: found" "mokutil --import /var/lib/dkms/mok.pub" \
		"mkdir -p kernel/security; echo 'none [integrity] confidentiality' >kernel/security/lockdown"
	check "Secure Boot is not said where it is off" eval '! grep -q "Secure Boot" /tmp/doctor'
	beneath sys "so they are with module.sig_enforce" "mokutil --import /var/lib/dkms/mok.pub" \
		"mkdir -p module/module/parameters; echo Y >module/module/parameters/sig_enforce"
	beneath sys "Secure Boot is named" "mokutil --import /var/lib/dkms/mok.pub" \
		"mkdir -p kernel/security firmware/efi/efivars
		echo 'none [integrity] confidentiality' >kernel/security/lockdown
		printf '\6\0\0\0\1' >firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	check "in the sentence" grep -q 'key it knows (Secure Boot); run' /tmp/doctor
	beneath sys "a kernel that takes any module" "modprobe sitbroker" \
		"mkdir -p kernel/security; echo '[none] integrity confidentiality' >kernel/security/lockdown"
	none="mkdir $release; echo kernel/net/sit.ko: >$release/modules.dep"
	headers="$none; mkdir $release/build"
	# The module of who installs from source is built by nobody else.
	beneath "$directories" "no module, no headers, from source: found" \
		"apt-get install linux-headers-$release && make install && modprobe sitbroker" "$none"
	check "and where" grep -q "modprobe sitbroker.\" in sitbroker's source tree" /tmp/doctor
	beneath "$directories" "with headers" "make install && modprobe sitbroker" "$headers"
	refused "a command says the same" 2 'run "make install && modprobe sitbroker" in sitbroker' \
		brokertool_beneath "$directories" "$headers" link show
	beneath "$directories" "no headers, but the package of DKMS" "apt-get install linux-headers-$release" \
		"$none; mkdir /usr/src/sitbroker-0.1.0"
	beneath "$directories" "with headers DKMS builds" "dkms autoinstall -k $release" \
		"$headers; mkdir /usr/src/sitbroker-0.1.0"
	beneath "$directories" "whoever told it to" "dkms autoinstall -k $release" \
		"$headers; mkdir /var/lib/dkms/sitbroker"
	refused "a command says that, too" 2 "run \"dkms autoinstall -k $release\"" \
		brokertool_beneath "$directories" "$headers; mkdir /var/lib/dkms/sitbroker" link show
	echo "$modprobe" >/proc/sys/kernel/modprobe
}

# legacy FAMILY LINE… : iptables-legacy has these rules, as its -save prints them, and takes more
legacy()
{
	local family=$1 directory=/run/legacy
	shift

	mkdir -p $directory
	printf '%s\n' '# Generated by iptables-save v1.8.9' "$@" COMMIT >"$directory/$family"
	cat >"$directory/${family}tables-legacy-save" <<-EOF
		#!/bin/sh
		cat $directory/$family
	EOF
	# -t TABLE -I CHAIN RULE
	cat >"$directory/${family}tables-legacy" <<-EOF
		#!/bin/sh
		[ "\$1 \$3" = "-t -I" ] || exit 2
		chain=\$4
		shift 4
		sed -i "0,/^\(-A\|COMMIT\)/s//-A \$chain \$*\n&/" $directory/$family
	EOF
	chmod +x $directory/*tables*
	export PATH=$directory:${PATH#"$directory:"}
}

# The programs are played: their rules are not the kernel's in each of these worlds.
test_doctor_legacy()
{
	well_world onlink
	legacy ip '*filter' ':INPUT DROP [0:0]' ':FORWARD ACCEPT [0:0]' ':OUTPUT ACCEPT [1:40]' \
		'-A INPUT -i lo -j ACCEPT' '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT' \
		'-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "ssh, -j ACCEPT" -j ACCEPT'
	legacy ip6 '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD ACCEPT [0:0]'
	ill "a policy of iptables-legacy" firewall problem "drops IP protocol 41"
	check "it was mended there" grep -qx -- "-A INPUT -p 41 -j ACCEPT" /run/legacy/ip
	legacy ip '*filter' ':INPUT ACCEPT [0:0]' ':old - [0:0]' '-A INPUT -p tcp -j ACCEPT' '-A INPUT -j old' \
		'-A old ! -p ipv6 -j RETURN' '-A old -j REJECT --reject-with icmp-port-unreachable'
	check "a chain that rejects" test "$(findings firewall)" = 1
	legacy ip '*filter' ':INPUT DROP [0:0]' '-A INPUT -i eth0 -p ipv6 -j ACCEPT'
	check "who wrote that has thought of it" test "$(findings firewall)" = 0
	legacy ip '*filter' ':INPUT ACCEPT [0:0]' ':OUTPUT DROP [0:0]' '-A OUTPUT -o lo -j ACCEPT' \
		'-A OUTPUT -p tcp -j ACCEPT' '-A OUTPUT -d 198.51.100.0/24 -j ACCEPT'
	ill "nothing goes out" firewall problem "protocol 41 to clients"
	legacy ip '*filter' ':INPUT DROP [0:0]' ':local - [0:0]' '-A INPUT -j local' \
		'-A INPUT -s 203.0.113.0/24 -d 203.0.113.1/32 -j ACCEPT' \
		'-A local -m addrtype --dst-type LOCAL -j RETURN' '-A local -j DROP'
	check "rules for the endpoints" silent
	legacy ip '*raw' ':PREROUTING ACCEPT [0:0]' '-A PREROUTING -s 203.0.113.12/32 -j ACCEPT' \
		'-A PREROUTING -p ipv6 -j DROP'
	check "the raw table: not for all" test "$(findings firewall), $(findings firewall note)" = "0, 1"
	legacy ip '*raw' ':PREROUTING ACCEPT [0:0]' '-A PREROUTING -p ipv6 -j DROP'
	ill "the raw table" firewall problem "chain PREROUTING of table ip raw"
	legacy ip '*filter' ':INPUT ACCEPT [0:0]' '-A INPUT -m set --match-set bad src -j DROP'
	check "a set that is not known is passed over" test "$(findings firewall)" = 0
	legacy ip '*filter' ':INPUT ACCEPT [0:0]'
	legacy ip6 '*filter' ':FORWARD ACCEPT [0:0]' '-A FORWARD -p ipv6-icmp -j DROP'
	ill "no ICMPv6 is forwarded" firewall problem "forwards no ICMPv6 from link broker0"
	legacy ip6 '*filter' ':FORWARD ACCEPT [0:0]' '-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP'
	check "a kind of it may be" test "$(findings firewall)" = 0

	legacy ip6 '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD DROP [0:0]' '-A FORWARD -i broker+ -j ACCEPT'
	check "what goes to clients is dropped" eval 'B -j doctor | jq -e "map(select(.check == \"firewall\")) |
		length == 1 and (.[0].what | contains(\"nothing to link broker0\"))"'
	ill "it is" firewall
	legacy ip6 '*filter' ':FORWARD DROP [0:0]' ':DOCKER-USER - [0:0]' '-A FORWARD -j DOCKER-USER'
	check "Docker's is known here, too" test "$(B -j doctor | jq -r '.[] | select(.check == "docker").command')" = \
		$'ip6tables-legacy -I DOCKER-USER -i broker0 -j ACCEPT\nip6tables-legacy -I DOCKER-USER -o broker0 -j ACCEPT'
	export PATH=${PATH#/run/legacy:}
}
