# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The server address of every pair: ping, TCP, UDP, hop 1. The world: lib.sh.

services()
{
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=1
	# Without -t it waits half a second for the program to answer.
	in_ns s socat -t 60 TCP6-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
	in_ns s dnsmasq -k -C /dev/null --port=53 --no-resolv --no-hosts --user=root --pid-file= \
		--address=/test.example/2001:db8::53 >/dev/null 2>&1 &
	wait_for eval '[ -n "$(in_ns s ss -Hlnu "sport = :53")" ]' &&
		wait_for eval '[ -n "$(in_ns s ss -Hlnt "sport = :7")" ]'
}

# served NS CLIENT TEXT
served()
{
	local gateway

	gateway=$(client "$2" server_ipv6)
	check "$3: ping" reaches "$1" "$gateway"
	check "$3: TCP to a wildcard listener" test "$(echo hello |
		in_ns "$1" timeout 90 socat -t 60 - "TCP6:[$gateway]:7")" = hello
	check "$3: dnsmasq as resolver" test "$(in_ns "$1" dig +short +tries=5 +time=3 \
		AAAA test.example "@$gateway")" = 2001:db8::53
	check "$3: hop 1 of traceroute" test "$(in_ns "$1" traceroute -6 -n -q 1 -f 1 -m 1 -w 10 \
		2001:db8:beef::2 | awk '$1 == 1 { print $2 }')" = "$gateway"
}

test_server_address()
{
	local routed refused

	world routed
	two_clients
	services
	report $? "services start"
	served c1 one "first client"
	served c2 two "second client"
	routed=$(client one 'routed[0]')
	ip -n c1 addr add "${routed%/*}7/128" dev lo
	check "from a routed prefix, hop 1 is the client's own gateway" \
		test "$(in_ns c1 traceroute -6 -n -q 1 -m 1 -w 10 -s "${routed%/*}7" \
			2001:db8:beef::2 | awk '$1 == 1 { print $2 }')" = "$(client one server_ipv6)"
	check "another client's server address answers, too" reaches c1 "$(client two server_ipv6)"
	check "from the host beyond the router" reaches h "$(client one server_ipv6)"
	check "from the server itself" reaches s "$(client one server_ipv6)"
	B client set two disable
	refused=$(drops two tx-disabled)
	check "a disabled client's does not, and says so" eval 'in_ns c1 ping -6 -n -c 1 -W 10 \
		"$(client two server_ipv6)" | grep -i "administratively prohibited"'
	check "and counts it" test "$(drops two tx-disabled)" = $((refused + 1))
	B client set two enable
	check "enabled, it does again" reaches c1 "$(client two server_ipv6)"
	check "no address of a pair is on an interface" \
		test -z "$(ip -n s -6 addr show | grep 2001:db8:100:)"
}

# The last hop counts: what is for the server itself needs no hop left.
test_hop_limit()
{
	local before

	world routed
	two_clients
	before=$(icmp6 s Icmp6InEchos)
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:1::1 hlim=1
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		"$(client one server_ipv6)" hlim=1
	check "hop limit 1 reaches the server" \
		wait_for eval "[ \"\$(icmp6 s Icmp6InEchos)\" = $((before + 2)) ]"
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2 hlim=1
	check "S9: but not beyond" wait_for eval '[ "$(drops one rx-hop-limit)" = 1 ]'
}

# What SRv6 unwraps has its route when it comes by our hook, and is expected to keep it.
test_segment()
{
	local before

	world routed
	two_clients
	# In older kernels that is conntrack's.
	modprobe nf_conntrack 2>/dev/null
	if ! in_ns s sysctl -qw net.netfilter.nf_hooks_lwtunnel=1 2>/dev/null ||
		! ip -n s route add fc00:1::1/128 encap seg6local action End.DX6 nh6 2001:db8:1::fe dev eth1
	then
		skip "native uml uml-smp uml-debug" "no SRv6 in this kernel"
		return
	fi
	before=$(icmp6 s Icmp6InEchos)
	in_ns r "$here/inject.py" ip6 lan "$(ip -n s -j link show eth1 | jq -r '.[0].address')" \
		2001:db8:1::fe "$(client one server_ipv6)" via=fc00:1::1
	check "what leaves a segment goes its way, and from there to the server address" \
		wait_for eval "[ \"\$(icmp6 s Icmp6InEchos)\" = $((before + 1)) ]"
	check "which answers" reaches c1 "$(client one server_ipv6)"
	ip -n s route del fc00:1::1/128
}

# CLIENTS clients: one batch, no addresses, no routes; the first, the middle, the last one work.
# Clients, names and addresses in a dump. Not by jq: with so many an emulated machine takes minutes.
distinct()
{
	awk -v RS='{' '
		match($0, /"name":"[^"]*/) { n++; names += !seen[substr($0, RSTART, RLENGTH)]++ }
		match($0, /"client_ipv6":"[^"]*/) { addresses += !seen[substr($0, RSTART, RLENGTH)]++ }
		END { print n, names, addresses }'
}

test_many_clients()
{
	local n=${TEST_CLIENTS:-100000} routes addresses which endpoint

	world routed
	B pool del 2001:db8:200::/48
	B pool add 2001:db8:8000::/40 routed 64
	ip -n r route add 2001:db8:8000::/40 via 2001:db8:1::1
	routes=$(ip -n s -6 route show table all | wc -l)
	addresses=$(ip -n s -6 addr show | wc -l)
	awk -v n="$n" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "client add c%d endpoint 10.%d.%d.%d\n", i, i / 65536,
			       i / 256 % 256, i % 256
	}' >/tmp/clients
	check "$n clients by one batch" eval 'B -batch - </tmp/clients'
	check "all are there" test "$(B -j link show | jq '.[0].clients')" = "$n"
	check "all are in the dump" test "$(B -j client show | distinct)" = "$n $n $n"
	check "they made no routes" test "$(ip -n s -6 route show table all | wc -l)" = "$routes"
	check "and no addresses" test "$(ip -n s -6 addr show | wc -l)" = "$addresses"

	services
	report $? "services start"
	ip -n s route add 10.0.0.0/8 dev eth0
	for which in 1 $((n / 2)) "$n"; do
		endpoint=$(client "c$which" endpoint)
		ip -n c1 addr add "$endpoint/32" dev eth0
		tunnel c1 "c$which" "$endpoint" tunnel
		served c1 "c$which" "client $which of $n"
		check "client $which of $n: from the host beyond" reaches h \
			"$(client "c$which" client_ipv6)"
		ip -n c1 tunnel del tunnel
	done

	sed 's/ endpoint.*//; s/add/del/' /tmp/clients >/tmp/gone
	check "deleted by one batch" eval 'B -batch - </tmp/gone'
	check "none is left" test "$(B -j client show)" = '[]'
	check "the pools are free" test "$(B -j pool show | jq '[.[].used] | add')" = 0
	check "and can be filled again" eval 'head -n 2000 /tmp/clients | B -batch -'
	check "flushed" B client flush
	check "none is left" test "$(B -j client show)" = '[]'
	jobs -p | xargs -r kill
}
