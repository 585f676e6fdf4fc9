# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The short way in (kmod/outer-hook.c): who configures something that the IPv4 stack does
# between PRE_ROUTING and the tunnel handlers has the next packet meet it. input.sh has more
# of INPUT, middle.sh all of this with a listener to protocol 41. ethtool -S counts what took
# which way. The world: lib.sh.

# shellcheck source=tests/functional/spoofing.sh
. "$here/spoofing.sh"

echoes()	{ icmp6 h Icmp6InEchos; }

# Packets that took the short way, and those that took the middle way.
ways()
{
	in_ns s ethtool -S broker0 | awk '{ n[$1] = $2 } END { print n["rx-early:"], n["rx-routed:"] }'
}

# A packet of client one's to h, from c1 or the namespace $from, with what inject.py takes; does it
# arrive, and how? way short|middle|long [KEY=VALUE…]. With a listener the middle way is the shortest
# one.
way()
{
	local want=$1 arrived ways early routed

	[ "$want$heard" != short1 ] || want=middle
	ways=$(ways)
	read -r early routed <<<"$ways"
	arrived=$(echoes)
	in_ns "${from-c1}" "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2 "${@:2}" || return 1
	wait_for eval "[ \"\$(echoes)\" = $((arrived + 1)) ]" || { echo "it did not arrive"; return 1; }
	case $want in
	short)	((++early)) ;;
	middle)	((++routed)) ;;
	esac
	[ "$(ways)" = "$early $routed" ] ||
		{ echo "rx-early and rx-routed were $ways, are $(ways)"; return 1; }
}

# None of these packets arrives, and none takes the short or the middle way: nowhere COMMAND…
nowhere()
{
	local ways arrived

	ways=$(ways)
	arrived=$(echoes)
	"$@" || return 1
	# Who comes by another way comes later.
	in_ns r ping -6 -n -q -c 1 -W 10 2001:db8:beef::2 >/dev/null || return 1
	[ "$(echoes)/$(ways)" = "$((arrived + 1))/$ways" ] ||
		{ echo "echoes: $arrived, now $(echoes); rx-early and rx-routed: $ways, now $(ways)"; return 1; }
}

inject()	{ in_ns c1 "$here/inject.py" "$@"; }

early_world()
{
	world routed
	two_clients
	me=$(client one client_ipv6)
	# Neighbours and routes are known from here on.
	reaches c1 2001:db8:beef::2 >/dev/null
}

test_short_way()
{
	local me

	early_world
	check "packets take the short way" way short
	in_ns c1 ping -6 -n -q -c 20 -i 0.01 2001:db8:beef::2 >/dev/null
	check "all of them" eval '[ "$(early)" = "$(client one rx_packets)" ] && [ "$(early)" -ge 22 ]'
	check "from the other client, too" eval 'reaches c2 "$me"
		[ "$(early)" = $(($(client one rx_packets) + $(client two rx_packets))) ]'
	check "IPv4 counts them as delivered" test "$(in_ns s awk '/^Ip: [0-9]/ { print $10 }' \
		/proc/net/snmp)" -ge "$(early)"
	check "nothing was dropped" test "$(B -j link show | jq -c '.[0].drops')" = '{}'
	B client set one disable
	check "a disabled client's are dropped" nowhere_early 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::2
	check "for that" test "$(drops one rx-disabled)" = 1
	B client set one enable
	check "and enabled ones are not" way short
	B client set one endpoint 203.0.113.21
	check "another endpoint counts at once" nowhere inject 6in4 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::2
	B client set one endpoint 203.0.113.11
	check "and the old one again" way short
	B link set broker0 down
	check "a link that is down takes nothing" nowhere inject 6in4 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::2
}

# Who gets a piece next has not sent what the last one sends from there.
test_successor()
{
	local me server

	early_world
	server=$(client one server_ipv6)
	check "packets take the short way" way short
	B client del one
	check "without a client they take none" nowhere inject 6in4 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::2
	B -q client add one pair "$server/127" endpoint 203.0.113.21
	check "another client has the addresses" test "$(client one client_ipv6)" = "$me"
	check "and has received nothing" test "$(client_jq one '[.rx_packets, .last_received_ms]')" = '[0,null]'
	check "S3: and none of the first one's packets" nowhere inject 6in4 203.0.113.11 203.0.113.1 \
		"$me" 2001:db8:beef::2
	B client set one endpoint 203.0.113.11
	check "until it has that endpoint" way short
}

# What came from both prefixes of client one: packets, bytes. And all that the link has received.
received()	{ client_jq one '[.rx_packets, .rx_bytes]'; }
link_received()	{ B -j link show | jq -c '.[0] | [.rx_packets, .rx_bytes]'; }

# What comes by the short way is counted beside the prefix that it comes from, and becomes the client's
# where there is no more room, for 1,023 packets or 4 MB. Who asks sees all of it.
test_counted()
{
	local me routed early was age

	early_world
	routed=$(client one 'routed[0]')
	ip -n c1 addr add "${routed%/*}7/${routed#*/}" dev lo
	reaches c1 2001:db8:beef::2 -I "${routed%/*}7" >/dev/null
	check "the link and its client have received the same" test "$(received)" = "$(link_received)"
	was=$(received)
	early=$(early)
	in_ns c1 ping -6 -n -q -f -c 1500 -s 1300 2001:db8:beef::2 >/dev/null
	check "1,500 from the pair" test "$(received)" = \
		"$(jq -c '[.[0] + 1500, .[1] + 1500 * 1348]' <<<"$was")"
	in_ns c1 ping -6 -n -q -f -c 1100 -I "${routed%/*}7" 2001:db8:beef::2 >/dev/null
	check "and 1,100 from the routed prefix" test "$(received)" = \
		"$(jq -c '[.[0] + 2600, .[1] + 1500 * 1348 + 1100 * 104]' <<<"$was")"
	check "by the short way" test $(($(early) - early)) = 2600
	check "as many as the link has" test "$(received)" = "$(link_received)"

	wait_for eval 'age=$(client one last_received_ms); [ "$age" -ge 3000 ]'
	check "another one by the short way" way short
	check "is the last one" test "$(client one last_received_ms)" -lt "$age"
}

# A disabled client is known, so its packets are dropped on the short way.
nowhere_early()
{
	local arrived

	arrived=$(echoes)
	inject 6in4 "$@"
	in_ns r ping -6 -n -q -c 1 -W 10 2001:db8:beef::2 >/dev/null || return 1
	[ "$(echoes)" = $((arrived + 1)) ]
}

hits4()	{ in_ns s nft -j list counter ip t "$1" | jq '.nftables[] | select(.counter).counter.packets'; }

# A rule that was added under traffic, and drops it, sees all: sees_all PID-OF-TRAFFIC COUNTERS…
# What is counted where they arrive, by the second one, begins with the rule, in one transaction.
# The caller has a variable for what took the short way before.
sees_all()
{
	local came

	check "packets come" wait_for eval '[ "$(hits4 '"$3"')" -ge 20 ]'
	kill -STOP "$1"
	came=$(hits4 "$3")
	before=$(early)
	check "a rule in INPUT sees them, from the first one on" test "$(hits4 "$2")" -ge "$came"
	kill -CONT "$1"
	check "more come" wait_for eval '[ "$(hits4 '"$3"')" -ge '$((came + 5))' ]'
	check "before they are counted as delivered" test "$(early)" = "$before"
}

# A rule in INPUT, while packets come: with the chain, and in one that was there.
test_input_rule()
{
	local me before

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	# Not by in_ns: it is to be stopped.
	nsenter --net=/run/netns/c1 ping -6 -n -q -i "$pace" 2001:db8:beef::2 >/dev/null 2>&1 &
	wait_for eval '[ "$(early)" -ge 20 ]'
	in_ns s nft -f - <<-'EOF'
		table ip t {
			counter seen { }
			counter came { }
			chain input {
				type filter hook input priority filter
				ip protocol 41 counter name seen drop
			}
			chain prerouting {
				type filter hook prerouting priority raw
				ip protocol 41 counter name came
			}
		}
	EOF
	sees_all $! seen came
	in_ns s nft flush chain ip t input
	check "without the rule they arrive" reaches c1 2001:db8:beef::2
	in_ns s nft -f - <<-'EOF'
		add counter ip t seen_later
		add counter ip t came_later
		add rule ip t input ip protocol 41 counter name seen_later drop
		add rule ip t prerouting ip protocol 41 counter name came_later
	EOF
	sees_all $! seen_later came_later
	in_ns s nft flush chain ip t input
	check "without that they arrive" reaches c1 2001:db8:beef::2
	kill $!
	wait $! 2>/dev/null
	check "by the short way, as all did" eval '[ "$(early)" -gt '"$before"' ] &&
		[ "$(early)" = "$(client one rx_packets)" ]'
	in_ns s nft delete table ip t
	check "as they do without a chain" reaches c1 2001:db8:beef::2
}

# No hook comes behind the short way, of whatever priority.
test_last_chain()
{
	local me chain='table ip t {
		counter seen { }
		chain last {
			type filter hook prerouting priority 2147483647
			ip protocol 41 counter name seen
		}
	}'

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	world routed
	B link del broker0
	in_ns s nft "$chain"
	B -q -batch - <<-'EOF'
		link add broker0 local 203.0.113.1
		pool add 2001:db8:100::/64 pair
		pool add 2001:db8:200::/48 routed 64
	EOF
	two_clients
	me=$(client one client_ipv6)
	check "packets arrive" reaches c1 2001:db8:beef::2
	in_ns s nft reset counters >/dev/null
	check "a last chain that was there before the link: the long way" way long
	check "and it sees the packet" test "$(hits4 seen)" = 1
	in_ns s nft delete table ip t
	check "without it the short way" way short
	in_ns s nft "$chain"
	check "one that comes later comes before" way short
	check "and sees the packet, too" test "$(hits4 seen)" = 1
}

# Conntrack confirms its entries in INPUT.
test_conntrack()
{
	local me before entries=/proc/sys/net/netfilter/nf_conntrack_count

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	early_world
	if ! in_ns s nft -f - 2>/dev/null <<-'EOF'
		table ip t {
			counter original { }
			chain prerouting {
				type filter hook prerouting priority filter
				ip protocol 41 ct direction original counter name original
			}
		}
	EOF
	then
		skip "" "no conntrack in this kernel"
		return
	fi
	before=$(in_ns s cat $entries)
	check "with conntrack packets take the short way, too" way short
	check "and leave an entry" test "$(in_ns s cat $entries)" -gt "$before"
	check "another packet, too" way short
	# Else it would be an answer, to what the server sends by then.
	check "which finds that entry" test "$(hits4 original)" = 2
	in_ns s nft delete table ip t
	check "without it they take the short way" way short
}

# Rules and local routes cannot be seen one by one: who ever had one stays with the long way.
test_policy_routing()
{
	local me

	early_world
	check "at first the short way" way short
	ip -n s -batch - <<-'EOF'
		rule add pref 100 lookup local
		rule add pref 50 from 203.0.113.11 iif eth0 blackhole
		rule del pref 0
	EOF
	check "a rule that forbids the packets holds" nowhere inject 6in4 203.0.113.11 203.0.113.1 \
		"$me" 2001:db8:beef::2
	ip -n s rule del pref 50
	check "without it they arrive" way long
}

test_local_routes()
{
	local me

	early_world
	check "at first the short way" way short
	ip -n s route add local 198.51.100.0/24 dev lo
	check "a local route that somebody made: the long way" way long
}

# Who has the address is not always who gets its packets. Somebody else may have looked for the way
# to the client since.
test_local_route_gone()
{
	local me packet

	early_world
	packet=(inject frame eth0 "$(ip -n s -j link show eth0 | jq -r '.[0].address')" 203.0.113.11
		203.0.113.1 "$me" 2001:db8:beef::2)
	check "at first the short way" way short
	ip -n s route del local 203.0.113.1 dev eth0 table local
	client one mtu >/dev/null
	check "an address without its local route takes no packets" nowhere "${packet[@]}"
	ip -n s -batch - <<-'EOF'
		addr del 203.0.113.1/24 dev eth0
		addr add 203.0.113.1/24 dev eth0
	EOF
	check "and takes them when it is back" way short
	ip -n s route prepend blackhole 203.0.113.1 table local
	client one mtu >/dev/null
	check "one behind a black hole takes none" nowhere "${packet[@]}"
	ip -n s route del blackhole 203.0.113.1 table local
	check "and takes them when that is gone" way short
	check "so does a packet with a DSCP" way short tos=16
	ip -n s route add blackhole 203.0.113.1 table local tos 0x10
	check "a black hole for one DSCP swallows that" nowhere "${packet[@]}" tos=16
	check "and one that differs in bits no route minds" nowhere "${packet[@]}" tos=80
	check "and nothing else" way short
	check "of another DSCP neither" way short tos=8
	check "but still what it is for" nowhere "${packet[@]}" tos=16
	ip -n s route del blackhole 203.0.113.1 table local tos 0x10
	check "which comes when that is gone" way short tos=16
}

# A program that listens to protocol 41 hears all of it.
test_raw_socket()
{
	local me before

	early_world
	hear s 0.0.0.0
	before=$(grep -c . /tmp/heard)
	check "with a raw socket packets take the middle way" way middle
	check "and the socket has heard this one" wait_for eval \
		'[ "$(grep -c . /tmp/heard)" = '$((before + 1))' ]'
	kill $!
	wait $! 2>/dev/null
	check "without it they take the short way" way short
}

# Sockets of all other protocols, in several namespaces: some share a bucket with protocol 41.
test_other_raw_sockets()
{
	local me ns

	early_world
	for ns in s c2 x; do
		rm -f /tmp/open.$ns
		nsenter --net=/run/netns/$ns python3 -c '
import signal, socket, sys
raw = [socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) for protocol in range(1, 255)
       if protocol != 41 or sys.argv[1] != "s"]
print("open", flush=True)
signal.pause()' $ns >/tmp/open.$ns &
		wait_for grep -qs open /tmp/open.$ns
	done
	check "none of them hears it: the short way" way short
}

# Realms are counted where a packet's route is looked up.
test_realms()
{
	local me

	early_world
	if ! in_ns s test -e /proc/net/rt_acct; then
		skip "" "no realms in this kernel"
		return
	fi
	check "at first the short way" way short
	ip -n s route add 192.0.2.0/24 dev eth1 realms 7
	check "a route with a realm: the long way" way long
	ip -n s route change 203.0.113.0/24 dev eth0 realms 5
	check "also the one that the packets come by" way long
	ip -n s route del 192.0.2.0/24
	ip -n s route change 203.0.113.0/24 dev eth0
	check "without: the short way" way short
}

# What this host sends to itself keeps its route: there is nothing left to look up.
test_own_packets()
{
	local me

	early_world
	check "another's packet takes the short way" way short
	from=s check "S3: the same from this host is its client's, too, by the long way" way long
}

# A program on the device may have given the packet a socket. That is the outer one's.
test_assigned_socket()
{
	local me status=0

	early_world
	check "at first the short way" way short
	# What the one before it said, in another test, is not waited for.
	rm -f /tmp/assigned
	nsenter --net=/run/netns/s "$here/assign.py" eth0 203.0.113.1 >/tmp/assigned 2>&1 &
	wait_for eval 'grep -qs assigned /tmp/assigned || ! kill -0 $! 2>/dev/null'
	if ! grep -qs assigned /tmp/assigned; then
		wait $! || status=$?
		if [ $status = 2 ]; then
			skip debian-6.1 "programs of this kind came with 6.6"
		else
			report 1 "the program is loaded: $(tail -n 1 /tmp/assigned)"
		fi
		return
	fi
	check "S6: packets that have a socket: the long way" way long
	check "and back" reaches c1 2001:db8:beef::2
	check "S6: also to the server itself" reaches c1 "$(client one server_ipv6)"
	kill $!
	wait $! 2>/dev/null
	check "without the program the short way again" way short
}

rp_filter()	{ in_ns s sysctl -qw net.ipv4.conf.all.rp_filter="$1"; }

# A route to the client through another device, as with two providers.
test_reverse_path()
{
	local me mac

	early_world
	mac=$(ip -n s -j link show eth0 | jq -r '.[0].address')
	ip -n s route add 203.0.113.11/32 dev eth1
	check "without a reverse path filter: the short way" way short
	rp_filter 2
	check "a loose one passes them the short way, too" way short
	rp_filter 1
	check "a strict one drops them" nowhere inject 6in4 203.0.113.11 203.0.113.1 "$me" \
		2001:db8:beef::2
	ip -n s route del 203.0.113.11/32 dev eth1
	check "where the route leads back: the short way" way short
	ip -n s route add 203.0.113.11/32 dev eth1 tos 0x10
	check "a strict one drops what has another route by its DSCP" nowhere inject 6in4 203.0.113.11 \
		203.0.113.1 "$me" 2001:db8:beef::2 tos=16
	check "and nothing else" way short
	rp_filter 2
	check "a loose one passes that the short way" way short tos=16
	ip -n s route del 203.0.113.11/32 dev eth1 tos 0x10

	check "where the route leads back a loose one: the short way" way short
	ip -n s route add blackhole 203.0.113.11/32 tos 0x10
	check "it drops what has no way back by its DSCP" nowhere inject 6in4 203.0.113.11 \
		203.0.113.1 "$me" 2001:db8:beef::2 tos=16
	check "and nothing else" way short
	ip -n s route del blackhole 203.0.113.11/32 tos 0x10
	ip -n s -batch - <<-'EOF'
		addr add 203.0.113.1/32 dev lo
		addr del 203.0.113.1/24 dev eth0
		route add 203.0.113.0/24 dev eth0
	EOF
	check "also on a device without address" way short
	ip -n s route add 203.0.113.11/32 dev eth1
	check "there a loose one drops what has another route" nowhere inject frame eth0 "$mac" \
		203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
}

# Two default routes, of which the first one's gateway does not answer: what is sent takes the second,
# but a strict filter goes by the first.
test_default_routes()
{
	local me mac

	early_world
	mac=$(ip -n s -j link show eth0 | jq -r '.[0].address')
	ip -n s -batch - <<-EOF
		addr add 192.0.2.1/24 dev eth1
		route del 203.0.113.0/24 dev eth0
		route add 203.0.113.12 dev eth0
		neigh replace 203.0.113.12 lladdr $(ip -n c2 -j link show eth0 | jq -r '.[0].address') \
			dev eth0 nud permanent
		neigh replace 192.0.2.254 dev eth1 nud failed
		route add default via 192.0.2.254
		route append default via 203.0.113.12
	EOF
	check "what is sent takes the second" eval \
		'[[ $(ip -n s route get 203.0.113.11 from 203.0.113.1) == *" dev eth0 "* ]]'
	check "without a reverse path filter: the short way" way short
	rp_filter 1
	check "a strict one drops what comes by the second" nowhere inject frame eth0 "$mac" \
		203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	ip -n s route del default via 192.0.2.254
	check "where that is the only one: the short way" way short
}

test_local_address_gone()
{
	local me

	early_world
	check "at first the short way" way short
	ip -n s -batch - <<-'EOF'
		addr add 203.0.113.2/25 dev eth0
		addr del 203.0.113.1/24 dev eth0
	EOF
	check "an address that is gone takes no packets" nowhere inject 6in4 203.0.113.11 203.0.113.1 \
		"$me" 2001:db8:beef::2
	ip -n s addr add 203.0.113.1/24 dev eth0
	check "and takes them when it is back" way short
}

# No packet comes from this host's own address.
test_own_endpoint()
{
	local me

	early_world
	check "at first the short way" way short
	ip -n s addr add 203.0.113.11/32 dev lo
	check "an endpoint that is this host's own by now sends nothing" nowhere inject 6in4 \
		203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	ip -n s route del local 203.0.113.11 table local
	check "nor where that address has lost its route" nowhere inject 6in4 \
		203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	ip -n s addr del 203.0.113.11/32 dev lo
	check "and sends when it is not any more" way short
}

# What is not plainly a client's packet.
test_odd_packets()
{
	local me mac

	early_world
	mac=$(ip -n s -j link show eth0 | jq -r '.[0].address')
	check "fragments are put together, then arrive" way long pieces=56 size=200
	check "IPv4 options are read before" way long options=01010100
	check "a DSCP is nothing odd" way short tos=184
	check "nor is ECN" way short tos=2
	check "options that look like the client's header are no header" \
		nowhere inject frame eth0 "$mac" 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 disguise=1
	check "S2: a broadcast frame is no packet for this host" \
		nowhere inject frame eth0 ff:ff:ff:ff:ff:ff 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	check "S2: and says so" test "$(drops one rx-not-unicast)" = 1
	ip -n s link set eth0 promisc on
	check "S2: nor is one for another host" \
		nowhere inject frame eth0 02:00:00:00:00:99 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	check "the next proper packet takes the short way" way short
}

# br_netfilter shows PRE_ROUTING what a bridge is about to forward.
test_bridge_netfilter()
{
	local me host

	early_world
	if ! modprobe br_netfilter 2>/dev/null; then
		skip "" "no br_netfilter in this kernel"
		return
	fi
	ip -n s -batch - <<-'EOF'
		link add brs type bridge
		link set eth0 master brs
		link set brs up
		addr del 203.0.113.1/24 dev eth0
		addr add 203.0.113.1/24 dev brs
	EOF
	in_ns s sysctl -qw net.bridge.bridge-nf-call-iptables=0
	check "through a bridge: the short way" wait_for way short
	in_ns s sysctl -qw net.bridge.bridge-nf-call-iptables=1
	check "with br_netfilter: the long way" way long
	for host in 02:00:00:00:00:99 "$(ip -n x -j link show eth0 | jq -r '.[0].address')"; do
		check "a frame that the bridge forwards to $host is not taken" nowhere inject frame eth0 \
			"$host" 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2
	done
	in_ns s sysctl -qw net.bridge.bridge-nf-call-iptables=0
	check "without it again the short way" way short
}

# In a VRF the IPv4 side, both ways, is looked up in another table.
test_vrf()
{
	local me

	early_world
	modprobe vrf 2>/dev/null
	if ! ip -n s link add v7 type vrf table 7; then
		skip "" "no VRF in this kernel"
		return
	fi
	ip -n s link set v7 up
	ip -n s addr add 203.0.113.2/24 dev eth0
	ip -n s link set eth0 master v7
	check "in a VRF packets take the long way" way long
	check "and the endpoint is found there" reaches h "$me"
	# The main table does not know the way.
	check "without a route outside" test -z "$(ip -n s route show 203.0.113.0/24)"
	B client set one pmtudisc on
	in_ns x "$here/inject.py" icmp4 203.0.113.66 203.0.113.1 3 4 1400 203.0.113.1 203.0.113.11 \
		2001:db8:beef::2 "$me" df=1
	check "S12: a path MTU is that of the VRF's route" \
		wait_for eval '[ "$(client one mtu)" = 1380 ]'
	refused "an address of the VRF is no endpoint" 2 "is this server's own" \
		brokertool -n s client set two endpoint 203.0.113.2
	ip -n s link set eth0 nomaster
	check "outside of it: the long way, since it left a rule" way long
	ip -n s link del v7
}

# An ipvlan device takes what is for its addresses behind the look at the routes, wherever it is.
test_ipvlan()
{
	local me

	early_world
	modprobe ipvlan 2>/dev/null
	ip netns add inner
	if ! ip -n s link add iv0 link eth0 netns inner type ipvlan mode l3s; then
		ip netns del inner
		skip "" "no ipvlan in this kernel"
		return
	fi
	check "below an ipvlan of mode l3s packets take the long way" way long
	ip -n inner link set iv0 up
	ip -n inner addr add 203.0.113.1/32 dev iv0
	check "on which they are that one's if it has the address" nowhere inject 6in4 203.0.113.11 \
		203.0.113.1 "$me" 2001:db8:beef::2
	check "which gets them" \
		test "$(ip -n inner -s -j link show iv0 | jq '.[0].stats64.rx.packets')" = 1
	ip netns del inner
	check "without it again the short way" wait_for way short
}
