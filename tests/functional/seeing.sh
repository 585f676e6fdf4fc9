# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Seeing what is wrong, and bounds of what may be asked for. The world: lib.sh.

test_samples()
{
	world routed
	two_clients
	check "at first there is none" test "$(B -j stats errors)" = '[]'
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	in_ns h ping -6 -n -q -c 1 -W 5 2001:db8:100::ffff >/dev/null
	check "a wrong source, with its outer header" test "$(sample rx-wrong-source .packet)" = \
		"IPv4 203.0.113.11 > 203.0.113.1 ttl 64: IPv6 2001:4860::8888 > 2001:db8:beef::2 hop limit 64: ICMPv6 echo request"
	check "whose it was" test "$(sample rx-wrong-source .client)" = one
	check "how long" test "$(sample rx-wrong-source .length)" = 84
	check "S32: all of it, and no more" test "$(sample rx-wrong-source '.data | length')" = 168
	check "S32: byte for byte" test "$(sample rx-wrong-source '.data[24:40]')" = cb00710bcb007101
	check "an unassigned destination is nobody's" \
		test "$(sample tx-unassigned '[.client, .packet] | join("; ")')" = \
		"; IPv6 2001:db8:beef::2 > 2001:db8:100::ffff hop limit 62: ICMPv6 echo request"
	check "people see them, too" grep -q "rx-wrong-source *one .*ICMPv6 echo request" \
		<<<"$(B stats errors)"
	in_ns h ping -6 -n -q -c 1 -W 5 -s 1000 2001:db8:100::ffff >/dev/null
	check "the newest stays" wait_for eval \
		'in_ns h ping -6 -n -q -c 1 -W 5 -s 1000 2001:db8:100::ffff >/dev/null
		 [ "$(sample tx-unassigned .length)" = 1048 ]'
	check "its beginning is enough" test "$(sample tx-unassigned '.data | length')" = 256
}

# What the host drops behind the link was sent, as far as the link knows; the device counts it.
test_handed_on()
{
	local sent dropped

	world routed
	two_clients
	in_ns s nft 'add table ip own
		add chain ip own output { type filter hook output priority 0; }
		add rule ip own output ip protocol 41 drop'
	report $? "OUTPUT drops what goes to clients"
	sent=$(client one tx_packets)
	dropped=$(transmit_dropped)
	in_ns h ping -6 -n -q -i 0.2 -c 2 -W 1 "$(client one client_ipv6)" >/dev/null
	check "the device has dropped it" wait_for eval '[ "$(transmit_dropped)" = '$((dropped + 2))' ]'
	check "the client was sent it" test "$(client one tx_packets)" = $((sent + 2))
	check "and has no reason for a drop" test "$(client_jq one '[.drops[]] | add // 0')" = 0
}

transmit_dropped()	{ ip -n s -s -j link show broker0 | jq '.[0].stats64.tx.dropped'; }

sample()	{ B -j stats errors | jq -r ".[] | select(.reason == \"$1\") | $2"; }

test_ethtool()
{
	world routed
	two_clients
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	check "ethtool -S names the reason" test "$(in_ns s ethtool -S broker0 |
		awk '$1 == "rx-wrong-source:" { print $2 }')" = 1
	check "and every other one" test "$(in_ns s ethtool -S broker0 | grep -c ': 0$')" = \
		"$(($(in_ns s ethtool -S broker0 | grep -c '^ *[rt]x-') - 1))"
	check "ethtool -i says which module" grep -q "^driver: sitbroker" \
		<<<"$(in_ns s ethtool -i broker0)"
}

# ip with our plugin, which is not installed here
I()	{ in_ns s env IP_LIB_DIR="$TOP/build/lib" ip "$@"; }

# An ip that knows the words of a link: those of brokertool.
test_ip_words()
{
	world routed
	B link set broker0 public 198.51.100.9 ttl 77 tos 0x48 client-to-client deny clients-max 9 pools-max 4
	check "ip -d link show" grep -qF "sitbroker local 203.0.113.1 public 198.51.100.9 ttl 77 tos 0x48 \
client-to-client deny clients-max 9 pools-max 4 " <<<"$(I -d link show broker0 | tr '\n' ' ')"
	check "ip -j -d says the same as brokertool" test \
		"$(I -j -d link show broker0 | jq -cS '.[0].linkinfo.info_data')" = \
		"$(B -j link show broker0 |
			jq -cS '.[0] | {local, public, ttl, tos, client_to_client, clients_max, pools_max}')"
	check "ip link set" I link set broker0 type sitbroker public none tos inherit client-to-client allow
	check "is done, and shown" grep -qE "local 203.0.113.1 ttl 77 tos inherit client-to-client allow" \
		<<<"$(I -d link show broker0)"
	check "in JSON, too" test "$(I -j -d link show broker0 | jq -c '.[0].linkinfo.info_data | [.public, .tos]')" = \
		'[null,"inherit"]'
	check "what was not said is as it was" test "$(B -j link show | jq -c '.[0] | [.ttl, .clients_max, .pools_max]')" = \
		'[77,9,4]'
	check "ip link add" I link add broker1 type sitbroker "local" 203.0.113.5 ttl 5 tos 8 clients-max 100
	check "makes one like that" test "$(B -j link show broker1 |
		jq -c '.[0] | [.local, .ttl, .tos, .clients_max, .pools_max, .client_to_client]')" = \
		"[\"203.0.113.5\",5,8,100,$(B -j link show broker1 | jq '.[0].pools_max'),\"allow\"]"
	check "ip link help" grep -q "client-to-client allow|deny" <<<"$(I link help sitbroker 2>&1)"
	check "help among the words, too" grep -q "client-to-client allow|deny" \
		<<<"$(I link add broker2 type sitbroker help 2>&1)"
	refused "a word that is none" 1 "the word \"speed\" is unknown; see ip link help" \
		I link add broker2 type sitbroker speed 5
	refused "no value" 1 "needs a value behind it" I link add broker2 type sitbroker ttl
	refused "no address" 1 "local \"::1\" is no IPv4 address" I link add broker2 type sitbroker "local" ::1
	refused "too large" 1 "ttl \"256\" is no number from 0 to 255" I link add broker2 type sitbroker ttl 256
	refused "negative" 1 "is no number of 32 bits" I link add broker2 type sitbroker pools-max -1
	refused "neither" 1 "is neither allow nor deny" I link add broker2 type sitbroker client-to-client 1
	check "nothing was made" eval '! ip -n s link show broker2 2>/dev/null'
	check "what the kernel refuses, it says why" grep -q "sets the ECN bits" \
		<<<"$(I link set broker0 type sitbroker tos 3 2>&1)"
	check "without the plugin, ip is as it was" eval '! ip -n s -d link show broker0 | grep -q client-to-client'
}

test_tracepoint()
{
	local trace=/sys/kernel/tracing

	# A kernel without tracing has none to test.
	if [ ! -d $trace ] || ! { mountpoint -q $trace || mount -t tracefs none $trace 2>/dev/null; }; then
		skip "" "no tracing"
		return
	fi
	world routed
	two_clients
	check "sitbroker:drop exists" eval "echo 1 >$trace/events/sitbroker/drop/enable"
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 2001:4860::8888 2001:db8:beef::2
	check "it tells link, client, reason and addresses" wait_for grep -q \
		"drop: link=broker0 client=1 reason=rx-wrong-source len=84 outer=203.0.113.11 source=2001:4860::8888 destination=2001:db8:beef::2" \
		$trace/trace
	echo 0 >$trace/events/sitbroker/drop/enable
	echo >$trace/trace
}

test_bounds()
{
	world routed
	B link set broker0 clients-max 2 pools-max 3
	check "S19: bounds are shown" test "$(B -j link show |
		jq -c '.[0] | [.clients_max, .pools_max]')" = '[2,3]'
	B -q client add one
	B -q client add two
	refused "S19: one client too many" 2 "has 2 clients, as many as it may have" \
		brokertool -n s client add three
	B pool add 2001:db8:7::/48 routed 64
	refused "S19: one pool too many" 2 "has 3 pools, as many as it may have" \
		brokertool -n s pool add 2001:db8:8::/48 routed 64
	refused "S19: fewer than there are" 2 "clients-max 1 is not between the 2 clients" \
		brokertool -n s link set broker0 clients-max 1
	refused "S19: fewer pools than there are" 2 "pools-max 2 is less than the 3 pools" \
		brokertool -n s link set broker0 pools-max 2
	refused "S19: more than memory is meant for" 2 "16777216" \
		brokertool -n s link set broker0 clients-max 16777217
	check "S19: raised, there is room" B link set broker0 clients-max 3 pools-max 4
	check "S19: for a client" B -q client add three
	check "S19: for a pool" B pool add 2001:db8:8::/48 routed 64
}

# Nothing on the way makes the device ask for more and more room.
test_headroom()
{
	local before i

	world routed
	two_clients
	before=$(headroom broker0)
	reaches c1 2001:db8:beef::2 >/dev/null
	B link set broker0 ttl 33
	B link set broker0 mtu 1400
	B client set one endpoint 203.0.113.12
	B client set one endpoint 203.0.113.11
	check "S24: traffic flows" reaches h "$(client one client_ipv6)" -s 1000
	if [ -z "$before" ]; then
		skip "debian-6.1 debian-6.12" "this kernel does not say what room a device asks for"
		return
	fi
	check "S24: the headroom is what it was" test "$(headroom broker0)" = "$before"
	# The device that the outer packets leave by asks for a lot: a bridge asks for what the
	# greediest of its ports does, here tunnels one inside the other.
	modprobe vxlan 2>/dev/null
	ip -n net link add vx0 type vxlan id 1 remote 192.0.2.1 dstport 4789 dev lo
	for i in {1..5}; do
		ip -n net link add "vx$i" type vxlan id "1$i" remote 192.0.2.1 dstport 4789 dev "vx$((i - 1))"
	done
	ip -n net link set vx5 master br0
	check "S24: the device below asks for much more" test "$(headroom eth0)" -gt $((before + 200))
	check "S24: traffic flows" reaches h "$(client one client_ipv6)" -s 1000
	check "S24: the other way" reaches c1 2001:db8:beef::2 -s 1000
	check "S24: the link asks for no more than before" test "$(headroom broker0)" = "$before"
}

headroom()	{ in_ns s "$here/headroom.py" "$1"; }

# What the outer header says of who is inside.
test_outer_header()
{
	world routed
	two_clients
	rm -f /tmp/tcpdump-outer
	in_ns c1 tcpdump -i eth0 -n -U -c 40 -w /tmp/outer 'ip proto 41 and src 203.0.113.1' \
		2>/tmp/tcpdump-outer &
	wait_for grep -qs listening /tmp/tcpdump-outer
	in_ns h ping -6 -n -q -c 20 -i 0.05 -Q 0x48 "$(client one client_ipv6)" >/dev/null
	in_ns h ping -6 -n -q -c 20 -i 0.05 -t 5 "$(client one client_ipv6)" >/dev/null
	wait $!
	check "S33: 40 packets" test "$(tcpdump -nr /tmp/outer 2>/dev/null | wc -l)" = 40
	check "S33: TTL is the link's" eval "! tcpdump -nr /tmp/outer 'ip[8] != 64' 2>/dev/null | grep ."
	check "S33: TOS is the link's" eval "! tcpdump -nr /tmp/outer 'ip[1] != 0' 2>/dev/null | grep ."
	check "S33: identifications differ" test "$(tcpdump -nvr /tmp/outer 2>/dev/null |
		grep -oE ' id [0-9]+' | sort -u | wc -l)" -ge 39
	check "DSCP may be inherited" B link set broker0 tos inherit
	in_ns c1 tcpdump -i eth0 -n -U -c 1 -w /tmp/inherited 'ip proto 41 and src 203.0.113.1' \
		2>/tmp/tcpdump-inherited &
	wait_for grep -qs listening /tmp/tcpdump-inherited
	in_ns h ping -6 -n -q -c 1 -Q 0x48 "$(client one client_ipv6)" >/dev/null
	wait $!
	check "S11: and is" eval "tcpdump -nr /tmp/inherited 'ip[1] == 0x48' 2>/dev/null | grep -q ."
}

# identified COUNT COMMAND… : identifications of so many packets to c1 while a command runs, in order
identified()
{
	local reader

	# What the reader before it said is not said by this one.
	rm -f /tmp/tcpdump-identified
	in_ns c1 timeout 60 tcpdump -i eth0 -n -U -c "$1" -w /tmp/identified 'ip proto 41 and src 203.0.113.1' \
		2>/tmp/tcpdump-identified &
	reader=$!
	wait_for grep -qs listening /tmp/tcpdump-identified
	"${@:2}" >/dev/null
	wait $reader
	tcpdump -nvr /tmp/identified 2>/dev/null | sed -nE 's/.*, id ([0-9]+), offset .*/\1/p'
}

# ping_both : both clients, by turns
ping_both()
{
	in_ns h ping -6 -n -q -c 20 -i 0.05 -W 1 "$(client one client_ipv6)" &
	in_ns h ping -6 -n -q -c 20 -i 0.05 -W 1 "$(client two client_ipv6)"
	wait $!
}

# ascending MOST : how many numbers are read, each of them 1 to MOST above the one before it, of 16 bits
ascending()
{
	awk -v most="$1" 'NR > 1 && (($1 - before + 65536) % 65536 > most || $1 == before) { bad++ }
		{ before = $1 } END { print bad ? "not ascending" : NR }'
}

# RFC 6864: of packets that may become fragments between two hosts, none has another's number.
test_identifications()
{
	world routed
	two_clients
	check "S33: alone behind its endpoint, a client counts by itself" test "$(
		identified 20 in_ns h ping -6 -n -q -c 20 -i 0.05 "$(client one client_ipv6)" |
		ascending 1)" = 20
	B client set two endpoint 203.0.113.11
	check "S33: two behind one share the kernel's numbers" test "$(
		identified 40 ping_both | ascending 500)" = 40
	B client set two endpoint 203.0.113.12
	B client set one endpoint none
	B client set one endpoint 203.0.113.11
	check "S33: alone again" test "$(
		identified 20 in_ns h ping -6 -n -q -c 20 -i 0.05 "$(client one client_ipv6)" |
		ascending 1)" = 20
}
