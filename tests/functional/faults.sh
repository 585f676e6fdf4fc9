# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Allocations that fail, in a kernel with fault injection; others have nothing
# to test here. The world: lib.sh.

faults_possible()	{ [ -e /proc/self/fail-nth ] && [ -d /sys/kernel/debug/failslab ]; }

# Each line of failing.py is a test, but for comments.
sweep()
{
	while IFS= read -r line; do
		case $line in
		ok*)	report 0 "${line#ok }" ;;
		\#*)	echo "$line" ;;
		*)	report 1 "$line" ;;
		esac
	done < <("$@" 2>&1)
}

test_failing_requests()
{
	faults_possible || { skip "uml uml-smp debian-6.1 debian-6.12" "no fault injection"; return; }
	world onlink
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	# Not by ip netns exec, which hides debugfs.
	sweep nsenter --net=/run/netns/s "$here/failing.py" requests
	check "S22: traffic flows afterwards" reaches c1 2001:db8:beef::2
	check "S22: the uplink answers" reaches h "$(client one client_ipv6)"
}

# Each step of main.c is refused: those that ask for memory are given none, the others find their
# place taken. One cannot be: register_netdevice_notifier() asks for nothing and has no places.
# What a refused step leaves behind is in the way of the next attempt, or is leaked memory.
test_failing_module()
{
	local what

	faults_possible || { skip "uml uml-smp debian-6.1 debian-6.12" "no fault injection"; return; }
	ip -batch - <<-'EOF'
		netns add a
		netns add b
	EOF
	# What it needs stays.
	modprobe sitbroker && wait_for rmmod sitbroker
	sweep "$here/failing.py" module "$(modinfo -n sitbroker)"
	for what in first last link family; do
		check "S22: $what is taken" modprobe sitbroker_obstacle at=$what
		refused "S22: module load: $what is taken" 1 "Device or resource busy" modprobe sitbroker
		check "S22: $what: nothing is left" \
			test ! -e /sys/module/sitbroker -a ! -e /sys/kernel/slab/sb_client
		rmmod sitbroker_obstacle
		check "S22: $what: can be loaded afterwards" modprobe sitbroker
		check "S22: $what: and works" brokertool -n a link add broker0 local 203.0.113.1
		# New namespaces and devices tell all who registered for them.
		check "S22: $what: so do namespaces" eval 'ip netns add c && ip -n c link add type veth && ip netns del c'
		check "S22: $what: and removed" eval 'ip -n a link del broker0 && wait_for rmmod sitbroker'
	done
}

# refuse NS PLACE COMMAND… : of the module, while a command runs in NS
refuse()
{
	sweep "$here/failing.py" at "$2" -- timeout 20 nsenter --net="/run/netns/$1" "${@:3}"
}

# While somebody hears what arrives on a device, it is shared: the buffer is copied by who needs more
# of it in one piece. heard DEVICE COMMAND…
heard()
{
	local hearer

	: >/tmp/hears
	nsenter --net=/run/netns/s "$here/pieces.py" hear "$1" >/tmp/hears &
	hearer=$!
	wait_for grep -q hears /tmp/hears
	"${@:2}"
	kill $hearer
	wait $hearer 2>/dev/null
}

# What packets and workers ask for, each alone.
test_failing_places()
{
	local one two before error

	faults_possible || { skip "uml uml-smp debian-6.1 debian-6.12" "no fault injection"; return; }
	rm -f /run/failing-places
	world onlink
	two_clients
	one=$(client one client_ipv6)
	two=$(client two client_ipv6)
	check "before" reaches c1 2001:db8:beef::2
	before=$(uplink failed)
	# A question with an option becomes its answer and needs no memory.
	sweep "$here/failing.py" at ndp.c:alloc_skb -- \
		timeout 5 nsenter --net=/run/netns/r "$here/ndp.py" lan "$one" opt=
	check "S22: it is counted" test "$(uplink failed)" -gt "$before"
	sweep "$here/failing.py" at fault.c:kzalloc -- nsenter --net=/run/netns/c2 \
		"$here/inject.py" 6in4 203.0.113.12 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	check "S22: the link has counted the drop" test "$(link_drops rx-wrong-source)" -gt 0
	sweep "$here/failing.py" at group.c:kmalloc_array -- \
		brokertool -n s -q client add three endpoint 203.0.113.13
	check "S22: groups for which there was no memory are joined later" \
		wait_for eval '[ "$(uplink groups)" = 6 ]'
	sweep "$here/failing.py" at group.c:ipv6_dev_mc_inc -- \
		brokertool -n s -q client add four endpoint 203.0.113.14
	check "S22: so are those that could not be joined" wait_for eval '[ "$(uplink groups)" = 8 ]'
	check "S22: all of them" test "$(ip -n s -6 maddr show dev eth1 |
		grep -cE 'ff02::1:ff00:[0-7]( |$)')" = 8
	sweep "$here/failing.py" at nud.c:alloc_skb -- timeout 5 nsenter --net=/run/netns/c1 \
		"$here/nud.py" 203.0.113.11 203.0.113.1 fe80::5 "$(client one server_ipv6)" "$one" \
		"$(client one server_ipv6)"
	check "S22: the client is charged for the answer" test "$(drops one rx-no-memory)" -gt 0
	error=("$here/inject.py" icmp4 203.0.113.66 203.0.113.1 3 1 0 203.0.113.1 203.0.113.11
	       2001:db8:beef::2 "$one")
	before=$(icmp6 h Icmp6InDestUnreachs)
	sweep "$here/failing.py" at icmp.c:skb_clone -- nsenter --net=/run/netns/x "${error[@]}"
	in_ns x "${error[@]}"
	check "S22: an error that cannot be relayed is told to nobody, the next one is" \
		wait_for eval '[ "$(icmp6 h Icmp6InDestUnreachs)" = '$((before + 1))' ]'
	check "S22: both are remembered" test "$(client one error.count)" = 2
	failing_refusals
	failing_hits
	failing_transmission
	failing_pieces
	check "S22: traffic flows afterwards" reaches c1 2001:db8:beef::2
	check "S22: the uplink answers" reaches h "$two"
	sweep "$here/failing.py" excused
}

# A refusal, of which nobody can say why.
failing_refusals()
{
	sweep "$here/failing.py" at extack.c:kmalloc -- \
		sh -c 'brokertool -n s client add one 2>/tmp/said'
	check "S22: it is refused nevertheless, and says so" grep -q "no memory to say why" /tmp/said
	refused "S22: the next one is told why" 2 'client "one" exists' brokertool -n s client add one
}

# A list keeps its hits when it is loaded anew, if there is memory for that.
failing_hits()
{
	local generation

	echo "label:203.0.113.66-203.0.113.66" >/tmp/list.p2p
	B -q filter load listed /tmp/list.p2p action count
	B filter attach listed dev eth0 in
	check "S22: a label has hits" eval 'in_ns x ping -q -n -c 1 -W 10 203.0.113.1 &&
		[ "$(B -j filter show listed top 1 | jq ".[0].top[0].hits")" -gt 0 ]'
	generation=$(B -j filter show listed | jq '.[0].generation')
	sweep "$here/failing.py" at filter.c:kvcalloc -- \
		brokertool -n s -q filter load listed /tmp/list.p2p action count
	check "S22: the list is loaded nevertheless" \
		test "$(B -j filter show listed | jq '.[0].generation')" -gt "$generation"
	check "S22: its labels begin anew" \
		test "$(B -j filter show listed top 1 | jq '.[0].top | length')" = 0
	B filter detach listed dev eth0 in
	B filter destroy listed
}

# Room for the outer header, and the route.
failing_transmission()
{
	local mac before

	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	before=$(client one tx_packets)
	refuse r transmit.c:skb_cow_head "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$one"
	check "S22: no room for the outer header" test "$(drops one tx-no-memory)" = 1
	# A new address makes all routes old.
	ip -n s addr add 192.0.2.99/32 dev lo
	refuse r transmit.c:ip_route_output_flow "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$one"
	check "S22: no memory for a route" test "$(drops one tx-no-route)" = 1
	check "S22: neither was sent" test "$(client one tx_packets)" = "$before"
	in_ns r "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$one"
	check "S22: the next one is" wait_for eval '[ "$(client one tx_packets)" = '$((before + 1))' ]'
}

# Headers that are not in the linear part of a buffer; large segments, which their sender keeps, too.
failing_pieces()
{
	local mac0 mac1 gateway before receiver

	mac0=$(ip -n s -j link show eth0 | jq -r '.[0].address')
	mac1=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	gateway=$(client one server_ipv6)
	ip -n net link set s mtu 9000
	ip -n s link set eth0 mtu 9000
	ip -n r link set lan mtu 9000
	ip -n s link set eth1 mtu 9000

	before=$(client one rx_packets)
	heard eth0 refuse net outer-hook.c:pskb_may_pull "$here/pieces.py" 6in4 s "$mac0" 20 \
		203.0.113.11 203.0.113.1 "$one" "$gateway"
	check "S22: what cannot be looked at takes the long way in" wait_for eval \
		'[ "$(client one rx_packets)" = '$((before + 1))' ]'
	before=$(client one error.count)
	heard eth0 refuse net icmp.c:pskb_may_pull "$here/pieces.py" icmp4 s "$mac0" 56 \
		203.0.113.66 203.0.113.1 203.0.113.1 203.0.113.11 2001:db8:beef::2 "$one"
	check "S22: an error whose quote cannot be looked at counts" wait_for eval \
		'[ "$(client one error.count)" = '$((before + 1))' ]'
	before=$(uplink malformed)
	refuse r ndp.c:pskb_may_pull "$here/pieces.py" ns lan "$mac1" 40 fe80::a:b:c:d "$one"
	check "S22: a solicitation that cannot be looked at is not answered" \
		test "$(uplink malformed)" = $((before + 1))
	before=$(link_drops tx-not-ipv6)
	tc -n s qdisc add dev eth1 clsact
	tc -n s filter add dev eth1 ingress protocol ipv6 matchall \
		action mirred egress redirect dev broker0
	heard eth1 refuse r transmit.c:pskb_inet_may_pull "$here/pieces.py" ip6 lan "$mac1" 20 \
		2001:db8:beef::2 "$one"
	tc -n s qdisc del dev eth1 clsact
	check "S22: a packet that cannot be looked at goes to nobody" \
		test "$(link_drops tx-not-ipv6)" -gt "$before"

	# TCP waits for what was lost, and sends it again.
	before=$(drops one rx-no-memory)
	head -c 4000 /dev/urandom >/tmp/sent
	in_ns h socat -u TCP6-LISTEN:9,reuseaddr OPEN:/tmp/arrived,creat,trunc &
	receiver=$!
	wait_for eval '[ -n "$(in_ns h ss -Hlnt "sport = :9")" ]'
	refuse c1 receive.c:iptunnel_pull_header socat -u OPEN:/tmp/sent "TCP6:[2001:db8:beef::2]:9"
	wait $receiver
	check "S22: large segments that cannot be taken out are dropped" \
		test "$(drops one rx-no-memory)" -gt "$before"
	check "S22: and sent again" cmp /tmp/sent /tmp/arrived
}

# Whatever memory is refused, packets are dropped and counted, and nothing else happens.
test_failing_packets()
{
	local control=/sys/kernel/debug/failslab section=/sys/module/sitbroker/sections/.text
	local start one two mac

	faults_possible || { skip "uml uml-smp debian-6.1 debian-6.12" "no fault injection"; return; }
	world onlink
	two_clients
	one=$(client one client_ipv6)
	two=$(client two client_ipv6)
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	# The first drop of a client is where its counters are made: not without memory.
	in_ns c2 "$here/inject.py" 6in4 203.0.113.12 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	check "drops of the second client are counted" wait_for eval \
		'[ "$(drops two rx-wrong-source)" = 1 ]'
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
	in_ns r "$here/ndp.py" lan "$one" opt= n=100 then="$two" >/dev/null 2>&1 &
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2 n=100
	in_ns h ping -6 -n -q -i 0.01 -c 100 -W 1 2001:db8:1:0:8000::ffff >/dev/null 2>&1
	# Frames that somebody made have no room for an outer header.
	in_ns r "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$two" n=100
	wait $!
	echo 0 >$control/probability
	echo 0 >$control/require-start
	echo 18446744073709551615 >$control/require-end
	check "S22: advertisements failed" test "$(uplink failed)" -gt 0
	check "S22: packets without room for an outer header are counted" \
		test "$(drops two tx-no-memory)" -gt 0
	check "S22: each of those was sent, or is counted" wait_for eval \
		'[ $(($(client two tx_packets) + $(drops two tx-no-memory) + $(drops two tx-no-route))) -ge 100 ]'
	echo "# $(client_jq two '.tx_packets, .drops' | paste -sd' ')"
	check "S22: traffic flows afterwards" reaches c1 2001:db8:beef::2
	check "S22: both ways" reaches h "$(client one client_ipv6)"
}

text_size()
{
	local file

	file=$(modinfo -n sitbroker)
	printf '%d' "0x$(readelf -SW "$file" | sed -nE 's/.* \.text +PROGBITS +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+).*/\1/p')"
}
