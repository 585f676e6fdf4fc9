# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Changes and removals while traffic flows. The world: lib.sh.

# A flood through the tunnel in both directions, until the test ends.
traffic()
{
	in_ns h ping -6 -n -q -i "$pace" -s 600 "$(client one client_ipv6)" >/dev/null 2>&1 &
	in_ns c1 ping -6 -n -q -i "$pace" 2001:db8:beef::2 >/dev/null 2>&1 &
	in_ns c2 ping -6 -n -q -i "$pace" "$(client one client_ipv6)" >/dev/null 2>&1 &
	wait_for flows
}

flows()	{ [ "$(client one rx_packets)" -gt 20 ] && [ "$(client one tx_packets)" -gt 20 ]; }

# moves COUNTER : does a counter, or a drop counter, of client one move on?
moves()
{
	local before

	before=$(counter "$1")
	wait_for counter_above "$1" "$before"
}

counter()
{
	case $1 in
	*_packets)	client one "$1" ;;
	*)		drops one "$1" ;;
	esac
}

counter_above()	{ [ "$(counter "$1")" -gt "$2" ]; }

# The echo replies that client two has had, as numbers, ascending.
replies()	{ sed -nE 's/.* icmp_seq=([0-9]+) .*/\1/p' /tmp/replies | sort -n; }

# replied N : has client two had so many?
replied()	{ [ "$(replies | wc -l)" -ge "$1" ]; }

# event ADDRESS : a route that is told of once what came before it has been; is it in /tmp/events?
# One that is there already would be told of to nobody.
event()
{
	ip -n s route del "$1" dev lo 2>/dev/null
	ip -n s route add "$1" dev lo
	grep -q "^$1 dev lo" /tmp/events
}

# Strangers are counted, clients are not.
only_strangers()
{
	local strangers before

	strangers=$(link_drops rx-stranger)
	wait_for eval '[ "$(link_drops rx-stranger)" -gt '"$strangers"' ]' || return
	before=$(client one rx_packets)
	wait_for eval '[ "$(link_drops rx-stranger)" -gt '"$((strangers + 5))"' ]' &&
		[ "$(client one rx_packets)" = "$before" ]
}

test_endpoint_change()
{
	local index last

	world routed
	two_clients
	traffic
	index=$(ip -n s -j link show broker0 | jq '.[0].ifindex')
	ip -n c1 addr add 203.0.113.21/24 dev eth0
	ip -n c1 tunnel change tunnel local 203.0.113.21 remote 203.0.113.1
	check "from its new address it is a stranger" \
		wait_for eval '[ "$(link_drops rx-stranger)" -gt 0 ]'
	: >/tmp/events
	ip -n s -o monitor link route >/tmp/events &
	in_ns c2 ping -6 -n -i "$pace" 2001:db8:beef::2 >/tmp/replies &
	check "rtnetlink is listened to" wait_for event 198.51.100.1
	wait_for replied 5
	check "the endpoint changes" B client set one endpoint 203.0.113.21
	last=$(replies | tail -n 1)
	check "traffic goes on" reaches h "$(client one client_ipv6)"
	check "and from it" moves rx_packets
	check "the other client's goes on" wait_for replied $((last + 5))
	check "and has lost nothing" test "$(replies | sed -n "$((last + 3))p")" = $((last + 3))
	check "all events are there" wait_for event 198.51.100.2
	check "the device did not flap, nor did its routes" eval '! grep -w broker0 /tmp/events'
	check "it is the same" test "$index,UP" = \
		"$(ip -n s -j link show broker0 | jq -r '.[0] | "\(.ifindex),\(.flags[] |
		   select(. == "UP"))"')"
	check "endpoint none" B client set one endpoint none
	check "shows null" test "$(client one endpoint)" = null
	check "nothing is received any more" only_strangers
	check "nothing is sent, and counted" moves tx-no-endpoint
	B client set one endpoint 203.0.113.21
	check "and again" reaches h "$(client one client_ipv6)"
}

test_disable_and_delete()
{
	world routed
	two_clients
	traffic
	check "disable" B client set one disable
	check "drops what comes" moves rx-disabled
	check "drops what goes" moves tx-disabled
	check "the other client goes on" reaches c2 2001:db8:beef::2
	check "enable" B client set one enable
	check "traffic goes on" moves rx_packets
	check "delete" B client del one
	check "the other client still goes on" reaches c2 2001:db8:beef::2
	check "nobody is there" test "$(B -j client show | jq length)" = 1
	check "add it again" B -q client add one endpoint 203.0.113.11
	check "it has its old pair" test "$(client one client_ipv6)" = 2001:db8:100::3
	check "and its traffic" moves rx_packets
}

# The server's own address goes away and comes back.
test_local_address()
{
	world routed
	two_clients
	traffic
	ip -n s addr del 203.0.113.1/24 dev eth0
	check "without the local address nothing is sent" moves tx-no-route
	ip -n s addr add 203.0.113.1/24 dev eth0
	check "with it traffic goes on" reaches h "$(client one client_ipv6)"
}

# What comes from client one is refused by the kernel, and its counter stands still.
left_to_the_kernel()
{
	local before refused

	refused=$(unreachables)
	wait_for eval '[ "$(unreachables)" -gt '"$refused"' ]' || return
	before=$(client one rx_packets)
	wait_for eval '[ "$(unreachables)" -gt '"$((refused + 1))"' ]' &&
		[ "$(client one rx_packets)" = "$before" ]
}

unreachables()	{ in_ns s nstat -asz IcmpOutDestUnreachs | awk '/Icmp/ { print $2 }'; }

# The link gets another one of the server's addresses. From there the way to clients is another.
test_local_change()
{
	world routed
	two_clients
	ip -n s -batch - <<-'EOF'
		addr add 203.0.113.2/24 dev eth0
		route add 203.0.113.0/24 dev eth0 mtu 1400 table 7
		rule add from 203.0.113.2 lookup 7
	EOF
	traffic
	check "the MTU of the old way" test "$(client one mtu)" = 1480
	check "S21: another local address under traffic" B link set broker0 local 203.0.113.2
	check "is shown" test "$(client one server_ipv4)" = 203.0.113.2
	check "which has another MTU" test "$(client one mtu)" = 1380
	check "nothing is taken at the old one" left_to_the_kernel
	ip -n c1 tunnel change tunnel local 203.0.113.11 remote 203.0.113.2
	check "to the new one traffic goes on" reaches c1 2001:db8:beef::2
	check "and from it" reaches h "$(client one client_ipv6)"
	# While the link is up, the kernel forgets all routes at such a change by itself.
	B link set broker0 down
	check "the old way, while the link is down" test "$(client one mtu)" = 1380
	B link set broker0 local 203.0.113.1
	check "clients' routes are looked up anew" test "$(client one mtu)" = 1480
}

test_link_delete()
{
	world routed
	two_clients
	traffic
	check "S21: the link is deleted under traffic" B link del broker0
	check "and is gone" test "$(B -j link show)" = '[]'
	check "so are its routes" test -z "$(ip -n s -6 route show proto 66)"
	check "made again" B link add broker0 local 203.0.113.1
	check "empty" test "$(B -j client show)$(B -j pool show)" = '[][]'
}

test_module_removal()
{
	local modprobe

	world routed
	two_clients
	traffic
	check "S21: the module is removed under traffic" rmmod sitbroker
	check "the link is gone" eval '! ip -n s link show broker0 2>/dev/null'
	# Where the module is installed, asking for the family would load it.
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	refused "the tool says how to load it" 2 'run "modprobe sitbroker"' brokertool client show
	refused "also who wants to add a link" 2 'run "modprobe sitbroker"' \
		brokertool link add broker0 local 203.0.113.1
	echo "$modprobe" >/proc/sys/kernel/modprobe
	check "and can be loaded again" modprobe sitbroker
}

test_namespace_exit()
{
	world onlink
	two_clients
	traffic
	# Everything in the namespace dies at once, the uplink included.
	check "the namespace goes" ip netns del s
	check "S21: and is really gone" wait_for rmmod sitbroker
}

# Replies that sockets hold must not hold the device.
test_socket_survives_link()
{
	world routed
	two_clients
	in_ns s socat TCP6-LISTEN:7,fork EXEC:cat &
	in_ns c1 socat -u "TCP6:[$(client one server_ipv6)]:7,retry=50,interval=0.2" - >/dev/null &
	check "a connection to the server address" wait_for eval \
		'[ -n "$(in_ns s ss -Htn state established "sport = :7")" ]'
	check "the link goes nevertheless" B link del broker0
	check "and the module" rmmod sitbroker
}

# Loads and removals while other processes read the tables and traffic flows.
test_dump_and_unload()
{
	local i n=${TEST_LOOPS:-5} gone=0

	world routed
	two_clients
	in_ns s bash -c 'while :; do brokertool -j client show; brokertool -j link show; done' \
		>/dev/null 2>&1 &
	in_ns s bash -c 'while :; do brokertool monitor; done' >/dev/null 2>&1 &
	in_ns c1 ping -6 -n -q -i "$pace" 2001:db8:beef::2 >/dev/null 2>&1 &
	for ((i = 1; i <= n; i++)); do
		B link del broker0
		# The dumps load it again where it is installed for that.
		wait_for rmmod sitbroker 2>/tmp/rmmod || break
		gone=$((gone + 1))
		modprobe sitbroker
		B link add broker0 local 203.0.113.1
		B pool add 2001:db8:100::/64 pair
		B -q client add "c$i" endpoint 203.0.113.11
		wait_for flowing "c$i"
	done
	[ "$gone" = "$n" ] || tail -n 1 /tmp/rmmod
	check "S21: the module went each of $n times, under dumps and traffic" test "$gone" = "$n"
	check "S21: and all was there again" test "$(B -j client show | jq -r '.[0].name')" = "c$n"
}

flowing()	{ [ "$(client "$1" rx_packets)" -gt 2 ]; }

# Adds, deletes, changes, dumps and traffic at once; on several processors they meet.
test_races()
{
	local n=$((${TEST_LOOPS:-5} * 4)) i status=0 racers=()

	world routed
	two_clients
	traffic
	for i in {1..300}; do
		echo "client add r$i endpoint 203.0.113.12"
	done >/tmp/add
	sed 's/ endpoint.*//; s/add/del/' /tmp/add >/tmp/del
	touch /tmp/racing
	in_ns s bash -c 'while [ -e /tmp/racing ]; do brokertool -j client show; done' >/dev/null 2>&1 &
	racers+=($!)
	in_ns s bash -c 'while [ -e /tmp/racing ]; do
		brokertool client set one endpoint 203.0.113.99
		brokertool client set one endpoint 203.0.113.11
		brokertool client set two disable
		brokertool client set two enable
		brokertool link set broker0 ttl 63
	done' >/dev/null 2>&1 &
	racers+=($!)
	in_ns s bash -c 'while [ -e /tmp/racing ]; do brokertool ndp del eth1; brokertool ndp add eth1; done' >/dev/null 2>&1 &
	racers+=($!)
	B ndp add eth1 2>/dev/null
	for ((i = 0; i < n; i++)); do
		B -batch /tmp/add && B -batch /tmp/del || status=1
	done
	report $status "S21: $n times 300 clients added and deleted under changes, dumps and traffic"
	rm /tmp/racing	# they end by themselves: a child that was left alone would still change things
	wait "${racers[@]}"
	B client set one endpoint 203.0.113.11
	B client set two enable
	check "S21: the pools hold what is held" test "$(B -j pool show | jq '[.[].used] | add')" = 4
	check "S21: traffic flows" reaches h "$(client one client_ipv6)"
}
