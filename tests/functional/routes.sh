# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Remembered routes (kmod/route.c): whatever changes where a packet goes holds for
# the next one. To the world of lib.sh come two devices that take all; packets go to
# $there, which is behind one of them, and to client one.
#
#         c1 ─┐                        ┌─ d0
#             ├─ net ── 203.0.113.1 s ─┼─ d1
#         c2 ─┘                        └─ eth1 ── r ── h

there=2001:db8:77::1

routes_world()
{
	world routed
	two_clients
	me=$(client one client_ipv6)
	ip -n s -batch - <<-'EOF'
		link add d0 type dummy
		link add d1 type dummy
		link set d0 up
		link set d1 up
		route add 2001:db8:77::/48 dev d0
	EOF
	in_ns s nft -f - <<-'EOF'
		table ip6 seen {
			counter d0 { }
			counter d1 { }
			counter eth1 { }
			counter broker0 { }
			counter here { }
			chain forward {
				type filter hook forward priority 0
				udp dport 9 oifname d0 counter name d0
				udp dport 9 oifname d1 counter name d1
				udp dport 9 oifname eth1 counter name eth1
				udp dport 9 oifname broker0 counter name broker0
			}
			chain input {
				type filter hook input priority 0
				udp dport 9 counter name "here"
			}
		}
	EOF
}

# Packets seen, as "broker0=… d0=… d1=… eth1=… here=…".
seen()
{
	in_ns s nft -j list counters table ip6 seen |
		jq -r '[.nftables[].counter | select(.) | "\(.name)=\(.packets)"] | sort | join(" ")'
}

# send NS TO : one packet, always of the same connection
send()	{ echo | in_ns "$1" socat -u - "UDP6-SENDTO:[$2]:9,bind=:4711"; }

# one_more WAY <SEEN : as seen() prints it, with one packet more
one_more()
{
	awk -v way="$1" '{ for (i = 1; i <= NF; i++) { split($i, n, "=")
		if (n[1] == way) $i = way "=" n[2] + 1 } print }'
}

# goes NS TO WAY : do two packets, the second of which finds the first one's route remembered?
goes()
{
	local before wanted i

	for i in 1 2; do
		before=$(seen)
		wanted=$(one_more "$3" <<<"$before")
		[ "$3" = nowhere ] || [ "$wanted" != "$before" ] || { echo "nothing counts"; return 1; }
		send "$1" "$2"
		# What goes nowhere is before one that arrives.
		[ "$3" != nowhere ] || reaches "$1" 2001:db8:beef::2 >/dev/null || return 1
		wait_for eval '[ "$(seen)" = "$wanted" ]' ||
			{ echo "packet $i: before $before, after $(seen)"; return 1; }
	done
}

test_from_client()
{
	local me i

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	check "S6: by the route that there is" goes c1 $there d0
	ip -n s -6 route add $there dev d1
	check "a longer one" goes c1 $there d1
	ip -n s -6 route del $there dev d1
	check "is gone" goes c1 $there d0
	ip -n s -6 route replace 2001:db8:77::/48 dev d1
	check "another in its place" goes c1 $there d1
	ip -n s -6 route replace 2001:db8:77::/48 dev d0
	check "and the first one" goes c1 $there d0
	ip -n s -6 route add 2001:db8:77::/48 dev d1 metric 1
	check "a better one" goes c1 $there d1
	ip -n s -6 route del 2001:db8:77::/48 dev d1
	check "is gone again" goes c1 $there d0
	ip -n s -6 route add blackhole $there
	check "none" goes c1 $there nowhere
	ip -n s -6 route del blackhole $there
	check "that is gone, too" goes c1 $there d0
	ip -n s -6 route add local $there dev lo
	check "a route to this host, in another table" goes c1 $there here
	ip -n s -6 route del local $there dev lo table local
	check "is gone from there" goes c1 $there d0
	ip -n s addr add $there/128 dev lo
	check "an address of this host" goes c1 $there here
	ip -n s addr del $there/128 dev lo
	check "it has it no more" goes c1 $there d0
	ip -n s link set d0 down
	ip -n s -6 route add 2001:db8:78::/48 dev d1
	ip -n s -6 route add 2001:db8:79::ffff/128 dev d1
	check "more addresses than are remembered" eval \
		'in_ns c1 bash -c "for i in {1..1024}; do echo >/dev/udp/2001:db8:79::2:\$i/9; done"'
	check "and more sites" eval \
		'in_ns c1 bash -c "for i in {1001..2024}; do echo >/dev/udp/2001:db8:\$i::2/9; done"'
	for i in {1..6}; do
		check "none of them is taken for another: $i" goes c1 "2001:db8:78::$i" d1
	done
	check "the device goes down: by the default route" goes c1 $there eth1
	ip -n s link set d0 up
	ip -n s -6 route add 2001:db8:77::/48 dev d0
	check "and up" goes c1 $there d0
	check "devices and their routes can go" timeout 20 ip -n s link del d0
	check "packets go elsewhere" goes c1 $there eth1
}

# carrier DEVICE on|off : until IPv6 has noticed
carrier()
{
	local not=

	[ "$2" = off ] || not='! '
	ip -n s link set "$1" carrier "$2"
	wait_for eval "${not}ip -n s -6 route show 2001:db8:77::/48 dev $1 | grep -q linkdown"
}

# A host can be told to pass by what has no carrier.
test_carrier()
{
	local pass_by=net.ipv6.conf.all.ignore_routes_with_linkdown me

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	ip -n s -6 route add 2001:db8:77::/48 dev d1 metric 2000
	check "S6: by the better route" goes c1 $there d0
	in_ns s sysctl -qw $pass_by=1
	check "its device loses the carrier" carrier d0 off
	check "by the other" goes c1 $there d1
	check "the carrier is back" carrier d0 on
	check "and so is the route" goes c1 $there d0
	in_ns s sysctl -qw $pass_by=0
	check "the host is told nothing, and the carrier is lost" carrier d0 off
	check "as long as it is not told" goes c1 $there d0
	in_ns s sysctl -qw $pass_by=1
	check "it is told later" goes c1 $there d1
}

test_to_client()
{
	local me

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	check "S6: to a client, by the route of its pool" goes r "$me" broker0
	ip -n s -6 route add "$me" dev d1
	check "its address is elsewhere" goes r "$me" d1
	ip -n s -6 route del "$me" dev d1
	check "and again its own" goes r "$me" broker0
	ip -n s -6 route add "$me" dev d0
	ip -n s -6 route append "$me" dev eth1
	check "two of one metric: the first one" goes c2 "$me" d0
	check "but for what came in by the other" goes r "$me" eth1
	check "each of them" goes c2 "$me" d0
	ip -n s -6 route del "$me" dev eth1
	ip -n s -6 route del "$me" dev d0
	B pool add 2001:db8:300::/64 pair
	check "a new pool's route changes nothing" goes r "$me" broker0
}

# All of a pool has one route, unless somebody takes a part out of it.
test_to_pool()
{
	local me other

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	other=$(client two client_ipv6)
	check "S6: by the pool's route" goes r "$me" broker0
	check "for another client, too" goes r "$other" broker0
	ip -n s -6 route add "$other" dev d1
	check "one client's address is elsewhere: the other's is not" goes r "$me" broker0
	check "and it is" goes r "$other" d1
	ip -n s -6 route del "$other" dev d1
	check "it is back" goes r "$other" broker0
	ip -n s -6 route add local "$other" dev lo
	check "it is this host's, in another table: the other's goes on" goes r "$me" broker0
	check "and it ends here" goes r "$other" here
	ip -n s -6 route del local "$other" dev lo table local
	check "it is back again" goes r "$other" broker0
	ip -n s -6 route add "${me%:*}:/120" dev d0
	check "a part of it is elsewhere" goes r "$me" d0
	check "both clients are" goes r "$other" d0
	ip -n s -6 route del "${me%:*}:/120" dev d0
	check "and are back" goes r "$me" broker0
}

# All of a site has one route, unless a part of it has another.
test_to_site()
{
	local me other=2001:db8:77::2 first=2001:db8:77:: far=2001:db8:77:8000::1

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	check "S6: by the site's route" goes c1 $there d0
	check "another host of it, too" goes c1 $far d0
	ip -n s -6 route add $other dev d1
	check "a host's address is elsewhere: the other's is not" goes c1 $there d0
	check "and it is" goes c1 $other d1
	check "nor is the other's then" goes c1 $there d0
	ip -n s -6 route del $other dev d1
	check "it is back" goes c1 $other d0
	ip -n s -6 route add local $other dev lo
	check "it is this host's, in another table: the other's goes on" goes c1 $there d0
	check "and it ends here" goes c1 $other here
	ip -n s -6 route del local $other dev lo table local
	check "it is back again" goes c1 $other d0
	ip -n s -6 route add 2001:db8:77:8000::/49 dev d1
	check "a half of it is elsewhere" goes c1 $far d1
	check "and the other one is not" goes c1 $there d0
	ip -n s -6 route del 2001:db8:77:8000::/49 dev d1
	check "and is back" goes c1 $far d0
	ip -n s -6 route add $first dev d1
	check "its first address is elsewhere" goes c1 $first d1
	check "and stands for no other" goes c1 $there d0
	ip -n s -6 route del 2001:db8:77::/48
	ip -n s -6 route add 2001:db8:76::/47 dev d0
	check "a route that is shorter than a site" goes c1 $there d0
	check "but for one address" goes c1 $first d1
	ip -n s -6 route del $first dev d1
	check "for all of it" goes c1 $first d0
	check "and of the next site" goes c1 2001:db8:76::1 d0
	check "but not of the one behind that" goes c1 2001:db8:78::1 eth1
}

# A route that is longer than a site, or a pool, is of a part of it, also where nothing else is there.
test_of_a_part()
{
	local me other

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	other=$(client two client_ipv6)
	ip -n s -6 route add 2001:db8:79::1 dev d1
	check "S6: a host of a site that has no route" goes c1 2001:db8:79::1 d1
	check "stands for no other" goes c1 2001:db8:79::2 eth1
	ip -n s -6 route add 2001:db8:7a:100::/56 dev d1
	check "nor does a part of one" goes c1 2001:db8:7a:100::1 d1
	check "for another part" goes c1 2001:db8:7a:200::1 eth1
	ip -n s -6 route add blackhole 2001:db8:7b::1
	check "nor one that nobody shall reach" goes c1 2001:db8:7b::1 nowhere
	check "for anybody" goes c1 2001:db8:7b::2 eth1
	ip -n s -6 route add local 2001:db8:7c::1 dev lo
	check "nor does this host" goes c1 2001:db8:7c::1 here
	check "for who is elsewhere" goes c1 2001:db8:7c::2 eth1
	ip -n s -6 route del 2001:db8:100::/64 dev broker0
	ip -n s -6 route add 2001:db8:100::/48 dev broker0
	ip -n s -6 route add "$me" dev d1
	check "a client whose pool has no route of its own" goes r "$me" d1
	check "stands for no other, either" goes r "$other" broker0
}

# went WAY : so many packets
went()	{ seen | sed -E "s/.*\\b$1=([0-9]+).*/\\1/"; }

# all_go FORMAT NUMBER... : a packet from c1 by d0 to each address of a sequence, as seq makes it
all_go()
{
	local before format=$1

	shift
	seq -f "$format" "$@" >/tmp/addresses
	before=$(went d0)
	# Each processor has a memory of its own.
	# shellcheck disable=SC2016 # the other shell's
	in_ns c1 taskset 1 bash -c 'while read -r to; do echo >"/dev/udp/$to/9"; done' </tmp/addresses
	wait_for eval '[ "$(went d0)" = '$((before + $(wc -l </tmp/addresses)))' ]'
}

# looked_up : how often tables were looked at for packets of clients since it was last asked
looked_up()
{
	grep -c "fib6_table_lookup:" "$trace/trace"
	echo >"$trace/trace"
}

# counts_lookups : routes_world, and looked_up counts; behind d0 nobody looks for routes
counts_lookups()
{
	event=$trace/events/fib6/fib6_table_lookup
	routes_world
	echo "iif == $(ip -n s -j link show broker0 | jq '.[0].ifindex')" >"$event/filter"
	echo 1 >"$event/enable"
}

no_lookups()
{
	echo 0 >"$event/enable"
	echo 0 >"$event/filter"
}

# What is remembered is not looked up, and does not go for whoever comes.
test_memory()
{
	local trace=/sys/kernel/tracing event me first n

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	[ -d $trace/events/fib6 ] || { skip "" "no tracing"; return; }
	counts_lookups
	ip -n s -6 route add 2001:4800::/24 dev d0
	# Sites of these networks have no route in common.
	ip -n s -6 route add 2001:4860:ffff::/48 dev d0
	ip -n s -6 route add 2001:4861:ffff::/48 dev d0
	looked_up >/dev/null
	check "S6: to 64 sites" all_go 2001:4860:%g::1 1 64
	first=$(looked_up)
	check "is looked up" test "$first" -ge 64
	check "again, and again" eval 'all_go 2001:4860:%g::1 1 64 && all_go 2001:4860:%g::1 1 64'
	n=$(looked_up)
	check "only where two share a place: $n instead of $((first * 2))" test "$n" -lt $((first / 2))
	check "to others of one of them" all_go 2001:4860:1::%g 2 64
	n=$(looked_up)
	check "that is known: $n" test "$n" -lt $((first / 4))
	check "to 512 other sites" all_go 2001:4861:%g::1 1 17 8704
	looked_up >/dev/null
	check "and the first ones" all_go 2001:4860:%g::1 1 64
	n=$(looked_up)
	check "of which most are still there: $n" test "$n" -lt $((first / 2))
	no_lookups
}

# few_lookups MOST FORMAT FROM TO : all go by d0, and no more than MOST of them had to be looked up
few_lookups()
{
	local n

	looked_up >/dev/null
	all_go "${@:2}" || { seen; return 1; }
	n=$(looked_up)
	[ "$n" -le "$1" ] || { echo "$n were looked up"; return 1; }
}

# All of a network, or of a part of the world, has one route, unless a part of it has another.
test_to_world()
{
	local trace=/sys/kernel/tracing event me n

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	[ -d $trace/events/fib6 ] || { skip "" "no tracing"; return; }
	counts_lookups
	ip -n s -6 route add 2001:4800::/24 dev d0
	ip -n s -6 route add 3000::/12 dev d0
	check "S6: 1,024 sites of a network are one" few_lookups 20 2001:4860:%g::1 1 1024
	check "and so are 1,024 networks with few bits in common" few_lookups 20 300a:%g::1 1 1024
	# 2001:4809::/32 has the same place as 300a::/16 (sb_route_place()).
	check "sites of a network whose place another has" all_go 2001:4809:%g::1 1 16
	check "have places of their own" few_lookups 0 2001:4809:%g::1 1 16
	check "and it has its place" few_lookups 0 300a:%g::1 1 16
	# Its first 16 bits have the same number as 2001 (sb_route_part()).
	ip -n s -6 route add 2a19::/16 dev d0
	check "a network of a part of the world that has several routes" goes c1 2001:4860::1 d0
	check "one of another part that shares its number, and has one" goes c1 2a19::1 d0
	check "and the first one is still known" few_lookups 0 2001:4860:%g::1 1 64
	ip -n s -6 route add 2001:4860:100::/48 dev d1
	check "a site is elsewhere" goes c1 2001:4860:100::1 d1
	check "another one is not" goes c1 2001:4860:101::1 d0
	check "and it still is" goes c1 2001:4860:100::1 d1
	check "nor is another network" goes c1 2001:4861:100::1 d0
	ip -n s -6 route add 300a:100::/32 dev d1
	check "a network is elsewhere" goes c1 300a:100::1 d1
	check "another one is not" goes c1 300a:101::1 d0
	check "and it still is" goes c1 300a:100::1 d1
	check "each of those is looked for by itself: first" all_go 300a:%g::1 512 639
	check "and then known" few_lookups 64 300a:%g::1 512 639
	ip -n s -6 route add 300a:101:7::/48 dev d1
	check "a site of that one, too" goes c1 300a:101:7::1 d1
	check "and not its others" goes c1 300a:101:8::1 d0
	check "all networks again" all_go 300a:%g::1 512 639
	check "sites of one that have no route in common: first" all_go 300a:101:%g::1 512 575
	check "are known as well" few_lookups 32 300a:101:%g::1 512 575
	ip -n s -6 route add local 300a:102::5 dev lo
	check "an address is this host's" goes c1 300a:102::5 here
	check "and the next one is not" goes c1 300a:102::6 d0
	check "and it still is" goes c1 300a:102::5 here
	for n in "2001:4860:100::/48 dev d1" "300a:100::/32 dev d1" "300a:101:7::/48 dev d1" \
		"local 300a:102::5 dev lo table local"; do
		# shellcheck disable=SC2086 # words
		ip -n s -6 route del $n
	done
	check "they are back" goes c1 2001:4860:100::1 d0
	check "all of them" goes c1 300a:102::5 d0
	check "a number with more bits is another one" goes c1 0:300a::1 eth1
	check "than that with fewer" goes c1 300a:103::1 d0
	no_lookups
}

# Of 64 connections of c1's, does each of two devices get some? By chance one gets less than ten
# once in a thousand million times.
shared()
{
	local d0 d1 i

	d0=$(went d0)
	d1=$(went d1)
	for i in {1..64}; do
		echo | in_ns c1 socat -u - "UDP6-SENDTO:[$there]:9"
	done
	wait_for eval '[ "$(($(went d0) + $(went d1)))" = '$((d0 + d1 + 64))' ]'
	if [ "$(($(went d0) - d0))" -lt 10 ] || [ "$(($(went d1) - d1))" -lt 10 ]; then
		echo "d0=$d0 d1=$d1, then $(seen)"
		return 1
	fi
}

# More than the destination chooses the route.
test_chosen_otherwise()
{
	local me

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	routes_world
	check "S6: by the route that there is" goes c1 $there d0
	in_ns s nft -f - <<-EOF
		table ip6 behind {
			chain prerouting {
				type filter hook prerouting priority 0
				ip6 daddr $there ip6 daddr set 2001:db8:78::1 udp checksum set 0
			}
		}
	EOF
	ip -n s -6 route add 2001:db8:78::/48 dev d1
	check "a chain behind ours has changed the destination" goes c1 $there d1
	in_ns s nft delete table ip6 behind
	check "it is gone" goes c1 $there d0
	if ip -n s -6 route add 2001:db8:77::/48 from "$me" dev d1 2>/dev/null; then
		check "a route for one client only" goes c1 $there d1
		# Where there is one for some sources, the kernel has others take a shorter one.
		check "the other has what is left for it" goes c2 $there eth1
		check "and the first one still its own" goes c1 $there d1
		ip -n s -6 route del 2001:db8:77::/48 from "$me" dev d1
	fi
	ip -n s -6 route replace 2001:db8:77::/48 nexthop via fe80::1 dev d0 \
		nexthop via fe80::1 dev d1
	check "two ways share the connections" shared
	ip -n s -6 route del 2001:db8:77::/48
	ip -n s nexthop add id 1 via fe80::1 dev d0
	ip -n s nexthop add id 2 via fe80::1 dev d1
	ip -n s nexthop add id 3 group 1/2
	ip -n s -6 route add 2001:db8:77::/48 nhid 3
	check "and so do those of a nexthop object" shared
	ip -n s -6 route replace 2001:db8:77::/48 dev d0
	ip -n s -6 route add default dev d1 table 77
	ip -n s -6 rule add ipproto udp dport 9 lookup 77
	check "a rule that looks at ports" goes c1 $there d1
	check "also on the way to a client" goes r "$me" d1
	ip -n s -6 rule del ipproto udp dport 9 lookup 77
	ip -n s -6 rule add from "$me" lookup 77
	check "one that looks at the source" goes c1 $there d1
	check "holds for that alone" goes c2 $there d0
	ip -n s -6 rule del from "$me" lookup 77
	check "without rules" goes c1 $there d0
}
