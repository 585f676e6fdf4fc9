# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Attack tools that others wrote. What they do to the kernel's own stack is not
# asked here. A client must get nothing past the server that is not its own, a
# stranger nothing at all; who shares the uplink or scans from afar makes no
# state; and both tunnels carry traffic afterwards. The world: lib.sh.
#
#   c1  thc-ipv6 inside its tunnel ──┐
#   c2  carries on                   ├── s ── r  ipv6toolkit, ndisc6, thc-ipv6 ── h  nmap, thc-ipv6, ndisc6
#   x   thc-ipv6, nmap               ┘

mac_of()	{ ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }

# Tools run side by side, each for so long at most; wait for them, not for other children.
attackers=()
attacks=()
attack()	# NS SECONDS TOOL…
{
	local ns=$1

	exec nsenter --net="/run/netns/$ns" timeout -k 5 "${@:2}" >"/tmp/attack.${#attackers[@]}" 2>&1 &
	attackers+=($!)
	attacks+=("${*:3}")
}

# Once they have done what is waited for.
call_off()	{ kill "${attackers[@]}" 2>/dev/null; }

# Every one of them did attack: it ended well, or went on until it was stopped, on a slow machine
# by SIGKILL (137), or called off (143). An answer that it waited for in vain is what we want, and some do not find the server while all the others shout.
attacked()
{
	local i status dead=0

	for i in "${!attackers[@]}"; do
		status=0
		wait "${attackers[i]}" || status=$?
		case $status in 0 | 124 | 137 | 143) continue ;; esac
		[ $status != 1 ] || ! grep -qE 'FAILED - |Error while (learning|performing)' "/tmp/attack.$i" ||
			continue
		dead=$((dead + 1))
		echo "# status $status: ${attacks[i]}: $(tail -n 2 "/tmp/attack.$i" | tr '\n' ' ')"
	done
	report $((dead > 0)) "${#attackers[@]} attacks were made"
	rm -f /tmp/attack.*
	attackers=()
	attacks=()
}

# thc-ipv6 wraps what it sends on eth0 of a client into 6in4 from that address. It takes its
# inner source from the device.
inside()	# NS OUTER INNER
{
	THC_IPV6_6IN4="$(mac_of "$1" eth0),$(mac_of s eth0),$2,203.0.113.1"
	export THC_IPV6_6IN4
	ip -n "$1" addr add "$3/128" dev eth0
}

outside()	{ unset THC_IPV6_6IN4; }

carries_on()
{
	check "then client one reaches a host" reaches c1 2001:db8:beef::2
	check "and a host client two" reaches h "$(client two client_ipv6)"
	check "and client one client two" reaches c1 "$(client two client_ipv6)"
}

# Count what arrives at h from addresses that client one cannot have.
watch()
{
	in_ns h nft -f - <<-EOF
		table ip6 watch {
			counter foreign { }
			counter own { }
			chain input {
				type filter hook prerouting priority raw
				ip6 saddr $(client one client_ipv6) counter name own accept
				ip6 saddr { fe80::/10, 2001:db8:beef::/64, 2001:db8:1::/80 } accept
				ip6 saddr { $(client one server_ipv6), $(client two server_ipv6) } accept
				ip6 saddr $(client two client_ipv6) icmpv6 type echo-reply accept
				counter name foreign
			}
		}
	EOF
}

watched()	{ in_ns h nft -j list counter ip6 watch "$1" | jq -r '.nftables[1].counter.packets'; }

dropped_more()	{ [ "$(drops one "$1")" -gt "$2" ]; }

test_client_attacks()
{
	local me case server before host=2001:db8:beef::2

	world onlink
	two_clients
	me=$(client one client_ipv6)
	server=$(client one server_ipv6)
	watch
	inside c1 203.0.113.11 "$me"
	for case in {1..57}; do
		attack c1 60 atk6-implementation6 -p -s "$me" eth0 $host "$case"
	done
	attacked
	check "atk6-implementation6: what is proper arrives" test "$(watched own)" -gt 20
	check "S3: multicast sources do not" test "$(drops one rx-wrong-source)" -gt 0
	check "S4: nor link-local ones" test "$(drops one rx-link-local)" -gt 0
	check "S9: nor hop limit 0" test "$(drops one rx-hop-limit)" -gt 0

	# Apart from the crowd below, in which they are through with nothing in their time; -a: without
	# asking first, as they give up when the answer is late.
	before=$(drops one rx-header)/$(drops one rx-link-local)
	attack c1 300 atk6-fuzz_ip6 -a -x -IFSDHRJ eth0 $host
	attack c1 300 atk6-fuzz_ip6 -a -2 eth0 "$server"
	attack c1 300 atk6-fuzz_ip6 -a -4 eth0 "$server"
	check "S9: what atk6-fuzz_ip6 makes of a header is dropped" \
		wait_for dropped_more rx-header "${before%/*}"
	check "S4: so are solicitations with its changes" \
		wait_for dropped_more rx-link-local "${before#*/}"
	call_off
	attacked

	for case in {1..7}; do
		attack c1 3 atk6-denial6 eth0 $host "$case"
		attack c1 3 atk6-denial6 eth0 "$server" "$case"
	done
	attack c1 5 atk6-exploit6 eth0 "$server"
	for case in {1..8}; do
		attack c1 3 atk6-fragmentation6 -fp eth0 $host "$case"
	done
	attack c1 5 atk6-randicmp6 -p -s "$me" eth0 "$server"
	attack c1 5 atk6-toobig6 eth0 "$(client two client_ipv6)" $host 1280
	attack c1 5 atk6-redir6 eth0 "$(client two client_ipv6)" $host "$server" "$me"
	attack c1 5 atk6-fake_router26 eth0
	attack c1 5 atk6-flood_solicitate6 eth0
	attack c1 5 atk6-flood_unreach6 -R eth0 $host
	attack c1 5 atk6-rsmurf6 eth0 "$(client two client_ipv6)"
	attack c1 5 atk6-ndpexhaust26 -R eth0 2001:db8:1::
	attacked
	outside
	check "S3: floods from other sources are counted" test "$(drops one rx-wrong-source)" -gt 100
	check "S3: none of them arrived" test "$(watched foreign)" = 0
	check "S4: what stays on the link was seen" test "$(drops one rx-link-local)" -gt 1
	check "S15: at most one neighbour on the link" test "$(ip -n s -6 neigh show nud all dev broker0 |
		grep -vc '^ff')" -le 1
	check "the other client was charged nothing" test "$(client two drops)" = '{}'
	carries_on
}

# What the tools do not do, made with scapy.
test_crafted()
{
	local before proper

	world onlink
	two_clients
	before=$(icmp6 h Icmp6InEchos)
	proper=$(in_ns c1 "$here/crafted.py" 203.0.113.11 203.0.113.1 "$(client one client_ipv6)" \
		2001:db8:beef::2 "$(client one server_ipv6)")
	check "S10: options, padding, extension headers and fragments arrive" \
		wait_for eval '[ "$(icmp6 h Icmp6InEchos)" = '$((before + proper))' ]'
	check "S7, S10, S11: the rest is dropped, each for its reason" test "$(client_jq one '.drops | to_entries |
		sort_by(.key) | from_entries')" = \
		'{"rx-ecn":1,"rx-embedded":1,"rx-header":2,"rx-multicast":1,"rx-nested":2}'
	carries_on
}

test_stranger_attacks()
{
	local me before case host=2001:db8:beef::2

	world onlink
	two_clients
	me=$(client one client_ipv6)
	watch
	inside x 203.0.113.66 "$me"
	before=$(client_jq one 'del(.last_received_ms)')
	for case in {1..57}; do
		attack x 60 atk6-implementation6 -p -s "$me" eth0 $host "$case"
	done
	attack x 5 atk6-flood_unreach6 -R eth0 $host
	attack x 5 atk6-rsmurf6 eth0 "$me"
	attack x 5 atk6-fuzz_ip6 -a -x -IFSDHRJ eth0 $host
	attacked
	check "S1: thc-ipv6 from an address that is nobody's is counted" \
		test "$(link_drops rx-stranger)" -gt 100
	check "S1: nothing of it arrived" test "$(watched own)/$(watched foreign)" = 0/0
	check "S1: nobody was charged" test "$(client_jq one 'del(.last_received_ms)')" = "$before"

	# The address of a client's endpoint, forged, helps to nothing but that client's own prefixes.
	THC_IPV6_6IN4=${THC_IPV6_6IN4/203.0.113.66/203.0.113.12}
	attack x 5 atk6-flood_unreach6 -R eth0 $host
	attack x 60 atk6-implementation6 -p -s "$me" eth0 $host 5
	attacked
	outside
	check "S3: another client's endpoint is no key" test "$(watched own)/$(watched foreign)" = 0/0
	check "S3: it is charged" test "$(drops two rx-wrong-source)" -gt 100
	check "S1: nmap's protocol scan sees a wall, not a tunnel" grep -qE '^41 +open\|filtered' \
		<(in_ns x nmap -n -Pn -sO -p 1,41 203.0.113.1)
	carries_on
}

# Who shares the uplink.
test_neighbour_attacks()
{
	local me mac own lan

	world onlink
	two_clients
	me=$(client one client_ipv6)
	own=$(client one server_ipv6)
	mac=$(mac_of s eth1)
	lan=$(ip -n s -6 -j addr show dev eth1 scope link | jq -r '.[0].addr_info[] | select(.local).local')
	# These find the server first, which they could not while all the others shout.
	attack r 5 rd6 -i lan -s fe80::bad -d "$lan" -t "$me" -r "$me"
	attack r 5 frag6 -i lan -d "$me" -X
	attack r 5 jumbo6 -i lan -d "$me" -q 0 -Q 70000
	attack r 5 icmp6 -i lan -d "$me" -E -m 1280 -r "$me" -x 2001:db8:beef::2
	attacked
	attack r 5 ns6 -i lan -d ff02::1:ff00:1 -t "$me" -e -F 50 -T 50
	attack r 5 ns6 -i lan -d ff02::1:ff00:1 -t "$me" -e -F 50
	attack r 5 ns6 -i lan -s :: -d ff02::1:ff00:1 -t "$me" -e
	attack r 5 ns6 -i lan -d "$me" -t "$me" -e -y 8
	attack r 5 ns6 -i lan -d "$me" -t "$me" -u 600 -H 600
	attack r 5 ns6 -i lan -s ff02::1 -d "$me" -t "$me"
	attack r 5 ns6 -i lan -s "$me" -d "$own" -t "$own" -e
	attack r 5 na6 -i lan -s "$me" -d "$lan" -t "$me" -E 02:bb:bb:bb:bb:bb -c -o
	attack r 5 na6 -i lan -d ff02::1 -t "$own" -E 02:bb:bb:bb:bb:bb -o -F 50
	attack r 5 ra6 -i lan -s fe80::bad -d ff02::1 -t 65535
	attack r 5 atk6-flood_rs6 lan
	attack r 5 scan6 -i lan -d 2001:db8:1:0:8000::/124f
	attack r 4 atk6-flood_solicitate6 lan "$me" "$me"
	attack r 4 atk6-flood_advertise6 lan
	attack r 4 atk6-fake_advertise6 lan "$me" ff02::1 02:bb:bb:bb:bb:bb
	attacked
	check "S15: solicitations of ns6, scan6 and thc-ipv6 were seen" test "$(uplink solicitations)" -gt 100
	check "S15: those from nowhere, or about nobody, were not answered" \
		test "$(uplink answered)" -lt "$(uplink solicitations)"
	check "S3: a client's address on the uplink is a spoof" test "$(drops one rx-uplink-spoof)" -gt 0
	check "S15: nobody is a neighbour with a client's address" \
		test -z "$(ip -n s -6 neigh show nud all dev eth1 | grep -E "^($me|$own) ")"
	# The kernel's own tables were flooded, of r as of s.
	ip -n r -6 neigh flush dev lan
	check "ndisc6 sees one answer, with the server's MAC" wait_for one_answer "$me" "$mac"
	carries_on
}

one_answer()
{
	local answer

	answer=$(in_ns r ndisc6 -m -w 1000 "$1" lan)
	[ "$(grep -c 'link-layer address' <<<"$answer")" = 1 ] && grep -qi "$2" <<<"$answer"
}

# Who scans from afar. Layout routed: in the other one the router r keeps a neighbour for each
# address that was asked for, and its table is full before ours is touched (RFC 6583).
test_scans()
{
	local me up routed

	world routed
	two_clients
	me=$(client one client_ipv6)
	routed=$(client one 'routed[0]')
	check "rltraceroute6 sees the client's server address first" test "$(client one server_ipv6)" = \
		"$(in_ns c1 rltraceroute6 -n -q 1 -m 4 -w 5 2001:db8:beef::2 |
			awk '$1 == 1 { print $2 }')"
	up=$(in_ns h nmap -n -6 -sn -PE --max-retries 3 2001:db8:100::/124 |
		sed -n 's/.*scan report for //p' | sort)
	check "S13: a sweep with nmap finds the assigned addresses, and no other" test "$up" = \
		"$(for c in one two; do client $c server_ipv6; client $c client_ipv6; done | sort)"
	attack h 4 atk6-ndpexhaust26 eth0 "${routed%/*}"
	attack h 4 atk6-ndpexhaust26 -p eth0 2001:db8:100::
	attack h 4 atk6-flood_unreach6 eth0 "$me"
	attack h 4 atk6-toobig6 eth0 "$me" 2001:db8:beef::2 1280
	attack h 4 atk6-thcsyn6 eth0 "$(client one server_ipv6)" 22
	attack h 4 atk6-denial6 eth0 "$me" 1
	attack h 4 frag6 -i eth0 -d "$me" -F 100
	attacked
	check "atk6-ndpexhaust26: the client's own packets passed" test "$(client one tx_packets)" -gt 100
	check "S13: those to nobody did not" test "$(link_drops tx-unassigned)" -gt 100
	check "S15: the sweep of a prefix leaves at most one neighbour" test "$(ip -n s -6 neigh show nud all \
		dev broker0 | grep -vc '^ff')" -le 1
	carries_on
}
