# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Several clients: with one endpoint, with each other. The world: lib.sh.

test_one_endpoint()
{
	world routed
	B -q client add one endpoint 203.0.113.11
	B -q client add two endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	# The second pair on the same sit device.
	ip -n c1 addr add "$(client two client_ipv6)/127" dev tunnel
	check "first pair answers" reaches h "$(client one client_ipv6)"
	check "second pair answers" reaches h "$(client two client_ipv6)"
	check "from the first pair" reaches c1 2001:db8:beef::2 -I "$(client one client_ipv6)"
	check "from the second pair" reaches c1 2001:db8:beef::2 -I "$(client two client_ipv6)"
	check "each is counted for itself" \
		test "$(client_jq one '.rx_packets > 0')$(client_jq two '.rx_packets > 0')" = truetrue
}

# charged NAME TIMES : a source that is nobody's, from c1's address: who is charged, how often by now?
charged()
{
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:db8:dead::1 2001:db8:beef::2
	wait_for eval '[ "$(drops '"$1"' rx-wrong-source)" = '"$2"' ]'
}

# The youngest behind an endpoint is charged for what is nobody's, whoever left or came.
test_behind_one_endpoint()
{
	world routed
	B -q -batch - <<-'EOF'
		client add a endpoint 203.0.113.11
		client add b endpoint 203.0.113.11
		client add c endpoint 203.0.113.11
		client add d endpoint 203.0.113.11
	EOF
	check "the last that was added" charged d 1
	B client del b
	check "one in the middle has left: still the last" charged d 2
	B client set c endpoint 203.0.113.12
	check "one in the middle has moved: still the last" charged d 3
	B client del d
	check "the last has left: who is left" charged a 1
	B client set c endpoint 203.0.113.11
	check "one has come back: who came last" charged c 1
	B client set a endpoint none
	check "the first has no endpoint any more: who came last" charged c 2
	B client set a endpoint 203.0.113.11
	check "it has one again: who came last" charged a 2
	B -q -batch - <<-'EOF'
		client del a
		client del c
	EOF
	B -q client add e endpoint 203.0.113.11
	check "all have left: who is new" charged e 1
}

# endpoints [ARGUMENT]... : the IPv4 addresses of clients, in one line
endpoints()
{
	B client endpoints "$@" | paste -sd' '
}

# ids NAME... : of clients of broker0, as JSON
ids()
{
	B -j client show dev broker0 | jq -c --args \
		'[.[] | select(.name as $name | any($ARGS.positional[]; . == $name)).id] | sort' "$@"
}

test_endpoints()
{
	world routed
	check "nobody, nowhere" test "$(endpoints)" = ""
	check "nobody, in JSON" test "$(B -j client endpoints)" = "[]"
	B -q -batch - <<-'EOF'
		client add a endpoint 203.0.113.100
		client add b endpoint 203.0.113.11
		client add c
		client add d endpoint 203.0.113.9 disable
		client add e endpoint 203.0.113.11
		client add f endpoint 198.51.100.200
	EOF
	check "each address once, in order" \
		test "$(endpoints)" = "198.51.100.200 203.0.113.9 203.0.113.11 203.0.113.100"
	check "who is there" test "$(B -j client endpoints | jq -c '.[2]')" = \
		"{\"endpoint\":\"203.0.113.11\",\"link\":\"broker0\",\"ids\":$(ids b e)}"
	B client set a endpoint 203.0.113.12
	B client set b endpoint none
	B client del d
	B client del f
	check "as it is now" test "$(endpoints)" = "203.0.113.11 203.0.113.12"
	check "who is left there" test "$(B -j client endpoints | jq -c '.[0].ids')" = "$(ids e)"

	ip -n s addr add 203.0.113.2/24 dev eth0
	B link add broker1 local 203.0.113.2
	B pool add 2001:db8:300::/64 pair dev broker1
	check "of a link without clients" test "$(endpoints dev broker1)" = ""
	B -q client add a endpoint 203.0.113.12 dev broker1
	B -q client add f endpoint 203.0.113.66 dev broker1
	check "of all links" test "$(endpoints)" = "203.0.113.11 203.0.113.12 203.0.113.66"
	check "of one" test "$(endpoints dev broker1)" = "203.0.113.12 203.0.113.66"
	check "an address on two links" test "$(B -j client endpoints | \
		jq -c '[.[] | select(.endpoint == "203.0.113.12").link]')" = '["broker0","broker1"]'
	refused "of no such link" 2 "no sitbroker link" brokertool -n s client endpoints dev lo
	refused "something else" 1 "one of: dev" brokertool -n s client endpoints all
}

# changing COMMAND... : carried out when the first message of a dump is read: was it told, how many came?
changing()	{ in_ns s "$here/dumps.py" changing endpoints "$@"; }

# More than fit into a message, some without an address, on the second of two links.
test_many_endpoints()
{
	local out

	world routed
	ip -n s addr add 203.0.113.2/24 dev eth0
	B link add broker1 local 203.0.113.2
	B pool add 2001:db8:300::/64 pair dev broker1
	B -q client add one endpoint 203.0.113.11 dev broker0
	python3 -c 'for i in range(10000):
		endpoint = f" endpoint 10.1.{i >> 8}.{i & 255}" if i % 1000 else ""
		print(f"client add c{i}{endpoint} dev broker1")' | B -q -batch -
	B -j client show | jq -r '.[].endpoint // empty' | sort -u >/tmp/shown
	B client endpoints | sort >/tmp/listed
	check "all of them are listed" test "$(wc -l </tmp/listed)" = 9991
	check "and nobody else" cmp /tmp/shown /tmp/listed
	check "each with its id" test "$(B -j client endpoints | jq '[.[].ids[]] | length')" = 9991
	check "nothing changes meanwhile" test "$(changing true)" = "not told 9991"
	# The kernel is a message ahead of who reads: the third one would begin with one of them.
	seq -f "client del c%g dev broker1" 8000 8999 >/tmp/leave
	out=$(changing brokertool -batch /tmp/leave)
	check "some leave between two messages" grep -qx "told 9[0-9]*" <<<"$out"
	check "and are not there the next time" test "$(B client endpoints | wc -l)" = 8992
	out=$(changing brokertool client flush dev broker1)
	check "all leave that are left" grep -qx "told 8[0-9]*" <<<"$out"
}

# Sources that must stay where they are: from c1 to c2, none may arrive.
test_scope()
{
	local before source

	world routed
	two_clients
	before=$(icmp6 c2 Icmp6InEchos)
	for source in fe80::1 fe80::cb00:710b ff02::1 ff0e::5 ::1 :: ::ffff:10.0.0.1; do
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 $source \
			"$(client two client_ipv6)"
	done
	# What is sent last arrives last.
	check "a proper packet arrives" reaches c1 "$(client two client_ipv6)"
	check "S4: nothing else did" test "$(icmp6 c2 Icmp6InEchos)" = $((before + 1))
	check "S4: link-local sources are counted as such, and none" test "$(drops one rx-link-local)" = 3
	check "the others as wrong sources" test "$(drops one rx-wrong-source)" = 4
	check "the other client is charged nothing" test "$(client two drops)" = '{}'
}

test_hairpin()
{
	local routed

	world routed
	two_clients
	routed=$(client one 'routed[0]')
	# c1 has a default route into the tunnel and nobody with this address: a loop.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		"${routed%/*}99"
	check "S8: a packet that would return to its sender is dropped" \
		wait_for test "$(drops one tx-hairpin)" = 1
	check "and went nowhere" test "$(client one tx_packets)" = 0
}

test_unreachable()
{
	local out

	world routed
	two_clients
	B -q client add nowhere
	B -q client add off endpoint 203.0.113.66 disable
	out=$(in_ns h ping -6 -n -c 1 -W 5 2001:db8:100::ffff)
	check "S13: unassigned: address unreachable" grep -q "Address unreachable" <<<"$out"
	out=$(in_ns h ping -6 -n -c 1 -W 5 "$(client nowhere client_ipv6)")
	check "endpoint unknown: no route" grep -q "No route" <<<"$out"
	out=$(in_ns h ping -6 -n -c 1 -W 5 "$(client off client_ipv6)")
	check "disabled: administratively prohibited" \
		grep -q "Administratively prohibited" <<<"$out"
	check "each has its counter" test "$(link_drops tx-unassigned)" -ge 1 \
		-a "$(drops nowhere tx-no-endpoint)" -ge 1 -a "$(drops off tx-disabled)" -ge 1
}

# An answer of the server itself to an address that nobody has. It is sent under the lock under
# which an error about it would have to be sent.
test_answer_to_nobody()
{
	local before

	world routed
	two_clients
	before=$(icmp6 s Icmp6OutDestUnreachs)
	in_ns r "$here/inject.py" ip6 lan "$(ip -n s -j link show eth1 | jq -r '.[0].address')" \
		2001:db8:100::7777 2001:db8:1::1 n=5
	check "S13: the server's answers to nobody are dropped" \
		wait_for eval '[ "$(link_drops tx-unassigned)" = 5 ]'
	check "S13: the server does not complain to itself" \
		test "$(icmp6 s Icmp6OutDestUnreachs)" = "$before"
}

# A tunnel of another kind with the same local address.
test_coexist()
{
	world routed
	two_clients
	ip -n s tunnel add other mode sit remote 203.0.113.66 local 203.0.113.1 ttl 64
	ip -n s link set other up
	ip -n s addr add 2001:db8:77::1/64 dev other nodad
	ip -n x tunnel add other mode sit remote 203.0.113.1 local 203.0.113.66 ttl 64
	ip -n x link set other up
	ip -n x addr add 2001:db8:77::2/64 dev other nodad
	check "a sit tunnel with the same local address works" reaches x 2001:db8:77::1
	check "in both directions" reaches s 2001:db8:77::2
	check "and ours do, too" reaches c1 2001:db8:beef::2
	# Its source is no pool's, but its client is not ours either.
	in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2
	check "it cannot use our clients' addresses" test "$(link_drops rx-stranger)" = 1
}

test_several_links()
{
	local before received pings

	world routed
	two_clients
	ip -n s addr add 203.0.113.2/24 dev eth0
	B link add broker1 local 203.0.113.2
	B pool add 2001:db8:300::/64 pair dev broker1
	B -q client add one endpoint 203.0.113.66 dev broker1
	ip -n r route add 2001:db8:300::/64 via 2001:db8:1::1
	ip -n x tunnel add tunnel mode sit remote 203.0.113.2 local 203.0.113.66 ttl 255
	ip -n x link set tunnel up
	ip -n x addr add 2001:db8:300::3/127 dev tunnel
	ip -n x route add ::/0 dev tunnel
	check "a client of the second link" reaches x 2001:db8:beef::2
	check "across links" reaches c2 2001:db8:300::3
	check "the same name on both" test "$(B -j client show | jq -c '[.[].link]')" = \
		'["broker0","broker0","broker1"]'
	refused "which link is meant must be said" 2 "say which one" brokertool -n s client add new
	refused "a pair of another link's pool" 2 "in no pair pool of link broker1" \
		brokertool -n s client add new pair 2001:db8:100::8/127 dev broker1
	refused "a routed prefix of another link's pool" 2 "in no routed pool of link broker1" \
		brokertool -n s client add newer routed 2001:db8:200:8::/64 dev broker1
	check "a client of the first one" reaches c1 2001:db8:beef::2
	# Its address, sent to the other link.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.2 "$(client_jq_of one broker0)" \
		2001:db8:beef::2
	check "a client is known on its own link only" \
		test "$(B -j link show broker1 | jq '.[0].drops["rx-stranger"]')" = 1

	# The same addresses in another namespace are another matter, while both have traffic.
	second_world
	check "the same pool in another namespace" \
		brokertool -n s2 pool add 2001:db8:100::/64 pair
	brokertool -n s2 -q client add one endpoint 203.0.113.11
	before=$(icmp6 h Icmp6InEchos)
	received=$(client_jq_of one broker0 .rx_packets)
	in_ns c1 ping -6 -n -q -i "$pace" -c 40 -W 10 2001:db8:beef::2 >/tmp/ours &
	pings=$!
	check "its client has traffic, too" in_ns c3 ping -6 -n -q -i "$pace" -c 30 -W 10 2001:db8:beef::2
	wait $pings
	report $? "at the same time as ours"
	check "each of them with its own" test "$(icmp6 s2 Icmp6InEchos) $(icmp6 h Icmp6InEchos)" = \
		"30 $((before + 40))"
	check "and counts that" test "$(brokertool -n s2 -j client show one | jq '.[0].rx_packets') $(
		client_jq_of one broker0 .rx_packets)" = "30 $((received + 40))"
}

# A server and a client with the addresses of s and c1, and with nothing in between.
second_world()
{
	ip -batch - <<-'EOF'
		netns add s2
		netns add c3
		link add eth0 netns s2 type veth peer name eth0 netns c3
	EOF
	in_ns s2 sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.forwarding=1
	ip -n s2 -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		addr add 203.0.113.1/24 dev eth0
		addr add 2001:db8:beef::2/128 dev lo
	EOF
	ip -n c3 -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		addr add 203.0.113.11/24 dev eth0
		tunnel add tunnel mode sit remote 203.0.113.1 local 203.0.113.11 ttl 255
		link set tunnel up
		addr add 2001:db8:100::3/127 dev tunnel
		route add ::/0 dev tunnel
	EOF
	brokertool -n s2 link add broker0 local 203.0.113.1
}

# client_jq_of NAME LINK [FILTER]
client_jq_of()	{ B -j client show "$1" dev "$2" | jq -r ".[0]${3-.client_ipv6}"; }
