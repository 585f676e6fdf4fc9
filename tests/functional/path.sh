# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The IPv4 path to a client: its MTU, and errors from routers on it. To the
# world of lib.sh comes a client whose modem m has a PPPoE line to its provider:
#
#   s ── net ── x ─────────────────── m ──────────────── f
#               192.0.2.1   192.0.2.2   198.51.100.1     198.51.100.7
#                       MTU 1492              MTU 1500

# shellcheck disable=SC2119 # world has a default
far_world()
{
	world routed
	ip netns add m
	ip netns add f
	ip -n x link add line type veth peer name line netns m
	ip -n m link add lan type veth peer name eth0 netns f
	ip -n x -batch - <<-'EOF'
		link set line mtu 1492 up
		addr add 192.0.2.1/30 dev line
		route add 198.51.100.0/24 via 192.0.2.2
	EOF
	ip -n m -batch - <<-'EOF'
		link set line mtu 1492 up
		link set lan up
		addr add 192.0.2.2/30 dev line
		addr add 198.51.100.1/24 dev lan
		route add default via 192.0.2.1
	EOF
	ip -n f -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		addr add 198.51.100.7/24 dev eth0
		route add default via 198.51.100.1
	EOF
	ip -n s route add 198.51.100.0/24 via 203.0.113.66
	# The routers' ICMP errors are what is looked at here.
	in_ns x sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
	in_ns m sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
	B -q client add far endpoint 198.51.100.7 "$@"
	tunnel f far 198.51.100.7
}

# snmp NS PROTOCOL COUNTER : from /proc/net/snmp
snmp()
{
	in_ns "$1" awk -v protocol="$2:" -v name="$3" '
		$1 == protocol && !n { for (i = 2; i <= NF; i++) if ($i == name) n = i; next }
		$1 == protocol { print $n }' /proc/net/snmp
}

# Two megabytes to the client and back, each counted where it arrives.
stream()
{
	local address

	address=$(client far client_ipv6)
	in_ns f socat -u TCP6-LISTEN:9,reuseaddr OPEN:/tmp/arrived,creat,trunc &
	wait_for eval '[ -n "$(in_ns f ss -Hlnt "sport = :9")" ]'
	head -c 2000000 /dev/urandom >/tmp/sent
	in_ns h timeout 60 socat -u OPEN:/tmp/sent "TCP6:[$address]:9"
	wait $!
	cmp /tmp/sent /tmp/arrived || return 1
	in_ns h socat -u TCP6-LISTEN:9,reuseaddr OPEN:/tmp/arrived,creat,trunc &
	wait_for eval '[ -n "$(in_ns h ss -Hlnt "sport = :9")" ]'
	in_ns f timeout 60 socat -u OPEN:/tmp/sent "TCP6:[2001:db8:beef::2]:9"
	wait $!
	cmp /tmp/sent /tmp/arrived
}

test_static_mtu()
{
	local before

	far_world mtu 1480
	check "S12: a larger MTU than the line's" stream
	check "S12: DF is clear, so routers fragment" test "$(snmp x Ip FragCreates)" -gt 0
	check "S12: and refuse nothing" test "$(snmp x Ip FragFails)" = 0
	B client set far mtu 1472
	before=$(snmp x Ip FragCreates)
	check "S12: TCP through a PPPoE line, static MTU" stream
	# One packet told h of the new MTU.
	check "S12: nothing was fragmented" test "$(snmp x Ip FragCreates)" = "$before"
}

# One of 1480 bytes from h to client one, from a sender that remembers nothing; was it told to send
# less? large passes|told; mac, me are the test's
large()
{
	local told arrived

	told=$(icmp6 h Icmp6InPktTooBigs)
	arrived=$(icmp6 c1 Icmp6InEchos)
	in_ns r "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$me" size=1432
	if [ "$1" = told ]; then
		wait_for eval "[ \"\$(icmp6 h Icmp6InPktTooBigs)\" = $((told + 1)) ]" && return
		echo "Packet Too Big was not sent"
		return 1
	fi
	wait_for eval "[ \"\$(icmp6 c1 Icmp6InEchos)\" = $((arrived + 1)) ]" || return 1
	[ "$(icmp6 h Icmp6InPktTooBigs)" = "$told" ]
}

# More is in force with the next packet: the server remembers nothing of less.
test_raised_mtu()
{
	local mac me

	world routed
	two_clients
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	me=$(client one client_ipv6)
	check "S12: 1480 bytes pass" large passes
	B client set one mtu 1280
	check "S12: a client of 1280: Packet Too Big" large told
	B client set one mtu 1480
	check "S12: raised to 1480: they pass" large passes
	B client set one mtu auto
	B link set broker0 mtu 1280
	check "S12: a link of 1280: Packet Too Big" large told
	B link set broker0 mtu 1480
	check "S12: raised to 1480: they pass" large passes
	ip -n s link set eth0 mtu 1300
	check "S12: a device that carries 1280: Packet Too Big" large told
	ip -n s link set eth0 mtu 1500
	check "S12: raised to 1500: they pass" large passes
}

test_path_mtu_discovery()
{
	far_world pmtudisc on
	check "before, nothing is known of the line" test "$(client far mtu)" = 1480
	check "S12: TCP through a PPPoE line, path MTU discovery" stream
	check "S12: nothing was fragmented" test "$(snmp x Ip FragCreates)" = 0
	check "S12: the router said how much it carries" test "$(snmp x Ip FragFails)" -gt 0
	check "S12: and was heard" test "$(client far mtu)" = 1472
	check "the error is shown" test "$(client_jq far '.error | [.what, .from, .type, .code]')" = \
		'["fragmentation needed","203.0.113.66",3,4]'
	check "it is shown to people, too" grep -q "ICMP Error: *fragmentation needed from 203.0.113.66" \
		<<<"$(B client show far)"
	check "-N: by its numbers" grep -q "ICMP Error: *type 3 code 4 from 203.0.113.66" \
		<<<"$(B -N client show far)"
	check "S12: a full packet is told at once" eval \
		'in_ns h ping -6 -n -c 1 -W 5 -M "do" -s 1432 "$(client far client_ipv6)" 2>&1 |
		 grep -qE "mtu ?[=:]? ?1472"'
	check "an MTU asked for is an upper bound" B client set far mtu 1400
	check "is what counts" test "$(client far mtu)" = 1400
	B client set far mtu auto
	check "of the line's otherwise" test "$(client far mtu)" = 1472
	# What cannot carry 1280 bytes may fragment.
	ip -n x link set line mtu 1000
	ip -n m link set line mtu 1000
	check "S12: a line below 1300" eval 'stream'
	check "S12: is fragmented for" test "$(snmp s Ip FragCreates)" -gt 0
	check "S12: 1280 is the least" test "$(client far mtu)" = 1280
}

# The router's own word is needed: whoever guesses can say little.
test_forged_errors()
{
	local before

	far_world
	B -q client add quiet endpoint 203.0.113.12
	check "traffic flows" reaches h "$(client far client_ipv6)"
	before=$(icmp6 h Icmp6InErrors)
	# A router in between says 600.
	forge 3 4 600 198.51.100.7 "$(client far client_ipv6)"
	check "S12: DF is clear, so Fragmentation Needed is not believed" \
		test "$(client far mtu)" = 1480
	B client set far pmtudisc on
	in_ns h tcpdump -i eth0 -n -U -w /tmp/too-big 'icmp6 and ip6[40] == 2' 2>/tmp/tcpdump-too-big &
	wait_for grep -qs listening /tmp/tcpdump-too-big
	forge 3 4 600 198.51.100.7 "$(client far client_ipv6)"
	check "S12: an error about a packet without DF counts" wait_for eval '[ "$(client_jq far .error.count)" = 2 ]'
	check "S12: but is not believed: we sent none" test "$(client far mtu)" = 1480
	check "S12: nor relayed" test -z "$(tcpdump -nr /tmp/too-big 2>/dev/null)"
	forge 3 4 600 198.51.100.7 "$(client far client_ipv6)" df=1
	check "S12: with DF never below 1280" wait_for eval '[ "$(client far mtu)" = 1280 ]'
	check "S12: who sent the packet is told 1280" \
		wait_for eval 'tcpdump -nr /tmp/too-big "ip6[44:4] = 1280" 2>/dev/null | grep -q .'
	check "S12: and nothing less" \
		eval '! tcpdump -nr /tmp/too-big "ip6[44:4] != 1280" 2>/dev/null | grep .'
	# Its neighbour behind the same address sends with DF clear.
	B -q client add still endpoint 198.51.100.7
	before=$(icmp6 h Icmp6InPktTooBigs)
	forge 3 4 600 198.51.100.7 "$(client still client_ipv6)" df=1
	forge 3 4 600 198.51.100.7 "$(client far client_ipv6)" df=1
	check "S12: nothing is relayed about what was sent with DF clear" wait_for eval \
		'[ "$(icmp6 h Icmp6InPktTooBigs)" = '$((before + 1))' ]'
	forge 3 1 0 203.0.113.12 "$(client quiet client_ipv6)"
	check "S12: about a client that nothing was sent to, nothing" \
		test "$(client quiet error)" = null
	forge 3 1 0 203.0.113.99 "$(client far client_ipv6)"
	check "S14: an endpoint that nobody has" test "$(client_jq far .error.code)" = 4
	before=$(icmp6 h Icmp6InDestUnreachs)
	# An endpoint that exists, a packet that is not for it.
	forge 3 1 0 198.51.100.7 "$(client quiet client_ipv6)"
	check "S14: the error is the endpoint's" wait_for eval \
		'[ "$(client_jq far .error.what)" = "host unreachable" ]'
	forge 3 1 0 198.51.100.7 "$(client far client_ipv6)" quote=8
	check "S14: 8 bytes quoted count" wait_for eval '[ "$(client_jq far .error.count)" = 7 ]'
	check "S14: neither was relayed" test "$(icmp6 h Icmp6InDestUnreachs)" = "$before"
	forge 3 1 0 198.51.100.7 "$(client far client_ipv6)"
	check "S14: the right one is" \
		wait_for eval '[ "$(icmp6 h Icmp6InDestUnreachs)" = '$((before + 1))' ]'
	check "traffic still flows" reaches h "$(client far client_ipv6)"
}

# An error about an echo reply: whoever asks in the client's name has one sent. IPv4 believes it, for
# all that this host sends there.
test_forged_echo()
{
	local me before

	far_world
	me=$(client far client_ipv6)
	check "traffic flows" reaches h "$me"
	before=$(icmp6 h Icmp6InPktTooBigs)
	forge 3 4 600 198.51.100.7 "$me" echo=1
	check "IPv4 believes it" wait_for eval 'ip -n s route get 198.51.100.7 | grep -q "mtu 600"'
	check "S12: a static MTU stays" test "$(client far mtu)" = 1480
	# As large as the line carries back, since the client's own tunnel sets DF.
	check "S12: large packets pass" reaches h "$me" -M "do" -s 1424
	check "S12: nobody is told anything else" test "$(icmp6 h Icmp6InPktTooBigs)" = "$before"
	check "S14: it is no error of the client's" test "$(client far error)" = null
	# What this host is told of the path is what path MTU discovery is.
	B client set far pmtudisc on
	check "S12: with path MTU discovery it counts, but never below 1280" \
		test "$(client far mtu)" = 1280
	check "S12: which pass" reaches h "$me" -M "do" -s 1232
	in_ns s sysctl -qw net.ipv4.route.mtu_expires=1
	forge 3 4 590 198.51.100.7 "$me" echo=1
	check "S12: and not for ever" wait_for eval '[ "$(client far mtu)" = 1480 ]'
}

# forge TYPE CODE INFO ENDPOINT CLIENT [quote=N] [echo=1] [df=1] : an error about a packet from h
forge()
{
	in_ns x "$here/inject.py" icmp4 203.0.113.66 203.0.113.1 "$1" "$2" "$3" 203.0.113.1 "$4" \
		2001:db8:beef::2 "${@:5}"
}

# Genuine ones, as routers send them.
test_errors_relayed()
{
	local out

	far_world
	check "traffic flows" reaches h "$(client far client_ipv6)"
	ip -n x route replace unreachable 198.51.100.0/24
	out=$(in_ns h ping -6 -n -c 3 -i 0.3 -W 5 "$(client far client_ipv6)")
	check "S14: a network that cannot be reached: address unreachable, from the client's gateway" \
		grep -q "From $(client far server_ipv6) .*Address unreachable" <<<"$out"
	check "the client shows it" test "$(client_jq far '.error.from')" = 203.0.113.66
	check "the other counters stand still" test "$(client_jq far .drops)" = '{}'
	ip -n x route replace prohibit 198.51.100.0/24
	wait_for eval 'in_ns h ping -6 -n -c 1 -W 1 "$(client far client_ipv6)" >/dev/null
		       [ "$(client far error.what)" = "administratively prohibited" ]'
	report $? "S14: a firewall in between is named"
	# Its own tunnel is not there: protocol unreachable, or nothing.
	ip -n x route replace 198.51.100.0/24 via 192.0.2.2
	ip -n f tunnel del tunnel
	wait_for eval 'in_ns h ping -6 -n -c 1 -W 1 "$(client far client_ipv6)" >/dev/null
		       [[ "$(client far error.what)" = "protocol 41"* ]]'
	report $? "a client without a tunnel is told apart"
}

# few RATE COUNTER NS COMMAND… : while the command runs, NS sees some errors, but no more than
# RATE a second, and as many at once
few()
{
	local rate=$1 before began=$SECONDS seen

	before=$(icmp6 "$3" "$2")
	"${@:4}"
	seen=$(($(icmp6 "$3" "$2") - before))
	echo "$seen errors in $((SECONDS - began)) s"
	[ "$seen" -ge 1 ] && [ "$seen" -le $((rate * (SECONDS - began + 2))) ]
}

# flood ADDRESS COUNTER [size=N] : 3000 packets from h, none of which arrives; mac is the test's
flood()
{
	in_ns r "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$1" n=3000 "${@:3}"
	wait_for eval "[ \"\$($2)\" = 3000 ]"
}

# 3000 packets of client one, which the server is the last to see; me is the test's
expire()
{
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 hlim=1 n=3000
	wait_for eval '[ "$(drops one rx-hop-limit)" = 3000 ]'
}

# A flood of packets that go nowhere makes few errors, and Packet Too Big comes through.
test_error_budget()
{
	local mac me two before

	world routed
	two_clients
	me=$(client one client_ipv6)
	two=$(client two client_ipv6)
	B -q client add off endpoint 203.0.113.12 disable
	# The kernel's own limits are not what is looked at here.
	in_ns s sysctl -qw net.ipv6.icmp.ratelimit=0 net.ipv6.icmp.ratemask=""
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	check "S13: 3000 packets to a disabled client make few errors" \
		few 50 Icmp6InDestUnreachs h flood "$(client off client_ipv6)" "drops off tx-disabled"
	check "another client's errors do not suffer" eval \
		'in_ns h ping -6 -n -c 1 -W 5 2001:db8:100::ffff | grep -q "Address unreachable"'
	before=$(link_drops tx-unassigned)
	check "S13: 3000 packets to nobody make few errors" \
		few 200 Icmp6InDestUnreachs h flood 2001:db8:100::7777 \
		"echo \$((\$(link_drops tx-unassigned) - $before))"
	check "S9: 3000 packets whose hop limit ends make few errors" \
		few 50 Icmp6InTimeExcds c1 expire

	# A flood of client one takes its budget, and at once another one sends it a packet that is
	# too large; often enough that no pause in between makes up for all of them.
	B client set one mtu 1280
	before=$(icmp6 c2 Icmp6InPktTooBigs)
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 hlim=1 n=60 \
		then="203.0.113.12,$two,$me,1392" rounds=20
	check "20 packets were too large" wait_for eval '[ "$(drops one tx-too-big)" = 20 ]'
	check "S12: Packet Too Big does not share the errors' budget" wait_for eval \
		'[ "$(icmp6 c2 Icmp6InPktTooBigs)" = '$((before + 20))' ]'
	B client set two mtu 1280
	check "S12: it has one of its own: 3000 large packets make few of it" \
		few 200 Icmp6InPktTooBigs h flood "$two" "drops two tx-too-big" size=1392
}

# Large segments stay large, on both sides and both ways, as sit keeps them: inside, and where they
# leave for the client and come from it.
test_segments()
{
	local way pids

	world routed
	two_clients
	for way in h:c1 c1:h; do
		rm -f /tmp/tcpdump-inner /tmp/tcpdump-outer
		in_ns s tcpdump -i broker0 -n -c 2000 -w /tmp/inner tcp 2>/tmp/tcpdump-inner &
		pids=$!
		in_ns s tcpdump -i eth0 -n -c 2000 -w /tmp/outer 'ip proto 41' 2>/tmp/tcpdump-outer &
		pids+=" $!"
		wait_for grep -qs listening /tmp/tcpdump-inner
		wait_for grep -qs listening /tmp/tcpdump-outer
		segment_stream "${way%:*}" "${way#*:}"
		report $? "S23: a stream ${way/:/ to }"
		pkill -INT -x tcpdump
		# shellcheck disable=SC2086 # two words
		wait $pids 2>/dev/null
		check "in segments that are larger than the MTU" test "$(tcpdump -nr /tmp/inner \
			'ip6[4:2] > 3000' 2>/dev/null | wc -l)" -gt 10
		check "S23: in outer packets that are, $way" test "$(tcpdump -nr /tmp/outer \
			'ip[2:2] > 3000' 2>/dev/null | wc -l)" -gt 10
	done
}

# watch NS DEVICE FILTER FILE : what comes by is written to /tmp/FILE; pids is the test's
watch()
{
	rm -f "/tmp/tcpdump-$4"
	in_ns "$1" tcpdump -i "$2" -n -s 96 --immediate-mode -w "/tmp/$4" "$3" 2>"/tmp/tcpdump-$4" &
	pids+=" $!"
	wait_for grep -qs listening "/tmp/tcpdump-$4"
}

# large_in FILE : how many of them no wire would carry
large_in()	{ tcpdump -nr "/tmp/$1" 'greater 3000' 2>/dev/null | wc -l; }

# mean_of FILE : size of those that carry data
mean_of()
{
	python3 -c '
import struct, sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
at, sizes = 24, []
while at + 16 <= len(data):
    kept, size = struct.unpack_from("8xII", data, at)
    at += 16 + kept
    if size > 1000:
        sizes.append(size)
print(sum(sizes) // max(1, len(sizes)))' "/tmp/$1"
}

# gro_stream DEVICE FROM TO [ADDRESS] : a stream through a tunnel of the server's, watched where it
# comes in, inside the server, and where it goes out; what comes in is the wire's: small
gro_stream()
{
	local pids='' status=0

	watch s eth0 'ip proto 41' outer
	watch s "$1" tcp inner
	watch s eth1 'ip6 proto 6' plain
	watch net s 'ip proto 41' wire-net
	watch r lan 'ip6 proto 6' wire-lan
	segment_stream "$2" "$3" "${@:4}" || status=1
	pkill -INT -x tcpdump
	# shellcheck disable=SC2086 # words
	wait $pids 2>/dev/null
	return $status
}

# What comes in one by one, as from a wire, is put together where it arrives (GRO), and stays so
# through the tunnel, both ways, as with sit.
test_gro()
{
	local where way wire ours sits

	world routed
	two_clients
	ip -n s -batch - <<-'EOF'
		tunnel add other mode sit remote 203.0.113.66 local 203.0.113.1 ttl 64
		link set other up
		addr add 2001:db8:77::1/64 dev other nodad
	EOF
	ip -n x -batch - <<-'EOF'
		tunnel add other mode sit remote 203.0.113.1 local 203.0.113.66 ttl 64
		link set other up
		addr add 2001:db8:77::2/64 dev other nodad
		route add ::/0 dev other
	EOF
	ip -n r route add 2001:db8:77::/64 via 2001:db8:1::1
	# The far ends of the server's devices send only what fits a wire.
	in_ns net ethtool -K s tso off >/dev/null
	in_ns r ethtool -K lan tso off >/dev/null
	check "without GRO a stream passes, too" gro_stream broker0 c1 h
	check "in small packets" test "$(large_in outer)/$(large_in inner)/$(large_in plain)" = 0/0/0
	in_ns s ethtool -K eth0 gro on >/dev/null
	in_ns s ethtool -K eth1 gro on >/dev/null
	for way in c1:h h:c1; do
		check "a stream ${way/:/ to }" gro_stream broker0 "${way%:*}" "${way#*:}"
		wire='wire-net'
		[ $way = c1:h ] || wire='wire-lan'
		check "is small on the wire" test "$(large_in $wire)" = 0
		ours=$(mean_of inner)
		for where in outer inner plain; do
			check "$way: large in the server: $where" test "$(large_in $where)" -gt 10
		done
		check "sit beside it" eval \
			'way=${way/c1/x}; gro_stream other "${way%:*}" "${way#*:}" 2001:db8:77::2'
		sits=$(mean_of inner)
		check "$way: as with sit: $ours bytes, $sits with that" \
			test "$ours" -gt 3000 -a "$sits" -gt 3000
	done
}

segment_stream()	# FROM TO [ADDRESS]
{
	local to=2001:db8:beef::2

	[ "$2" = h ] || to=${3-$(client one client_ipv6)}
	in_ns "$2" timeout 60 socat -u TCP6-LISTEN:9,reuseaddr OPEN:/tmp/arrived,creat,trunc &
	wait_for eval '[ -n "$(in_ns '"$2"' ss -Hlnt "sport = :9")" ]'
	head -c 4000000 /dev/urandom >/tmp/sent
	in_ns "$1" timeout 60 socat -u OPEN:/tmp/sent "TCP6:[$to]:9"
	wait $!
	cmp /tmp/sent /tmp/arrived
}
