# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests share: the world they run in, and how they report.
#
#   c1 203.0.113.11 ──┐
#   c2 203.0.113.12 ──┤  bridge                          lan          out
#   x  203.0.113.66 ──┼── in net ── s ─────────────────── r ─────────── h
#   (a stranger)      │   203.0.113.1  eth1 2001:db8:1::1   ::fe         2001:db8:beef::2
#                     │
# The uplink's network is 2001:db8:1::/64. In the layout "onlink" the pools are
# parts of it and r has no route to them, it knows only neighbour discovery. In
# "routed" r has routes to the pools.

# shellcheck disable=SC2034 # the tests use it
here=$(dirname "${BASH_SOURCE[0]}")
count=0
failed=0

# report STATUS TEXT
report()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=$((failed + 1))
	fi
}

# check TEXT COMMAND… : passes when the command succeeds; else shows what it printed
check()
{
	local text=$1 output status=0
	shift

	output=$("$@" 2>&1) || status=$?
	report $status "$text"
	[ $status = 0 ] || printf '%s\n' "$output" | tail -n 15 | sed "s/^/# $1: /"
}

# refused TEXT STATUS PATTERN COMMAND… : refused with that status and one sentence
refused()
{
	local text=$1 status=$2 pattern=$3 output code=0
	shift 3

	output=$("$@" 2>&1) || code=$?
	if [ $code = "$status" ] && [[ $output == *$pattern* ]] &&
	   [ "$(wc -l <<<"$output")" = 1 ] && [ "${#output}" -gt 30 ]; then
		report 0 "$text"
	else
		report 1 "$text"
		echo "# status $code, wanted $status with \"$pattern\": $output"
	fi
}

# skip KERNELS WHY : those have nothing to test here ("native" is the machine's own); where another
# comes here, it has lost something
skip()
{
	skipped=1
	echo "# skipped: $2"
	[[ " $1 " == *" ${KERNEL-native} "* ]] || report 1 "${KERNEL-native} has what ${test_name-a test} wants: $2"
}

# Poll: wait_for COMMAND… ; emulated machines are slow
wait_for()
{
	local until=$((SECONDS + patience))

	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.1
	done
}

# Not by ip netns exec, which mounts /sys anew: emulated machines are slow.
in_ns()	{ local ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }
B()	{ brokertool -n s "$@"; }

# listen FILE [OPTION…] : in the background, what changes in s. What FILE held is gone once this
# returns, so whoever waits for a line in it does not take a test's before it for one.
listen()
{
	: >"$1"
	brokertool -n s "${@:2}" monitor >"$1" &
}

# value KEY JSON : the first string, number or word of that name in the first object; for the rest
# KEY is a filter of jq, which takes longer to start than all else that a check needs
value()
{
	if [[ $2 =~ \"$1\":(\"([^\"]*)\"|[^][{}\",]+) ]]; then
		[[ ${BASH_REMATCH[1]} == \"* ]] || BASH_REMATCH[2]=${BASH_REMATCH[1]}
		printf '%s\n' "${BASH_REMATCH[2]}"
	else
		jq -r ".[0].$1" <<<"$2"
	fi
}

# count_in NAME JSON : among the drops listed there; what is not listed has not happened, but no list
# is no number
count_in()
{
	local number='"drops":\{[^}]*"'$1'":([0-9]+)'

	if [[ $2 =~ $number ]]; then echo "${BASH_REMATCH[1]}"
	elif [[ $2 == *'"drops":{'* ]]; then echo 0
	else echo "no $1, no drops at all" >&2; return 1
	fi
}

# client NAME KEY : a value of a client; client_jq NAME FILTER : more than one
client()	{ value "$2" "$(B -j client show "$1")"; }
client_jq()	{ B -j client show "$1" | jq -cr ".[0] | $2"; }
drops()		{ count_in "$2" "$(B -j client show "$1")"; }
link_drops()	{ count_in "$1" "$(B -j link show broker0)"; }
uplink()	{ value "$1" "$(B -j ndp show)"; }

# Seconds between the packets of a flood; a machine that is emulated cannot take many.
pace=${TEST_PACE:-0.005}
# Seconds to wait for what must happen.
case ${KERNEL-} in
debian-* | uml-debug)	patience=120 ;;
*)			patience=30 ;;
esac

# one answer is enough
reaches()
{
	in_ns "$1" ping -6 -n -q -c 1 -W 10 "${@:3}" "$2"
}

# icmp6 NS COUNTER : from /proc/net/snmp6
icmp6()	{ in_ns "$1" awk -v name="$2" '$1 == name { print $2 }' /proc/net/snmp6; }

# world LAYOUT : build it, with a link, pools and an uplink
world()
{
	local ns

	modprobe -a sitbroker sit veth bridge 2>/dev/null
	ip -batch - <<-'EOF'
		netns add net
		netns add s
		netns add c1
		netns add c2
		netns add x
		netns add r
		netns add h
		link add br0 netns net type bridge
		link add eth0 netns s type veth peer name s netns net
		link add eth0 netns c1 type veth peer name c1 netns net
		link add eth0 netns c2 type veth peer name c2 netns net
		link add eth0 netns x type veth peer name x netns net
		link add eth1 netns s type veth peer name lan netns r
		link add out netns r type veth peer name eth0 netns h
	EOF
	ip -n net -batch - <<-'EOF'
		link set s master br0 up
		link set c1 master br0 up
		link set c2 master br0 up
		link set x master br0 up
		link set br0 up
	EOF
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth1.accept_dad=0
	in_ns r sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.lan.accept_dad=0 \
		net.ipv6.conf.out.accept_dad=0
	in_ns h sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	ip -n s -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		link set eth1 up
		addr add 203.0.113.1/24 dev eth0
		addr add 2001:db8:1::1/64 dev eth1
		route add default via 2001:db8:1::fe
	EOF
	ip -n r -batch - <<-'EOF'
		link set lo up
		link set lan up
		link set out up
		addr add 2001:db8:1::fe/64 dev lan
		addr add 2001:db8:beef::1/64 dev out
	EOF
	ip -n h -batch - <<-'EOF'
		link set lo up
		link set eth0 up
		addr add 2001:db8:beef::2/64 dev eth0
		route add default via 2001:db8:beef::1
	EOF
	for ns in c1:11 c2:12 x:66; do
		ip -n "${ns%:*}" -batch - <<-EOF
			link set lo up
			link set eth0 up
			addr add 203.0.113.${ns#*:}/24 dev eth0
		EOF
	done

	case ${1-onlink} in
	onlink)
		B -batch - <<-'EOF' ;;
			link add broker0 local 203.0.113.1
			pool add 2001:db8:1:0:8000::/80 pair
			pool add 2001:db8:1:0:9000::/80 routed 112
			ndp add eth1
		EOF
	routed)
		ip -n r -batch - <<-'EOF'
			route add 2001:db8:100::/64 via 2001:db8:1::1
			route add 2001:db8:200::/48 via 2001:db8:1::1
		EOF
		B -batch - <<-'EOF' ;;
			link add broker0 local 203.0.113.1
			pool add 2001:db8:100::/64 pair
			pool add 2001:db8:200::/48 routed 64
		EOF
	esac
	# What comes from clients shall not take the short way in, see middle.sh.
	[ -z "${heard-}" ] || hear s 127.0.0.1
}

# hear NS ADDRESS : somebody there listens to protocol 41, for what comes to that address
hear()
{
	rm -f /tmp/heard
	# Not by in_ns: it is to be killed.
	nsenter --net=/run/netns/"$1" python3 -c '
import socket, sys
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 41)
raw.bind((sys.argv[1], 0))
print("listening", flush=True)
while True:
    print(len(raw.recv(2000)), flush=True)' "$2" >/tmp/heard &
	wait_for grep -qs listening /tmp/heard
}

# inside_vrf : the inside of an "onlink" world, link and uplink, in VRF red; fails where the kernel has none
inside_vrf()
{
	modprobe vrf 2>/dev/null
	ip -n s link add red type vrf table 1010 || return
	ip -n s -batch - <<-'EOF'
		link set red up
		link set eth1 master red
		addr add 2001:db8:1::1/64 dev eth1 nodad
		route add default via 2001:db8:1::fe vrf red
		link set broker0 master red
	EOF
}

# advertise : r advertises itself on the uplink's network, as in RFC 4861 4.2
advertise()
{
	in_ns r python3 - <<-'EOF'
		import socket, struct
		s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
		lan = socket.if_nametoindex("lan")
		s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
		s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, lan)
		s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, lan))
	EOF
}

# Has the server learnt it?
has_router()	{ [ -n "$(ip -n s -6 route show default proto ra)" ]; }

# tunnel NS CLIENT LOCAL [DEVICE] : exactly what a user types
tunnel()
{
	local device=${4-tunnel}

	ip -n "$1" -batch - <<-EOF
		tunnel add $device mode sit remote 203.0.113.1 local $3 ttl 255
		link set $device up
		addr add $(client "$2" client_ipv6)/127 dev $device
		route add ::/0 dev $device
	EOF
}

# by_route : s knows that the uplink's network is on-link by a route, as DHCPv6 and a router say it
by_route()
{
	ip -n s -6 addr flush dev eth1 scope global
	ip -n s -batch - <<-'EOF'
		addr add 2001:db8:1::1/128 dev eth1
		route add 2001:db8:1::/64 dev eth1 proto ra
		route replace default via 2001:db8:1::fe
	EOF
}

# tunnel_uplink : IPv6 comes to s by a tunnel from x, whose end has 2001:db8:70::1
tunnel_uplink()
{
	ip -n x -batch - <<-'EOF'
		tunnel add tb0 mode sit remote 203.0.113.1 local 203.0.113.66
		link set tb0 up
		addr add 2001:db8:70::1/64 dev tb0
	EOF
	ip -n s -batch - <<-'EOF'
		tunnel add tb0 mode sit remote 203.0.113.66 local 203.0.113.1
		link set tb0 up
		addr add 2001:db8:70::2/64 dev tb0
		route replace ::/0 dev tb0
	EOF
}

# UDP that nobody waits for, in a namespace.
strays()	{ icmp6 "$1" Udp6NoPorts; }

# Packets that took one of the link's ways: took COUNTER
took()		{ in_ns s ethtool -S broker0 | awk -v name="$1:" '$1 == name { print $2 }'; }

# What a command sends arrives in a namespace, and so: arrives COUNTER NAMESPACE straight|stack COMMAND…
arrives()
{
	local before arrived where=$2

	before=$(took "$1")
	arrived=$(strays "$where")
	"${@:4}" || return 1
	wait_for eval '[ "$(strays "$where")" = $((arrived + 1)) ]' || { echo "it did not arrive"; return 1; }
	[ "$3" = stack ] || ((++before))
	[ "$(took "$1")" = "$before" ] || { echo "$1 is $(took "$1"), not $before"; return 1; }
}

# It does not arrive: ends COUNTER NAMESPACE straight|stack COMMAND…; what later() sends comes behind it
ends()
{
	local before arrived

	before=$(took "$1")
	arrived=$(strays "$2")
	"${@:4}" || return 1
	later >/dev/null || return 1
	[ "$3" = stack ] || ((++before))
	[ "$(strays "$2")/$(took "$1")" = "$arrived/$before" ] ||
		{ echo "$arrived arrived, now $(strays "$2"); $1 is $(took "$1"), not $before"; return 1; }
}

# What the only counter in the server's rules says.
hits6()	{ in_ns s nft -j list counters | jq '.nftables[] | select(.counter).counter.packets'; }

# listens PROTOCOL [DEVICE [TYPE]] : in the background, a packet socket that says what UDP it hears of
# broker0; what arrives there, or of another type
listens()
{
	local protocol=$1 device=${2-} type=${3-PACKET_HOST}

	rm -f /tmp/packets
	nsenter --net=/run/netns/s python3 -c '
import socket, sys
protocol = int(sys.argv[1], 16)
packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
if sys.argv[2]:
    packets.bind((sys.argv[2], protocol))
print("open", flush=True)
while True:
    data, origin = packets.recvfrom(2000)
    if origin[0] == "broker0" and origin[2] == getattr(socket, sys.argv[3]) and data[6] == 17:
        print("heard", flush=True)' "$protocol" "$device" "$type" >/tmp/packets &
	wait_for grep -qs open /tmp/packets
}

# Two clients, c1 and c2, each with its tunnel.
two_clients()
{
	B -q -batch - <<-'EOF'
		client add one endpoint 203.0.113.11
		client add two endpoint 203.0.113.12
	EOF
	tunnel c1 one 203.0.113.11
	tunnel c2 two 203.0.113.12
}

unpacked=${SITBROKER_CACHE-}/unpacked

# What the machine that runs the tests does not have, see tests/vm/unpacked.
get_system()
{
	tar -C "$unpacked/$1/tree" -c . | tar -C / -x --keep-directory-symlink && ldconfig
}

# network_manager NAMESPACE UNMANAGED [DNS] : it begins, and leaves those devices alone; UNMANAGED begins
# with "=", or "+=" where its other files say some, too
network_manager()
{
	mkdir -p /run/dbus
	in_ns "$1" dbus-daemon --system --nofork --nopidfile >/tmp/dbus 2>&1 &
	wait_for test -S /run/dbus/system_bus_socket
	cat >/tmp/nm.conf <<-EOF
		[main]
		plugins=keyfile
		dns=${3-none}
		no-auto-default=*
		[keyfile]
		unmanaged-devices$2
	EOF
	in_ns "$1" unshare -m sh -c 'mount -o remount,bind,ro /sys &&
		exec /usr/sbin/NetworkManager -d --config /tmp/nm.conf --config-dir /tmp/none' >/tmp/nm 2>&1 &
}

# Take the world down, and the module out: every reference must be gone.
end_world()
{
	local all=()

	jobs -p | xargs -r kill 2>/dev/null
	wait 2>/dev/null
	# The next test waits for what its own readers say.
	rm -f /tmp/tcpdump-* /tmp/heard
	mapfile -t all < <(ls /run/netns 2>/dev/null)
	if ((${#all[@]})); then
		printf 'netns pids %s\n' "${all[@]}" | ip -batch - | xargs -r kill -9 2>/dev/null
		printf 'netns del %s\n' "${all[@]}" | ip -batch -
	fi
	[ ! -e /sys/module/sitbroker ] || wait_for rmmod sitbroker 2>/dev/null ||
		report 1 "the module can be removed after ${test_name-a test}"
}
