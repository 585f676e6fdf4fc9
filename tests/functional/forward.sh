# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The straight way on (kmod/forward.c): who configures something that a packet meets which arrives
# on the link's device has the next packet meet it. ethtool -S counts what took it. The world: lib.sh,
# of which this is what a packet passes:
#
#   c1 ── 6in4 ── s: eth0, outer header off, broker0, PRE_ROUTING … passed on to eth1 ── r ── h
#                                            └───── left out ─────┘

forwarded()	{ took rx-forwarded; }

# A packet of client one's, with what inject.py takes: packet TO [KEY=VALUE…]
packet()
{
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" "$1" udp=9 "${@:2}"
}

# Does it arrive, and how? onward straight|stack [KEY=VALUE…], to $to in the namespace $in
onward()	{ arrives rx-forwarded "${in-h}" "$1" packet "${to-2001:db8:beef::2}" "${@:2}"; }

# It does not arrive, by whichever way: lost straight|stack [KEY=VALUE…]. Who comes by another way comes later.
lost()		{ ends rx-forwarded h "$1" packet 2001:db8:beef::2 "${@:2}"; }
later()		{ in_ns r ping -6 -n -q -c 1 -W 10 2001:db8:beef::2; }

forward_world()
{
	world routed
	two_clients
	me=$(client one client_ipv6)
	# Neighbours and routes are known from here on.
	reaches c1 2001:db8:beef::2 >/dev/null
	reaches c2 "$me" >/dev/null
}

# What IPv6 counts of what arrives on the link: difference BEFORE
ip6_in()	{ in_ns s grep ^Ip6In /proc/net/dev_snmp6/broker0; }
difference()	{ paste <(echo "$1") <(ip6_in) | awk '$2 != $4 { print $1, $4 - $2 }'; }

test_straight()
{
	local me straight stack before class

	forward_world
	check "UDP takes the straight way" onward straight
	before=$(forwarded)
	check "so does TCP" eval 'in_ns c1 socat -T 5 -u /dev/null TCP6:[2001:db8:beef::2]:9 2>&1 |
		grep -q refused && [ "$(forwarded)" = '$((before + 1))' ]'
	check "so does what goes to another client" eval \
		'in=c2 to=$(client two client_ipv6) onward straight'
	for class in 0 1 2 3; do
		before=$(ip6_in)
		check "class $class: the straight way" onward straight "class=$class"
		straight=$(difference "$before")
		before=$(ip6_in)
		check "with a chain the stack's" eval "in_ns s nft add table ip6 t &&
			in_ns s nft 'add chain ip6 t c { type filter hook prerouting priority 0; }' &&
			onward stack class=$class && in_ns s nft delete table ip6 t"
		stack=$(difference "$before")
		check "the stack counts $(xargs <<<"$stack")" test "$(wc -l <<<"$stack")" = 3
		check "and the straight way just that" diff <(echo "$straight") <(echo "$stack")
	done
	check "nothing was dropped" test "$(B -j link show | jq -c '.[0].drops')" = '{}'
}

# Whoever sends with another's source is refused before.
test_spoofed()
{
	local me source

	forward_world
	check "what is honest takes the straight way" onward straight
	for source in "$(client two client_ipv6)" 2001:db8:200:1::5 "$(client one server_ipv6)" \
		      2001:db8:1::1 2001:db8:100::ffff 2001:4860::8888; do
		check "S3: what claims $source does not" eval 'me=$source lost stack'
	done
	check "S3: all are the sender's wrong sources" test "$(drops one rx-wrong-source)" = 6
	me=$(client two client_ipv6)
	B client set two disable
	check "nor does one from another endpoint, or a disabled client's" lost stack
	B client set one disable
	me=$(client one client_ipv6)
	check "nor does what was honest" lost stack
}

# The firewall of what is passed on sees it, as what arrived on the link.
test_passed_on()
{
	local me

	forward_world
	in_ns s nft -f - <<-'EOF'
		table ip t {
			chain mangle {
				type filter hook prerouting priority mangle
				ip protocol 41 meta mark set 7 meta priority set 1:1
			}
		}
		table ip6 t {
			counter seen { }
			chain forward {
				type filter hook forward priority filter
				iifname broker0 oifname eth1 meta mark 0 udp dport 9 ip6 hoplimit 63 counter name seen
			}
		}
	EOF
	check "a packet takes the straight way" onward straight
	check "S6: FORWARD sees it, without the outer one's mark" test "$(hits6)" = 1
	in_ns s nft add rule ip6 t forward udp dport 9 drop
	check "S6: and may drop it" lost straight
	in_ns s nft flush chain ip6 t forward
	check "without the rule it arrives" onward straight
}

# What ends here, or of which more is to be said.
test_others()
{
	local me before

	forward_world
	check "at first the straight way" onward straight
	check "S10: padding is cut off by the stack" onward stack pad=6
	check "for the server's own address: delivered" eval 'in=s to=2001:db8:1::1 onward stack'
	ip -n s -6 route add anycast 2001:db8:a::/64 dev eth1
	check "for a network whose addresses are all the server's: delivered" eval \
		'in=s to=2001:db8:a::7 onward stack'
	check "for the client's gateway: delivered" eval \
		'in=s to=$(client one server_ipv6) onward stack'
	before=$(icmp6 c1 Icmp6InTimeExcds)
	check "a hop limit that ends here ends here" lost stack hlim=1
	check "and the client learns it" wait_for eval \
		'[ "$(icmp6 c1 Icmp6InTimeExcds)" = '$((before + 1))' ]'
	check "one more ends at the next router" lost straight hlim=2
	before=$(icmp6 c1 Icmp6InDestUnreachs)
	ip -n s route add unreachable 2001:db8:dead::/48
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" 2001:db8:dead::1 udp=9
	check "what has no route is refused" wait_for eval \
		'[ "$(icmp6 c1 Icmp6InDestUnreachs)" = '$((before + 1))' ]'
	before=$(forwarded)
	reaches c1 2001:db8:beef::2 >/dev/null
	check "ICMPv6 is the stack's" test "$(forwarded)" = "$before"
	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=1
	check "where the link has no IPv6 packets end" lost stack
}

test_listeners()
{
	local me protocol device elsewhere=straight

	forward_world
	check "at first the straight way" onward straight
	for protocol in 0003 86dd; do
		for device in "" broker0; do
			listens $protocol $device
			check "a listener to $protocol${device:+ on $device}: the stack" onward stack
			check "hears it, once" wait_for eval '[ "$(grep -c heard /tmp/packets)" = 1 ]'
			kill $!
			wait $! 2>/dev/null
			check "without it the straight way" onward straight
		done
	done
	# Before 6.15 kernels do not say where anybody listens.
	printf '6.15\n%s\n' "$(uname -r)" | sort -VC || elsewhere=stack
	listens 0003 eth1
	check "a listener on another device: the $elsewhere way" onward $elsewhere
	kill $!
	wait $! 2>/dev/null
	rm -f /tmp/packets
	nsenter --net=/run/netns/x python3 -c '
import signal, socket
socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)), print("open", flush=True)
signal.pause()' >/tmp/packets &
	wait_for grep -qs open /tmp/packets
	check "one in another namespace: the straight way" onward straight
}

# A chain of whatever priority, while packets come.
test_prerouting()
{
	local me priority before

	forward_world
	for priority in -400 2147483647; do
		check "at first the straight way" onward straight
		nsenter --net=/run/netns/c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$me" \
			2001:db8:beef::2 udp=9 n=1000000 &
		before=$(forwarded)
		wait_for eval '[ "$(forwarded)" -ge $((before + 20)) ]'
		in_ns s nft -f - <<-EOF
			table ip6 t {
				counter seen { }
				chain prerouting {
					type filter hook prerouting priority $priority
					udp dport 9 counter name seen drop
				}
			}
		EOF
		before=$(forwarded)
		check "packets come to priority $priority" wait_for eval '[ "$(hits6)" -ge 20 ]'
		check "and none takes the straight way any more" test "$(forwarded)" = "$before"
		kill $!
		wait $! 2>/dev/null
		in_ns s nft delete table ip6 t
	done
}

# What looks at packets before IPv6 does.
test_ingress()
{
	local me

	forward_world
	check "at first the straight way" onward straight
	in_ns s nft -f - <<-'EOF'
		table netdev t {
			chain ingress {
				type filter hook ingress device "broker0" priority 0
				udp dport 9 drop
			}
		}
	EOF
	check "an ingress chain on the link drops packets" lost stack
	in_ns s nft delete table netdev t
	check "without it the straight way" onward straight

	printf '%s\n' "$me" | B filter load far - >/dev/null
	B filter attach far dev broker0 in
	check "a filter list on the device drops packets" lost stack
	B filter detach far dev broker0 in
	check "without it the straight way" onward straight

	ip netns exec s tc qdisc add dev broker0 clsact
	ip netns exec s tc filter add dev broker0 ingress protocol ipv6 matchall action drop
	check "traffic control drops packets" lost stack
	ip netns exec s tc qdisc del dev broker0 clsact
	check "without it the straight way" onward straight
}

test_program()
{
	local me

	forward_world
	check "at first the straight way" onward straight
	rm -f /tmp/attached
	nsenter --net=/run/netns/s "$here/xdp.py" broker0 >/tmp/attached 2>&1 &
	wait_for eval 'grep -qs attached /tmp/attached || ! kill -0 $! 2>/dev/null'
	check "a program is attached to the link: $(tail -n 1 /tmp/attached)" grep -qs attached /tmp/attached
	check "and drops packets" lost stack
	kill $!
	wait $! 2>/dev/null
	check "without it the straight way" wait_for onward straight
}

# Another processor may be told to take what arrives.
test_steered()
{
	local me

	forward_world
	if ! ip netns exec s test -e /sys/class/net/broker0/queues/rx-0/rps_cpus; then
		skip "native uml uml-debug" "no processors to choose from"
		return
	fi
	check "at first the straight way" onward straight
	ip netns exec s sh -c 'echo 1 >/sys/class/net/broker0/queues/rx-0/rps_cpus'
	check "steered to a processor: the stack" onward stack
	ip netns exec s sh -c 'echo 0 >/sys/class/net/broker0/queues/rx-0/rps_cpus'
	check "not any more: the straight way" onward straight
}

# Rules cannot be seen one by one: who ever had one stays with the stack.
test_rules()
{
	local me

	forward_world
	check "at first the straight way" onward straight
	ip -n s -6 rule add pref 50 dport 9 ipproto udp blackhole
	check "a rule that forbids the packets holds" lost stack
	ip -n s -6 rule del pref 50
	check "without it they arrive" onward stack
}

# The link in a VRF: IPv6 is looked up in another table. A VRF comes with rules.
test_vrf()
{
	local me

	forward_world
	check "at first the straight way" onward straight
	modprobe vrf 2>/dev/null
	if ! ip -n s link add v7 type vrf table 7; then
		skip "" "no VRF in this kernel"
		return
	fi
	ip -n s -batch - <<-'EOF'
		link set v7 up
		link set broker0 master v7
		route add default via 2001:db8:1::fe dev eth1 table 7
	EOF
	check "in a VRF the stack" onward stack
}
