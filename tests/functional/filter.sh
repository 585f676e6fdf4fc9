# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Filter lists: scopes, actions, order, loads. The world: lib.sh.

# load LIST ACTION RANGE… : as a CIDR list, or FIRST-LAST
load()
{
	local list=$1 action=$2
	shift 2
	printf '%s\n' "$@" | B -q filter load "$list" - action "$action"
}

# lists LIST JQ : a value of a list
lists()	{ B -j filter show "$1" | jq -r ".[0] | $2"; }
hits()	{ lists "$1" .hits; }

# pinged NS NAME : how many echo requests have arrived
pinged()	{ icmp6 "$1" Icmp6InEchos; }

# silent NS ADDRESS : no answer, not even an error
silent()
{
	local output

	output=$(in_ns "$1" ping -n -q -c 1 -W 1 "${@:3}" "$2" 2>&1) && return 1
	[[ $output != *errors* ]]
}

# prohibited NS ADDRESS : the answer is an error of that kind
prohibited()
{
	in_ns "$1" ping -n -c 1 -W 5 "${@:3}" "$2" 2>&1 |
		grep -qiE "administratively prohibited|Packet filtered|prohibited"
}

# lines COMMAND… : each line of it is a test
lines()
{
	local line

	while IFS= read -r line; do
		case $line in
		ok*)	report 0 "${line#ok }" ;;
		*)	report 1 "$line" ;;
		esac
	done < <("$@" 2>&1)
}

# answers NS ADDRESS : of either family
answers()
{
	in_ns "$1" ping -n -q -c 1 -W 10 "$2"
}

# counted LIST : its hits, without jq
counted()	{ value hits "$(B -j filter show "$1")"; }

# acts FROM TO PLACE… : what each action does there to what FROM sends to TO
acts()
{
	local from=$1 to=$2 before
	shift 2

	before=$(counted seen)
	check "$*: attached" B filter attach seen "$@"
	check "$*: count: it passes" answers "$from" "$to"
	check "$*: and is counted" test "$(counted seen)" -gt "$before"
	before=$(counted gone)
	B filter attach gone "$@"
	check "$*: drop: it is gone" silent "$from" "$to"
	check "$*: counted once" test "$(counted gone)" = $((before + 1))
	B filter attach fine "$@"
	check "$*: allow: it passes" answers "$from" "$to"
	printf 'filter detach %s\n' "gone $*" "fine $*" | B -batch -
	if [ "$1" = outer ]; then
		refused "$*: reject: not there" 2 "strangers get no answer" \
			brokertool -n s filter attach told "$@"
	else
		B filter attach told "$@"
		check "$*: reject: the sender is told" prohibited "$from" "$to"
		B filter detach told "$@"
	fi
	B filter detach seen "$@"
}

# Each scope with each action, in few steps: what is tested with every kernel.
test_scopes_and_actions()
{
	local one

	world routed
	two_clients
	one=$(client one client_ipv6)
	printf '2001:db8:beef::2\n203.0.113.11\n' >/tmp/both
	B -q -batch - <<-'EOF'
		filter load seen /tmp/both action count
		filter load gone /tmp/both action drop
		filter load fine /tmp/both action allow
		filter load told /tmp/both action reject
	EOF
	acts c1 2001:db8:beef::2 outer
	acts c1 2001:db8:beef::2 inner dev broker0
	acts h "$one" dev eth1 in
	acts c1 2001:db8:beef::2 dev eth1 out
	acts c1 203.0.113.1 dev eth0 in
	acts s 203.0.113.11 dev eth0 out
	check "nothing is attached any more" answers c1 2001:db8:beef::2
	check "an allow list counts what it lets pass" test "$(counted fine)" -ge 6
}

test_outer()
{
	local one before

	world routed
	two_clients
	one=$(client one client_ipv6)
	check "traffic flows" reaches c1 2001:db8:beef::2
	load strangers drop 203.0.113.11 203.0.113.66
	check "a list that is not attached changes nothing" reaches c1 2001:db8:beef::2
	check "attached" B filter attach strangers outer
	before=$(pinged h)
	check "an endpoint that it holds is not heard" silent c1 2001:db8:beef::2
	check "nothing arrived" test "$(pinged h)" = "$before"
	check "charged to the client" test "$(drops one rx-filter-outer)" -ge 1
	check "and to the link" test "$(link_drops rx-filter-outer)" -ge 1
	check "nor spoken to" silent h "$one"
	check "counted" test "$(drops one tx-filter-outer)" -ge 1
	check "another client is" reaches c2 2001:db8:beef::2
	check "and spoken to" reaches h "$(client two client_ipv6)"
	before=$(link_drops rx-filter-outer)
	in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 "$one" 2001:db8:beef::2
	in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 2001:4860::1 2001:db8:beef::2
	check "a stranger on it is counted as such" wait_for \
		test "$(link_drops rx-filter-outer)" = $((before + 2))
	check "not as a stranger" test "$(link_drops rx-stranger)" = 0
	check "the list has counted" test "$(hits strangers)" -ge 4
	refused "it cannot reject there" 2 "strangers get no answer" brokertool -n s filter load \
		strangers - action reject <<<"203.0.113.11"
	check "and is what it was" silent c1 2001:db8:beef::2
	load loud reject 203.0.113.12
	refused "a list that rejects cannot be attached" 2 "strangers get no answer" \
		brokertool -n s filter attach loud outer
	load strangers count 203.0.113.11
	check "one that counts lets it pass" reaches c1 2001:db8:beef::2
	before=$(hits strangers)
	check "both ways" reaches h "$one"
	check "and counts" test "$(hits strangers)" = $((before + 2))
	load strangers drop 0.0.0.0-255.255.255.255
	check "all of IPv4" silent c2 2001:db8:beef::2
	check "test says so" eval '! B filter test 203.0.113.12 >/dev/null'
	check "but not of IPv6 addresses, which nobody looks at there" \
		B filter test 2002:cb00:710c::1
	load friends allow 203.0.113.12
	check "attached behind" B filter attach friends outer
	check "an allow list wins" reaches c2 2001:db8:beef::2
	check "for whom it holds only" silent c1 2001:db8:beef::2
	check "detached" B filter detach strangers outer
	check "traffic flows again" reaches c1 2001:db8:beef::2
	load friends allow 10.9.9.9
	load strangers drop 203.0.113.11
	check "attached behind one that is far from all" B filter attach strangers outer
	check "a list behind another one is asked as well" silent c1 2001:db8:beef::2
}

test_inner()
{
	local one before gateway

	world routed
	two_clients
	ip -n h addr add 2001:db8:beef::3/64 dev eth0 nodad
	one=$(client one client_ipv6)
	gateway=$(client one server_ipv6)
	load far drop 2001:db8:beef::2-2001:db8:beef::2
	check "attached" B filter attach far inner dev broker0
	before=$(pinged h)
	check "drop: a client does not reach it" silent c1 2001:db8:beef::2
	check "nothing arrived" test "$(pinged h)" = "$before"
	check "charged to the client" test "$(drops one rx-filter-inner)" = 1
	check "the address beside it is reached" reaches c1 2001:db8:beef::3
	check "nor does it reach a client" silent h "$one" -I 2001:db8:beef::2
	check "counted, too" test "$(drops one tx-filter-inner)" = 1
	check "from beside it, it does" reaches h "$one" -I 2001:db8:beef::3
	check "the list has counted" test "$(hits far)" = 2

	load far reject 2001:db8:beef::2-2001:db8:beef::2
	check "reject: a client is told" prohibited c1 2001:db8:beef::2
	check "by its own gateway" eval "in_ns c1 ping -6 -n -c 1 -W 5 2001:db8:beef::2 |
		grep -qi '^From $gateway '"
	check "and so is who asks it" prohibited h "$one" -I 2001:db8:beef::2

	load far count 2001:db8:beef::2-2001:db8:beef::2
	before=$(hits far)
	check "count: it passes" reaches c1 2001:db8:beef::2
	check "and is counted both ways" test "$(hits far)" = $((before + 2))

	load far drop ::/0
	check "all of IPv6" silent c1 2001:db8:beef::3
	check "a client can opt out" B client set one filter off
	check "and reaches all" reaches c1 2001:db8:beef::2
	check "is shown so" test "$(client one filter)" = false
	check "others do not" silent c2 2001:db8:beef::2
	check "and back in" B client set one filter on
	check "it is filtered again" silent c1 2001:db8:beef::2

	load fine allow 2001:db8:beef::3
	check "attached behind it" B filter attach fine inner
	check "an allow list wins" reaches c1 2001:db8:beef::3
	check "for what it holds only" silent c1 2001:db8:beef::2
	check "the other way round" eval 'B filter detach far inner && B filter attach far inner'
	check "it wins, too" reaches c1 2001:db8:beef::3
	check "for what it holds only" silent c1 2001:db8:beef::2
	load sees count ::/0
	check "a list that counts" B filter attach sees inner
	before=$(hits sees)
	check "sees what others drop" silent c1 2001:db8:beef::2
	check "and counts it" test "$(hits sees)" = $((before + 1))

	B filter detach far inner
	load first reject 2001:db8:beef::2
	load second drop 2001:db8:beef::2
	B filter attach first inner
	B filter attach second inner
	check "of lists that block, the first attached decides" prohibited c1 2001:db8:beef::2
	B filter detach first inner
	B filter attach first inner
	check "and no other" silent c1 2001:db8:beef::2

	B filter detach fine inner
	B filter detach sees inner
	B filter detach first inner
	B filter detach second inner
	load fine allow 2001:470::1
	B filter attach fine inner
	check "behind a list that is far from it" B filter attach second inner
	check "another one is asked as well" silent c1 2001:db8:beef::2
}

# IPv4 addresses inside of IPv6 ones.
test_inside()
{
	local address before n=0

	world routed
	two_clients
	load four drop 198.51.100.0/24
	B filter attach four inner
	for address in ::ffff:198.51.100.7 2002:c633:6407::1 64:ff9b::198.51.100.7 \
		       2001:0:cb00:7101::39cc:9bf8; do
		n=$((n + 1))
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 \
			"$(client one client_ipv6)" $address
		check "dropped: $address" wait_for eval "test \$(drops one rx-filter-inner) = $n"
		check "test says so" eval "! B filter test $address >/dev/null"
	done
	check "but not of the IPv4 address, which nobody sees there" B filter test 198.51.100.7
	before=$(client one rx_packets)
	for address in 2002:c633:6507::1 64:ff9b::198.51.101.7 2001:db8::c633:6407 \
		       2001:0:c633:6407::39cc:9aff; do
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 \
			"$(client one client_ipv6)" $address
		check "test: not inside: $address" B filter test $address
	done
	check "those were heard before this one" wait_for eval \
		'[ "$(client one rx_packets)" = '$((before + 4))' ]'
	check "no other was dropped" test "$(drops one rx-filter-inner)" = $n
}

test_dev()
{
	local one before

	world routed
	two_clients
	one=$(client one client_ipv6)
	load six drop 2001:db8:beef::/64
	check "attached to what arrives on the uplink" B filter attach six dev eth1 in
	check "h is not heard" silent h "$one"
	check "nor for the server itself" silent h 2001:db8:1::1
	check "others on that device are" reaches r 2001:db8:1::1
	before=$(pinged h)
	check "what leaves is not looked at" silent c1 2001:db8:beef::2
	check "it arrived" test "$(pinged h)" = $((before + 1))
	B filter detach six dev eth1 in
	check "attached to what leaves" B filter attach six dev eth1 out
	before=$(pinged h)
	check "clients do not reach h" silent c1 2001:db8:beef::2
	check "nor does the server" silent s 2001:db8:beef::2
	check "nothing arrived" test "$(pinged h)" = "$before"
	load six reject 2001:db8:beef::/64
	check "reject: a client is told" prohibited c1 2001:db8:beef::2
	check "a program of the server's, too" eval 'in_ns s timeout 5 bash -c \
		"exec 3<>/dev/tcp/2001:db8:beef::2/9" 2>&1 | grep -q "Permission denied"'
	B filter detach six dev eth1 out
	B filter attach six dev eth1 in
	check "reject: h is told" prohibited h "$one"
	check "also about the server" prohibited h 2001:db8:1::1
	load six drop 2001:db8:beef::/64
	load fine allow 2001:db8:beef::2
	B filter attach fine dev eth1 in
	check "an allow list wins" reaches h "$one"
	B filter detach fine dev eth1 in
	check "it did" silent h "$one"
	load six count 2001:db8:beef::/64
	before=$(hits six)
	check "count: it passes" reaches h "$one"
	check "and is counted" test "$(hits six)" = $((before + 1))
	B filter detach six dev eth1 in
	check "all flows again" reaches h "$one"

	load four drop 198.51.100.0/24
	B filter attach four dev eth1 in
	before=$(client one tx_packets)
	in_ns r "$here/inject.py" ip6 lan "$(ip -n s -j link show eth1 | jq -r '.[0].address')" \
		64:ff9b::198.51.100.7 "$one"
	check "an IPv4 address inside of an IPv6 one is found" wait_for eval '[ "$(hits four)" = 1 ]'
	check "and dropped" test "$(client one tx_packets)" = "$before"
	B filter detach four dev eth1 in
	load four drop 203.0.113.66
	check "IPv4: attached" B filter attach four dev eth0 in
	check "x is not heard" silent x 203.0.113.1
	check "c1 is" in_ns c1 ping -n -q -c 1 -W 10 203.0.113.1
	load four reject 203.0.113.66
	check "reject: x is told" prohibited x 203.0.113.1
	B filter detach four dev eth0 in
	B filter attach four dev eth0 out
	check "out: the server is told" prohibited s 203.0.113.66
	load four count 203.0.113.66
	before=$(hits four)
	check "count: it passes" in_ns s ping -n -q -c 1 -W 10 203.0.113.66
	check "and is counted" test "$(hits four)" = $((before + 1))
	load four drop 0.0.0.0-255.255.255.255 ::/0
	check "everything of both families" silent s 203.0.113.66
	check "is not what other devices have" reaches r 2001:db8:1::1
	refused "it is attached" 2 "is attached to 1 places" brokertool -n s filter destroy four
	refused "twice" 2 "already" brokertool -n s filter attach four dev eth0 out
}

# What the port of a bridge receives is the bridge's: a list there would hold nothing off.
test_dev_port()
{
	world routed
	two_clients
	load four drop 203.0.113.66
	in_ns s ip link add brx type bridge
	in_ns s ip link add port1 master brx type dummy
	refused "a port of a bridge takes no lists" 2 \
		'port1 is a port of brx, which takes all that it receives; attach list "four" to brx instead' \
		brokertool -n s filter attach four dev port1 in
	refused "nor for what leaves" 2 "is a port of brx" brokertool -n s filter attach four dev port1 out
	check "the bridge does" B filter attach four dev brx in
	B filter attach four dev eth0 in
	refused "a device with lists becomes no port" 2 \
		"filter lists are attached to eth0, and as a port of brx it would receive nothing; detach them, and attach them to brx afterwards" \
		ip -n s link set eth0 master brx
	check "so x is still not heard" silent x 203.0.113.1
	modprobe vrf 2>/dev/null
	in_ns s ip link add vrfx type vrf table 77
	in_ns s ip link add port2 type dummy
	B filter attach four dev port2 in
	check "but one of a VRF" in_ns s ip link set port2 master vrfx
	check "which receives itself" B filter attach four dev port2 out
	B filter detach four dev eth0 in
	in_ns s ip link set vrfx up
	in_ns s ip link set eth0 master vrfx
	load told reject 203.0.113.66
	B filter attach told dev eth0 in
	check "reject: who is in the VRF is told" prohibited x 203.0.113.1
	B filter detach told dev eth0 in
	in_ns s ip link set eth0 nomaster
	check "without lists it becomes one" in_ns s ip link set eth0 master brx
}

# Errors have a limit.
test_dev_budget()
{
	local got

	world routed
	load all reject 203.0.113.66
	B filter attach all dev eth0 in
	in_ns x sysctl -qw net.ipv4.icmp_ratelimit=0
	in_ns s sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 \
		net.ipv4.icmp_msgs_burst=100000 2>/dev/null
	in_ns x ping -n -q -i 0.001 -c 1000 -W 1 203.0.113.1 >/dev/null 2>&1
	got=$(in_ns x awk '/^Icmp:/ && $2 ~ /[0-9]/ { print $5 }' /proc/net/snmp)
	check "some errors were sent" test "$got" -ge 50
	check "not one for each of 1000 packets ($got)" test "$got" -lt 900
}

# swapped_in SECONDS PLACE… : the list moves under traffic, each way attached to one of the places alone.
# What passes there by mistake arrives, whatever becomes of an answer.
swapped_in()
{
	local seconds=$1 place swapped before one two generation pings=()
	shift

	one=$(client one client_ipv6)
	two=$(client two client_ipv6)
	# ::2 is in no list; ::3 and c2's endpoint are always in one.
	load moving drop 203.0.113.12 2001:db8:beef::3
	for place; do
		# shellcheck disable=SC2086 # words
		B filter attach moving $place
	done
	before=("$(pinged h)" "$(pinged c1)" "$(pinged c2)")
	generation=$(lists moving .generation)
	in_ns s "$here/filter.py" swap moving $((seconds + 1)) "${TEST_SWAP_RANGES-3000}" \
		203.0.113.12 2001:db8:beef::3 -- 2001:db8:beef::8/125 3.0.0.0/8 -- \
		2001:db8:beef::5/128 2001:db8:cafe::/48 10.0.0.0/8 >/tmp/swapped 2>&1 &
	swapped=$!
	wait_for eval '[ "$(lists moving .generation)" != "$generation" ]'
	# inner, or out of eth1; outer, or into eth0; inner, or into eth1; outer, or out of eth0
	in_ns c1 ping -6 -n -q -i 0.01 -w "$seconds" 2001:db8:beef::3 >/tmp/blocked1 2>&1 &
	pings+=($!)
	in_ns c2 ping -6 -n -q -i 0.01 -w "$seconds" 2001:db8:beef::2 >/tmp/blocked2 2>&1 &
	pings+=($!)
	in_ns h ping -6 -n -q -i 0.01 -w "$seconds" -I 2001:db8:beef::3 "$one" >/tmp/blocked3 2>&1 &
	pings+=($!)
	in_ns h ping -6 -n -q -i 0.01 -w "$seconds" -I 2001:db8:beef::2 "$two" >/tmp/blocked4 2>&1 &
	pings+=($!)
	in_ns c1 ping -6 -n -q -i 0.005 -w "$seconds" 2001:db8:beef::2 >/tmp/passed 2>&1
	wait $swapped
	check "S20: $*: the list was loaded $(cat /tmp/swapped) times" test "$(cat /tmp/swapped)" -ge 5
	wait "${pings[@]}"
	check "S20: $*: what is in no list always passed" grep -q ' 0% packet loss' /tmp/passed
	check "S20: $*: what is in both was asked for" \
		test "$(grep -lE '^[1-9][0-9]+ packets transmitted, 0 received' /tmp/blocked? | wc -l)" = 4
	check "S20: $*: h saw nothing else" test "$(($(pinged h) - before[0]))" = \
		"$(sed -nE 's/.* ([0-9]+) received.*/\1/p' /tmp/passed)"
	check "S20: $*: nor did c1" test "$(pinged c1)" = "${before[1]}"
	check "S20: $*: nor did c2" test "$(pinged c2)" = "${before[2]}"
	for place; do
		# shellcheck disable=SC2086 # words
		B filter detach moving $place
	done
	check "S20: $*: no memory is left behind" eval 'B filter destroy moving &&
		test "$(B -j filter memory | jq ".[0].bytes_used")" = 0'
}

# A swap at any moment, and no wrong verdict. A place behind another one would never see what is blocked.
test_swap()
{
	local half=$(((${TEST_SWAP_SECONDS-4} + 1) / 2))

	world routed
	two_clients
	ip -n h addr add 2001:db8:beef::3/64 dev eth0 nodad
	in_ns h sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	swapped_in "$half" outer inner
	swapped_in "$half" "dev eth0 in" "dev eth0 out" "dev eth1 in" "dev eth1 out"
}

# A dump is one list from its beginning to its end.
test_save_while_swapping()
{
	local i torn=0 saved

	world routed
	load moving drop 198.51.100.0/24
	in_ns s "$here/filter.py" swap moving "${TEST_SWAP_SECONDS-4}" 12000 203.0.113.12 -- \
		2001:db8:1::/64 -- 2001:db8:2::/64 2001:db8:4::/64 >/tmp/swapped 2>&1 &
	wait_for eval 'test "$(lists moving .ranges4)" -gt 1000'
	for ((i = 0; i < 10; i++)); do
		B filter save moving /tmp/saved || torn=1
		# Its first line says how many there are.
		saved=$(grep -c '^[0-9[]' /tmp/saved)
		[ "$(sed -nE '1s/.*: ([0-9]+) IPv4 and ([0-9]+) IPv6.*/\1 + \2/p' /tmp/saved |
		     bc)" = "$saved" ] || torn=1
	done
	wait $!
	check "swapped meanwhile" test "$(cat /tmp/swapped)" -ge 2
	check "S20: each was whole" test $torn = 0
}

test_refused_load()
{
	local generation before

	world routed
	two_clients
	load far drop 2001:db8:beef::2
	B filter attach far inner
	generation=$(lists far .generation)
	check "it blocks" silent c1 2001:db8:beef::2
	lines in_ns s "$here/filter.py" malformed
	printf 'nonsense\n1.2.3.4\nmore nonsense\n' >/tmp/bad
	check "an unreadable file" eval '! B -q filter load far /tmp/bad 2>/dev/null'
	: >/tmp/empty
	check "an empty file" eval '! B -q filter load far /tmp/empty 2>/dev/null'
	check "S20: the list is what it was" test "$(lists far .generation)" = "$generation"
	check "S20: and blocks" silent c1 2001:db8:beef::2
	lines in_ns s "$here/filter.py" abandoned
	lines in_ns s "$here/filter.py" twice far
	check "what was loaded is in force" reaches c1 2001:db8:beef::2
	load far drop 2001:db8:beef::2
	check "emptied when that is meant" B filter flush far
	check "it is there, and empty" test "$(lists far '.ranges4 + .ranges6')" = 0
	check "and blocks nothing" reaches c1 2001:db8:beef::2
}

test_hits()
{
	local before

	world routed
	two_clients
	printf 'a label: with - both:2001:db8:beef::2-2001:db8:beef::2\nother:10.0.0.0-10.0.0.9\n' |
		B -q filter load named - action count
	B filter attach named inner
	check "three" in_ns c1 ping -6 -n -q -i 0.1 -c 3 -W 5 2001:db8:beef::2
	check "the list has counted both ways" test "$(hits named)" = 6
	check "the label, too" test "$(B -j filter show named top 5 |
		jq -c '.[0].top | map([.label, .hits])')" = '[["a label: with - both",6]]'
	before=$(lists named .generation)
	check "added to" B filter add named 198.51.100.0/24
	check "another generation" test "$(lists named .generation)" -gt "$before"
	check "the list keeps its hits" test "$(hits named)" = 6
	check "so do labels" test "$(B -j filter show named top 5 | jq '.[0].top[0].hits')" = 6
	check "and ranges their labels" eval 'B filter test 2001:db8:beef::2 |
		grep -q "a label: with - both"'
	check "a range taken out" B filter del named 2001:db8:beef::2
	check "is in it no more" test "$(lists named .ranges6)" = 0
	check "it is counted no more" eval 'reaches c1 2001:db8:beef::2 && test "$(hits named)" = 6'
}

test_memory()
{
	local used

	world routed
	load small drop 198.51.100.0/24
	used=$(B -j filter memory | jq '.[0].bytes_used')
	check "some is used" test "$used" -gt 0
	check "a bound" B filter memory max $((used + 20000))
	seq 1 65535 | awk '{ printf "10.%d.%d.5\n", $1 / 256, $1 % 256 }' >/tmp/large
	refused "S19: a list that is too large" 2 "in use; raise that" brokertool -n s -q filter \
		load small /tmp/large
	check "what was there is" test "$(lists small .ranges4)" = 1
	check "nothing else is used" test "$(B -j filter memory | jq '.[0].bytes_used')" = "$used"
	refused "S19: less than is used" 2 "destroy some first" brokertool -n s filter memory max 5
	check "a larger bound" B filter memory max 100000000
	check "it fits" B -q filter load small /tmp/large
	check "it takes what it says" test "$(B -j filter memory | jq '.[0].bytes_used')" = \
		"$(lists small .bytes)"
	check "S19: 65,535 ranges in no more than 9.1 bytes each" test "$(lists small .bytes)" -lt 597000
	check "a list of many names" eval 'for i in {1..1023}; do
		echo "filter load l$i /tmp/one"; done >/tmp/many; echo 1.2.3.4 >/tmp/one
		B -q -batch /tmp/many'
	refused "S19: more lists than there can be" 2 "1024 filter lists" brokertool -n s filter \
		load one-more /tmp/one
	check "all are shown" test "$(B -j filter show | jq length)" = 1024
}

# What a list is attached to goes away.
test_gone()
{
	world routed
	two_clients
	load far drop 2001:db8:beef::2 203.0.113.66
	ip -n s link add dummy0 type dummy
	ip -n s link set dummy0 up
	B filter attach far dev dummy0 in
	B filter attach far dev dummy0 out
	B filter attach far dev broker0 in
	B filter attach far inner
	B filter attach far outer
	check "attached to five places" test "$(lists far '.attached | length')" = 5
	listen /tmp/events
	wait_for eval 'B filter attach far dev eth0 in; B filter detach far dev eth0 in
		       [ -s /tmp/events ]'
	check "S21: a device goes" ip -n s link del dummy0
	check "its places, too" test "$(lists far '.attached | length')" = 3
	check "that is told" wait_for grep -q "^filter.*far" /tmp/events
	ip -n s link add dummy1 type dummy
	B filter attach far dev dummy1 out
	check "a device moves to another namespace" ip -n s link set dummy1 netns c1
	check "S21: its place is gone" test "$(lists far '.attached | length')" = 3
	check "the link goes" B link del broker0
	check "its places, too" test "$(lists far '.attached | length')" = 0
	check "the list can go" B filter destroy far
	check "that is told" wait_for grep -q "^deleted filter" /tmp/events
	check "S21: nothing is used" test "$(B -j filter memory | jq '.[0].bytes_used')" = 0
	check "another link" B link add broker0 local 203.0.113.1
	load far drop 2001:db8:beef::2
	check "takes it" B filter attach far outer
	B filter attach far dev eth0 out
	# end_world takes the namespace away with all of it, and the module out.
}

# Everything goes at once, under traffic, with a load under way.
test_unload_under_traffic()
{
	local i

	for ((i = 0; i < ${TEST_UNLOADS-3}; i++)); do
		world routed
		two_clients
		load far drop 2001:db8:beef::3 203.0.113.66
		B filter attach far inner
		B filter attach far outer
		B filter attach far dev eth0 in
		B filter attach far dev eth1 out
		in_ns c1 ping -6 -n -q -i 0.002 2001:db8:beef::2 >/dev/null 2>&1 &
		in_ns c1 ping -6 -n -q -i 0.002 2001:db8:beef::3 >/dev/null 2>&1 &
		in_ns x ping -n -q -i 0.002 203.0.113.1 >/dev/null 2>&1 &
		# What the one before has said is not waited for.
		rm -f /tmp/held
		in_ns s "$here/filter.py" hold >/tmp/held 2>&1 &
		wait_for grep -q '^begun' /tmp/held
		check "a load is under way" grep -q '^begun (0, None)' /tmp/held
		if ((i % 2)); then
			check "the link goes" B link del broker0
		fi
		end_world
		check "S21: the module is out" test ! -e /sys/module/sitbroker
	done
}

test_filter_rights()
{
	local nobody="unshare -Ur"

	world routed
	load far drop 2001:db8:beef::2
	echo 1.2.3.4 >/tmp/one
	for command in "filter show" "filter save far -" "filter destroy far" "filter flush far" \
		       "filter attach far inner" "filter detach far inner" "filter memory" \
		       "filter memory max 1000" "filter test 10.0.0.1" "filter show far top 3" \
		       "filter load far /tmp/one"; do
		# shellcheck disable=SC2086 # words
		refused "S18: without rights: $command" 2 "needs root (CAP_NET_ADMIN" \
			in_ns s $nobody brokertool -q $command
	done
	check "nothing changed" test "$(lists far '[.ranges6, (.attached | length)] | @csv')" = 1,0
	# In a namespace of one's own, with a bound of one's own.
	check "S18: root of another namespace has its own lists" eval \
		'in_ns s unshare -Urn brokertool -j filter show | jq -e "length == 0"'
}
