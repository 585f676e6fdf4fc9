# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sources that are not the sender's own. The world: lib.sh.

early()		{ in_ns s ethtool -S broker0 | awk '$1 == "rx-early:" { print $2 }'; }
routed()	{ in_ns s ethtool -S broker0 | awk '$1 == "rx-routed:" { print $2 }'; }

# What is honest takes the short way in, so that whoever is refused was refused there. middle.sh has some
# of these tests with a listener to protocol 41, where it takes the middle way.
heard=
arrive_by_the_short_way()
{
	local came

	if [ -n "$heard" ]; then came=$(routed); else came=$(early); fi
	check "by the shortest way in" \
		eval '[ '"$came"' -ge 2 ] &&
			[ '"$came"' = $(($(client one rx_packets) + $(client two rx_packets))) ]'
}

test_client_spoofs()
{
	local before source victim

	world routed
	two_clients
	check "a proper packet arrives before" reaches c1 2001:db8:beef::2
	# From then on the other one's are known without a look at it.
	ip -n c2 addr add 2001:db8:200:1::5/64 dev lo
	check "the other one's do, too" reaches c2 2001:db8:beef::2
	check "from its prefix" reaches c2 2001:db8:beef::2 -I 2001:db8:200:1::5
	before=$(icmp6 h Icmp6InEchos)
	victim=$(client_jq two 'del(.last_received_ms)')
	# Another client's address and prefix, its own gateway's, the server's, anybody's.
	for source in "$(client two client_ipv6)" 2001:db8:200:1::5 "$(client one server_ipv6)" \
		      2001:db8:1::1 2001:db8:100::ffff 2001:4860::8888; do
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$source" 2001:db8:beef::2
	done
	check "a proper packet arrives" reaches c1 2001:db8:beef::2
	arrive_by_the_short_way
	check "S3: nothing else did" test "$(icmp6 h Icmp6InEchos)" = $((before + 1))
	check "S3: all are the sender's wrong sources" test "$(drops one rx-wrong-source)" = 6
	check "and nothing else" test "$(client one 'drops | length')" = 1
	check "S3: only the sender's counters moved" \
		test "$(client_jq two 'del(.last_received_ms)')" = "$victim"
}

# What a scan for open tunnels sends: to the world, by way of the server itself, and with a hop limit
# that ends there; with a source of one's own and with a client's.
test_stranger()
{
	local errors before expired source hlim

	world routed
	two_clients
	check "a proper packet arrives before" reaches c1 2001:db8:beef::2
	errors=$(in_ns x awk '/^Icmp:/ && $2 ~ /[0-9]/ { print $5 }' /proc/net/snmp)
	before=$(icmp6 h Icmp6InEchos)
	expired=$(icmp6 s Icmp6OutTimeExcds)
	rm -f /tmp/tcpdump-silence
	in_ns x tcpdump -i eth0 -n -U -w /tmp/silence 'ip src 203.0.113.1 and not icmp[0] == 0' \
		2>/tmp/tcpdump-silence &
	wait_for grep -qs listening /tmp/tcpdump-silence
	in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2
	in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 2001:db8:5555::1 2001:db8:beef::2
	for source in "$(client one client_ipv6)" 2001:db8:beef::2; do
		for hlim in 0 1; do
			in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 "$source" \
				2001:db8:beef::1 hlim=$hlim
		done
		in_ns x "$here/inject.py" 6in4 203.0.113.66 203.0.113.1 "$source" ::ffff:203.0.113.66
	done
	check "the server answers its ping" in_ns x ping -q -n -c 1 -W 10 203.0.113.1
	check "S1: and said nothing else" test "$errors" = \
		"$(in_ns x awk '/^Icmp:/ && $2 ~ /[0-9]/ { print $5 }' /proc/net/snmp)"
	check "a proper packet arrives" reaches c1 2001:db8:beef::2
	arrive_by_the_short_way
	check "S1: the stranger's did not" test "$(icmp6 h Icmp6InEchos)" = $((before + 1))
	check "S9: nobody is told that a hop limit ended" test "$(icmp6 s Icmp6OutTimeExcds)" = "$expired"
	check "S9: all the stranger got is silence" test -z "$(tcpdump -nr /tmp/silence 2>/dev/null)"
	check "S1: all are counted as a stranger's" test "$(link_drops rx-stranger)" = 8
	check "no client is charged" test "$(client one drops)$(client two drops)" = '{}{}'
}

# Outer addresses that are nobody's: whoever they claim to be inside.
test_outer_addresses()
{
	local me before mac pair nowhere

	world routed
	two_clients
	me=$(client one client_ipv6)
	# Nobody's endpoint, which is no address.
	B -q client add nowhere
	nowhere=$(client nowhere client_ipv6)
	before=$(icmp6 h Icmp6InEchos)
	mac=$(ip -n s -j link show eth0 | jq -r '.[0].address')
	# From a multicast, a broadcast and no address; to a broadcast and a multicast one.
	for pair in 224.0.0.5,203.0.113.1 255.255.255.255,203.0.113.1 0.0.0.0,203.0.113.1 \
		    203.0.113.11,203.0.113.255 203.0.113.11,224.0.0.1; do
		in_ns c1 "$here/inject.py" frame eth0 "$mac" "${pair%,*}" "${pair#*,}" "$me" \
			2001:db8:beef::2
		in_ns c1 "$here/inject.py" frame eth0 "$mac" "${pair%,*}" "${pair#*,}" "$nowhere" \
			2001:db8:beef::2
	done
	check "a proper packet arrives" reaches c1 2001:db8:beef::2
	check "S2: no other does" test "$(icmp6 h Icmp6InEchos)" = $((before + 1))
	check "S2: nobody is charged" test "$(client one drops)$(client nowhere drops)" = '{}{}'
}

# What the outer packet's fate was means nothing to the inner one.
test_traces()
{
	local me heard

	command -v nft >/dev/null || { skip "" "no nft"; return; }
	world routed
	two_clients
	me=$(client one client_ipv6)
	if ! in_ns s nft -f - <<-'EOF'
		table ip outer {
			chain prerouting {
				type filter hook prerouting priority mangle
				ip protocol 41 meta mark set 0x1234
			}
		}
		table ip6 inner {
			counter forwarded { }
			counter delivered { }
			counter marked { }
			counter invalid { }
			chain prerouting {
				type filter hook prerouting priority filter
				iifname "broker0" meta mark 0x1234 counter name marked
			}
			chain forward {
				type filter hook forward priority filter
				iifname "broker0" counter name forwarded
				iifname "broker0" ct state invalid counter name invalid
			}
			chain input {
				type filter hook input priority filter
				iifname "broker0" icmpv6 type echo-request counter name delivered
			}
		}
	EOF
	then
		skip "" "no nftables in this kernel"
		return
	fi
	check "to the world" reaches c1 2001:db8:beef::2
	check "to the gateway" reaches c1 "$(client one server_ipv6)"
	check "S6: FORWARD sees plain IPv6 from the link" test "$(hits forwarded)" -ge 1
	check "S6: so does INPUT" test "$(hits delivered)" -ge 1
	check "S6: conntrack takes it for new" test "$(hits invalid)" = 0
	check "S6: a mark on the outer packet is gone" test "$(hits marked)" = 0
	in_ns s nft -f - <<-'EOF'
		table ip outer {
			counter tracked { }
			chain prerouting {
				ip protocol 41 ct protocol 41 ct state new,established counter name tracked
			}
		}
		table ip6 inner {
			counter own { }
			counter foreign { }
			chain forward {
				iifname "broker0" ct protocol icmpv6 counter name own
				iifname "broker0" ct protocol 41 counter name foreign
			}
		}
	EOF
	report $? "conntrack looks at both"
	check "to the world" reaches c1 2001:db8:beef::2
	check "S6: the outer packet has an entry" test "$(hits tracked ip outer)" -ge 1
	check "S6: the inner one has its own" test "$(hits own)" -ge 1
	check "S6: and not the outer one's" test "$(hits foreign)" = 0
	in_ns s nft 'add counter ip6 inner forbidden
		add rule ip6 inner forward iifname "broker0" counter name forbidden drop'
	heard=$(icmp6 h Icmp6InEchos)
	in_ns c1 ping -6 -n -q -c 3 -i 0.2 -W 1 2001:db8:beef::2 >/dev/null
	check "S6: what the administrator forbids is seen" wait_for eval '[ "$(hits forbidden)" = 3 ]'
	check "S6: and goes nowhere" test "$(icmp6 h Icmp6InEchos)" = "$heard"
}

# hits COUNTER [FAMILY TABLE]
hits()	{ in_ns s nft -j list counter "${2-ip6}" "${3-inner}" "$1" | jq '.nftables[] | select(.counter).counter.packets'; }

# A client's source that comes in through the uplink.
test_uplink_spoof()
{
	local mac before_server before_client

	world routed
	two_clients
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	before_server=$(icmp6 s Icmp6InEchos)
	before_client=$(icmp6 c2 Icmp6InEchos)
	in_ns r "$here/inject.py" ip6 lan "$mac" "$(client one client_ipv6)" \
		"$(client two client_ipv6)"
	in_ns r "$here/inject.py" ip6 lan "$mac" "$(client one client_ipv6)" 2001:db8:1::1
	in_ns r "$here/inject.py" ip6 lan "$mac" "$(client one client_ipv6)" \
		"$(client two server_ipv6)"
	in_ns r "$here/inject.py" ip6 lan "$mac" 2001:db8:200::77 2001:db8:1::1
	check "a proper one reaches the server" reaches r 2001:db8:1::1
	check "a proper one reaches the client" reaches r "$(client two client_ipv6)"
	check "S3: no other reached the server" \
		test "$(icmp6 s Icmp6InEchos)" = $((before_server + 1))
	check "S3: no other reached the client" \
		test "$(icmp6 c2 Icmp6InEchos)" = $((before_client + 1))
	check "all are counted" test "$(drops one rx-uplink-spoof)" = 4
}

# Headers that lie.
test_headers()
{
	local me before kind

	world routed
	two_clients
	me=$(client one client_ipv6)
	before=$(icmp6 h Icmp6InEchos)
	# Version 4 inside; longer than the packet; nothing behind the outer header.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$me" \
		raw="45$(printf '00%.0s' {1..47})"
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$me" \
		raw="6000000000ff3a40$(python3 -c "
import socket, sys
print(socket.inet_pton(socket.AF_INET6, sys.argv[1]).hex() * 2)" "$me")"
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$me" raw=60
	check "a proper packet arrives" reaches c1 2001:db8:beef::2
	check "S10: false headers are counted" test "$(drops one rx-header)" = 2
	# No length, which means a jumbogram: with its option, and with one that means nothing.
	for kind in 3a00c20400000020 3a00010400000000; do
		in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 \
			options6=$kind
	done
	check "S10: a jumbogram, or what says that it is one" wait_for eval '[ "$(drops one rx-header)" = 4 ]'
	check "a proper packet arrives" reaches c1 2001:db8:beef::2
	check "S10: no other does" test "$(icmp6 h Icmp6InEchos)" = $((before + 2))
	# A whole packet but for its first digit, from where proper ones have come.
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:beef::2 \
		raw="4000000000081140$(python3 -c "
import socket, sys
print(''.join(socket.inet_pton(socket.AF_INET6, a).hex() for a in sys.argv[1:]))" "$me" \
			2001:db8:beef::2)1267000900080000"
	check "S10: nor is it known by its addresses alone" wait_for eval '[ "$(drops one rx-header)" = 5 ]'
}

test_link_down()
{
	world routed
	two_clients
	B link set broker0 down
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2
	check "a link that is down drops silently" test "$(link_drops rx-link-down)" = 1
	check "its routes are gone" test -z "$(ip -n s -6 route show proto 66)"
	B link set broker0 up
	check "up restores them" test "$(ip -n s -6 route show proto 66 | wc -l)" = 2
	check "and traffic" reaches c1 2001:db8:beef::2
}
