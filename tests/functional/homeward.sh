# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The straight way home (kmod/homeward.c): who configures something that a packet meets which the stack
# passes on to the link has the next packet meet it. ethtool -S counts what took it. The world: lib.sh,
# of which this is what a packet passes:
#
#   h ── r ── eth1 s: PRE_ROUTING, FORWARD, POST_ROUTING, broker0, outer header on, eth0 ── 6in4 ── c1
#                                └──────── left out ────────┘

homeward()	{ took tx-forwarded; }

# A packet from $from, else h, to client one, with what inject.py takes: packet [KEY=VALUE…]
packet()
{
	in_ns r "$here/inject.py" ip6 lan "$mac" "${from-2001:db8:beef::2}" "${to-$one}" udp=9 "$@"
}

# Does it arrive, and how? home straight|stack [KEY=VALUE…], in the namespace $in
home()		{ arrives tx-forwarded "${in-c1}" "$1" packet "${@:2}"; }

# It does not arrive, by whichever way: lost straight|stack [KEY=VALUE…]. Who comes by another way comes
# later, to the same device.
lost()		{ ends tx-forwarded c1 "$1" packet "${@:2}"; }
later()		{ in_ns s ping -4 -n -q -c 1 -W 10 203.0.113.11; }

homeward_world()
{
	world routed
	two_clients
	one=$(client one client_ipv6)
	mac=$(ip -n s -j link show eth1 | jq -r '.[0].address')
	# Neighbours and routes are known from here on.
	reaches c1 2001:db8:beef::2 >/dev/null
	reaches c2 "$one" >/dev/null
}

# What IPv6 counts of what leaves by the link: difference BEFORE
ip6_out()	{ in_ns s grep ^Ip6Out /proc/net/dev_snmp6/broker0; }
difference()	{ paste <(echo "$1") <(ip6_out) | awk '$2 != $4 { print $1, $4 - $2 }'; }

# A chain of the server's, and a counter for it: rules TABLE CHAIN
rules()
{
	in_ns s nft -f - <<-EOF
		table $1 {
			counter seen { }
			chain c { $2 }
		}
	EOF
}

test_home()
{
	local one mac straight stack before class

	homeward_world
	check "UDP takes the straight way" home straight
	before=$(homeward)
	check "so does TCP" eval 'in_ns h socat -T 5 -u /dev/null TCP6:[$one]:9 2>&1 |
		grep -q refused && [ "$(homeward)" = '$((before + 1))' ]'
	ip -n c1 addr add "$(client one routed[0] | sed s,/.*,5,)/128" dev lo
	check "so does what goes to a routed prefix" eval \
		'to=$(client one "routed[0]" | sed s,/.*,5,) home straight'
	check "so does what goes to another client" eval 'in=c2 to=$(client two client_ipv6) home straight'
	for class in 0 1 2 3; do
		before=$(ip6_out)
		check "class $class: the straight way" home straight "class=$class"
		straight=$(difference "$before")
		before=$(ip6_out)
		check "with a chain the stack's" eval "
			rules 'ip6 t' 'type filter hook forward priority 0;' &&
			home stack class=$class && in_ns s nft delete table ip6 t"
		stack=$(difference "$before")
		check "the stack counts $(xargs <<<"$stack")" test "$(wc -l <<<"$stack")" -ge 2
		check "and the straight way just that" diff <(echo "$straight") <(echo "$stack")
	done
	check "nothing was dropped" test "$(B -j link show | jq -c '.[0].drops')" = '{}'
}

# What comes from a client has a straight way of its own (forward.sh); where that is closed, the stack's.
test_between()
{
	local one mac before arrived

	homeward_world
	check "at first the straight way" home straight
	ip netns exec s tc qdisc add dev broker0 ingress
	check "for what others send it is open" home straight
	before=$(homeward)
	arrived=$(strays c2)
	in_ns c1 "$here/inject.py" 6in4 203.0.113.11 203.0.113.1 "$one" "$(client two client_ipv6)" udp=9
	check "what one client sends another arrives" wait_for eval '[ "$(strays c2)" = '$((arrived + 1))' ]'
	check "by the stack" test "$(homeward)" = "$before"
}

# The hop limit is one less than where the packet came in.
test_hops()
{
	local one mac before

	homeward_world
	in_ns c1 nft -f - <<-'EOF'
		table ip6 t {
			counter seen { }
			chain c { type filter hook prerouting priority 0; ip6 hoplimit 40 udp dport 9 counter name seen; }
		}
	EOF
	check "the straight way takes one off" home straight hlim=41
	check "as the stack does" eval "rules 'ip6 t' 'type filter hook forward priority 0;' &&
		home stack hlim=41 && in_ns s nft delete table ip6 t"
	check "the client sees both alike" test "$(in_ns c1 nft -j list counters |
		jq '.nftables[] | select(.counter).counter.packets')" = 2
	check "who has one left comes with it" home straight hlim=2
	before=$(icmp6 h Icmp6InTimeExcds)
	check "a hop limit that ends here ends here" lost stack hlim=1
	check "and the sender learns it" wait_for eval \
		'[ "$(icmp6 h Icmp6InTimeExcds)" = '$((before + 1))' ]'
}

# Whoever is refused by the stack or by the link is by the straight way.
test_refused()
{
	local one mac before

	homeward_world
	check "at first the straight way" home straight
	check "S3: a client's source from elsewhere does not come in" eval \
		'from=$(client two client_ipv6) lost stack'
	check "S3: nor does the client's own" eval 'from=$one lost stack'
	check "what claims to be the host itself does not go on" eval 'from=::1 lost stack'
	check "nor does a source of this link" eval 'from=fe80::1 lost stack'
	before=$(icmp6 h Icmp6InDestUnreachs)
	B client set one endpoint none
	check "a client without endpoint: the link refuses" eval 'packet && wait_for eval \
		"[ \$(icmp6 h Icmp6InDestUnreachs) = $((before + 1)) ]"'
	check "and counts it" test "$(drops one tx-no-endpoint)" = 1
	B client set one endpoint 203.0.113.11 disable
	check "a disabled one: likewise" eval 'packet && wait_for eval \
		"[ \$(icmp6 h Icmp6InDestUnreachs) = $((before + 2)) ]"'
	check "and counts it" test "$(drops one tx-disabled)" = 1
	B client set one enable
	check "then it arrives" home straight
	printf '2001:db8:beef::2\n' | B filter load far - >/dev/null
	B filter attach far inner
	check "S3: a filter list drops what the sender sends" lost straight
	check "and counts it" test "$(drops one tx-filter-inner)" = 1
	B filter detach far inner
	check "without it, it arrives" home straight
}

test_sizes()
{
	local one mac before mtu

	homeward_world
	mtu=$(client one mtu)
	check "as large as the client's tunnel takes: the straight way" home straight size=$((mtu - 48))
	before=$(icmp6 h Icmp6InPktTooBigs)
	check "one byte more is too big for it" eval 'packet size=$((mtu - 47)) && wait_for eval \
		"[ \$(icmp6 h Icmp6InPktTooBigs) = $((before + 1)) ]"'
	ip -n s -6 route change 2001:db8:100::/64 dev broker0 mtu 1300
	check "with a smaller route the straight way for what fits" home straight size=1252
	before=$(homeward)
	check "what does not is the stack's to refuse" eval 'packet size=1253 && wait_for eval \
		"[ \$(icmp6 h Icmp6InPktTooBigs) = '$(("$(icmp6 h Icmp6InPktTooBigs)" + 1))' ]"'
	check "and took no straight way" test "$(homeward)" = "$before"
	ip -n s -6 route change 2001:db8:100::/64 dev broker0
	ip -n s link set broker0 mtu 1300
	check "with a smaller link the straight way for what fits" home straight size=1252
	before=$(homeward)
	check "what does not is the stack's to refuse" eval 'packet size=1253 && wait_for eval \
		"[ \$(icmp6 h Icmp6InPktTooBigs) = '$(("$(icmp6 h Icmp6InPktTooBigs)" + 1))' ]"'
	check "and took no straight way" test "$(homeward)" = "$before"
}

# A chain that drops comes while packets do: dropping TABLE "hook HOOK…"
dropping()
{
	local before

	check "at first the straight way" home straight
	nsenter --net=/run/netns/r "$here/inject.py" ip6 lan "$mac" 2001:db8:beef::2 "$one" udp=9 \
		n=1000000 &
	before=$(homeward)
	wait_for eval '[ "$(homeward)" -ge $((before + 20)) ]'
	rules "$1" "type filter $2; udp dport 9 counter name seen drop;"
	before=$(homeward)
	check "packets come to $2" wait_for eval '[ "$(hits6)" -ge 20 ]'
	check "and none takes the straight way any more" test "$(homeward)" = "$before"
	kill $!
	wait $! 2>/dev/null
	in_ns s nft delete table "$1"
	check "without it the straight way again" wait_for home straight
}

test_firewall()
{
	local one mac

	homeward_world
	dropping "ip6 t" "hook forward priority 0"
	dropping "inet t" "hook postrouting priority 0"
	dropping "netdev t" 'hook egress device "broker0" priority 0'
	dropping "ip6 t" "hook prerouting priority 2147483647"
}

# What else looks at packets that leave by a device.
test_departure()
{
	local one mac device

	homeward_world
	check "at first the straight way" home straight
	printf '%s\n' "$one" | B filter load far - >/dev/null
	B filter attach far dev broker0 out
	check "a filter list on the device drops packets" lost stack
	B filter detach far dev broker0 out
	check "without it the straight way" home straight

	ip netns exec s tc qdisc add dev broker0 clsact
	ip netns exec s tc filter add dev broker0 egress protocol ipv6 matchall action drop
	check "traffic control drops packets" lost stack
	ip netns exec s tc qdisc del dev broker0 clsact
	check "without it the straight way" home straight

	ip netns exec s tc qdisc add dev broker0 root pfifo limit 100
	check "with a queue the stack" home stack
	check "which the packet was in" eval 'ip netns exec s tc -s qdisc show dev broker0 | grep -q "Sent .* 1 pkt"'
	ip netns exec s tc qdisc del dev broker0 root
	check "without it the straight way" home straight

	for device in "" broker0; do
		listens 0003 "$device" PACKET_OUTGOING
		check "a listener${device:+ on $device}: the stack" home stack
		check "hears it, once" wait_for eval '[ "$(grep -c heard /tmp/packets)" = 1 ]'
		kill $!
		wait $! 2>/dev/null
		check "without it the straight way" home straight
	done

	in_ns s ethtool -K broker0 tx-checksum-ip-generic off >/dev/null
	check "with less that the device takes: the stack" home stack
	in_ns s ethtool -K broker0 tx-checksum-ip-generic on >/dev/null
	check "with all of it the straight way" home straight
}

# What says whether packets are passed on, and where.
test_passing()
{
	local one mac

	homeward_world
	check "at first the straight way" home straight
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0
	check "a host that is no router passes nothing on" lost stack
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=1
	# A host that was none has forgotten its routers.
	ip -n s route replace default via 2001:db8:1::fe
	check "one that is does" home straight

	modprobe xfrm_user 2>/dev/null
	if ip -n s xfrm policy add src 2001:db8:beef::/64 dst 2001:db8:100::/64 dir fwd action block; then
		check "an IPsec policy forbids packets" lost stack
		ip -n s xfrm policy flush
		check "without it the straight way" home straight
	else
		skip "" "no IPsec in this kernel"
	fi

	in_ns s sysctl -qw net.ipv6.conf.broker0.disable_ipv6=1
	check "where the link has no IPv6 packets end" lost stack
}

# br_netfilter shows PRE_ROUTING what a bridge is about to forward.
test_bridge()
{
	local one mac

	homeward_world
	if ! modprobe br_netfilter 2>/dev/null; then
		skip "" "no br_netfilter in this kernel"
		return
	fi
	ip -n s -batch - <<-'EOF'
		link add brs type bridge
		link set eth1 master brs
		link set brs up
		addr del 2001:db8:1::1/64 dev eth1
		addr add 2001:db8:1::1/64 dev brs nodad
		route replace default via 2001:db8:1::fe
	EOF
	mac=$(ip -n s -j link show brs | jq -r '.[0].address')
	in_ns s sysctl -qw net.bridge.bridge-nf-call-ip6tables=0
	check "through a bridge: the straight way" wait_for home straight
	in_ns s sysctl -qw net.bridge.bridge-nf-call-ip6tables=1
	check "with br_netfilter: the stack" home stack
	check "a frame that the bridge forwards is not taken" eval 'mac=02:00:00:00:00:99 lost stack'
	in_ns s sysctl -qw net.bridge.bridge-nf-call-ip6tables=0
	check "without it again the straight way" home straight
}

# A route that the administrator made: the stack's.
test_other_way()
{
	local one mac

	homeward_world
	check "at first the straight way" home straight
	ip -n s -6 rule add pref 50 dport 9 ipproto udp blackhole
	check "a rule that forbids the packets holds" lost stack
	ip -n s -6 rule del pref 50
	check "without it they arrive" home stack
}
