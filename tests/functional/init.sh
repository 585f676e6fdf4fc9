# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A first configuration: what can be seen is in it, and what it says works. The world: lib.sh.

# bare LAYOUT : a server on which nothing has been done
bare()
{
	world "$1"
	B link del broker0
}

# has TEXT LINE… : these lines are in the configuration, as a whole
has()
{
	local text=$1 line
	shift

	B init >/tmp/init
	for line in "$@"; do
		check "$text: $line" grep -qxF "$line" /tmp/init
	done
}

# What it says is done, and a client is served; then it is undone.
serves_one()
{
	check "what it says can be done" obey
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	check "and works" reaches c1 2001:db8:beef::2
	check "for those beyond, too" reaches h "$(client one client_ipv6)"
	B link del broker0
}


# The same, by commands.
obey()
{
	B link add broker0 "local" "$(sed -n 's/^local = //p' /tmp/init)"
	sed -nE 's/^pool (.*) \{ pair = yes \}$/pool add \1 pair/p
		 s/^pool (.*) \{ routed = ([0-9]+) \}$/pool add \1 routed \2/p
		 s/^ndp (.*) \{ \}$/ndp add \1/p' /tmp/init | B -batch -
}

test_init_onlink()
{
	bare onlink
	has "a /64 is shared" 'local = 203.0.113.1' 'ndp eth1 { }' \
		'pool 2001:db8:1:0:8000::/80 { pair = yes }' 'pool 2001:db8:1:0:9000::/80 { routed = 112 }'
	check "what UDP servers need is a comment" grep -qx '# nonlocal-bind = on' /tmp/init
	check "all else is a comment" test "$(grep -cvE '^(#.*|)$' /tmp/init)" = 4
	serves_one

	ip -n s addr add 2001:db8:1:0:8000::5/64 dev eth1
	ip -n s route replace default via 2001:db8:1:0:a000::1
	has "a part with an address, or a router, is left out" \
		'pool 2001:db8:1:0:9000::/80 { pair = yes }' 'pool 2001:db8:1:0:b000::/80 { routed = 112 }'
}

test_init_routed()
{
	bare routed
	# What careful hosts refuse is nobody's.
	ip -n s -6 -batch - <<-'EOF'
		route add unreachable 2400::/12
		route add blackhole 2001::/23
		route add blackhole 2001:10::/28
		route add blackhole 2002::/16
		route add unreachable 2002:cb00:7101::/48
		route add prohibit 2001:db8::/32
		route add unreachable 3fff::/20
		route add unreachable 3ffe::/16
	EOF
	has "bogons are routed nowhere: the /64 is shared" 'ndp eth1 { }' \
		'pool 2001:db8:1:0:8000::/80 { pair = yes }'
	ip -n s -6 route del prohibit 2001:db8::/32
	ip -n s -6 route add unreachable 2001:db8:200::/48
	has "a /48 is routed here" 'local = 203.0.113.1' 'pool 2001:db8:200:1::/64 { pair = yes }' \
		'pool 2001:db8:200:8000::/49 { routed = 64 }'
	has "what keeps the rest of it from going in circles lasts" '#	[Route]' '#	Destination=2001:db8:200::/48' \
		'#	Type=unreachable' '#	up ip -6 route replace unreachable 2001:db8:200::/48'
	check "all that is a comment" test "$(grep -cvE '^(#.*|)$' /tmp/init)" = 3
	check "nobody has to be answered" eval '! grep -q ^ndp /tmp/init'
	check "what it says can be done" obey
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	check "and works" reaches c1 2001:db8:beef::2
	check "with a /64 for the client" test "$(client one 'routed[0]')" = 2001:db8:200:8000::/64
	B link del broker0

	ip -n s -6 route del unreachable 2001:db8:200::/48
	ip -n s -6 route add blackhole 2001:db8:200::/64
	has "a /64 alone is cut" 'pool 2001:db8:200:0:8000::/80 { pair = yes }' \
		'pool 2001:db8:200:0:9000::/80 { routed = 112 }'
}

# The device that the default route leads to has a link-local address alone, as routers like it.
test_init_elsewhere()
{
	bare onlink
	ip -n s -6 route replace default via fe80::1 dev eth0
	refused "a LAN is no uplink" 2 "none is on-link where the IPv6 default route leads (eth0)" B init
	ip -n s -6 addr flush dev eth1 scope global
	ip -n s addr add 2001:db8:77:1::1/64 dev lo
	refused "nor is lo" 2 "none is on-link where the IPv6 default route leads (eth0)" B init
	ip -n s -6 route add unreachable 2001:db8:78::/56
	has "what it says helps" 'pool 2001:db8:78:1::/64 { pair = yes }' \
		'pool 2001:db8:78:80::/57 { routed = 64 }'
	ip -n s -6 route del unreachable 2001:db8:78::/56
	ip -n s -6 route add unreachable 2001:db8:77::/56
	has "a network of this host is left out" 'pool 2001:db8:77:2::/64 { pair = yes }' \
		'pool 2001:db8:77:80::/57 { routed = 64 }'
	ip -n s addr add 2001:db8:77:90::1/64 dev lo
	has "so is one among the networks for clients" 'pool 2001:db8:77:2::/64 { pair = yes }' \
		'pool 2001:db8:77:c0::/58 { routed = 64 }'
	ip -n s addr add 2001:db8:77:f0::1/64 dev lo
	has "on either side of them" 'pool 2001:db8:77:a0::/59 { routed = 64 }'
	ip -n s -6 route del unreachable 2001:db8:77::/56
	ip -n s -6 route del default
	refused "it may lead nowhere" 2 "where the IPv6 default route leads (nowhere)" B init
}

# Networks of this host behind a gateway, and in tables that are not asked.
test_init_networks()
{
	bare onlink
	ip -n s -6 route add unreachable 2001:db8:77::/56
	ip -n s -6 route add 2001:db8:77:80::/60 via 2001:db8:1::9
	has "a network behind a gateway is left out" 'pool 2001:db8:77:1::/64 { pair = yes }' \
		'pool 2001:db8:77:c0::/58 { routed = 64 }'
	ip -n s -6 route add 2001:db8:77:1::/64 via 2001:db8:1::9
	ip -n s -6 route add 2001:db8:77:2::/63 via 2001:db8:1::9
	has "for pairs, too, if it is larger" 'pool 2001:db8:77:4::/64 { pair = yes }'
	ip -n s -6 route add blackhole 2001:db8:77:c0::1/128
	has "so is what goes nowhere" 'pool 2001:db8:77:a0::/59 { routed = 64 }'
	ip -n s -6 route add 2001:db8:77:80::/57 dev lo table 99
	has "half is not enough: the other" 'pool 2001:db8:77:40::/58 { routed = 64 }'
	ip -n s -6 route del unreachable 2001:db8:77::/56
	ip -n s -6 route add blackhole 2001:db8:79::/56 table 99
	has "a table that is not asked tells nothing" 'ndp eth1 { }'
	ip -n s -6 route add 2001:db8:1:0:8000::/81 via 2001:db8:1::9
	has "a part of what is on-link" 'pool 2001:db8:1:0:9000::/80 { pair = yes }' \
		'pool 2001:db8:1:0:a000::/80 { routed = 112 }'
}

# What other links have is theirs.
test_init_second()
{
	world onlink
	check "of one link, what it has is its own" test "$(B init | grep -c '^local = 203.0.113.1$\|:8000::/80 \|:9000::/80 ')" = 3
	B init broker1 >/tmp/init
	check "a second link: other pools" test "$(grep -c '^pool 2001:db8:1:0:[ab]000::/80 ' /tmp/init)" = 2
	check "no address" eval '! grep -q "^local" /tmp/init'
	check "that is said" grep -qx '# 203.0.113.1, on eth0, is the local address of link broker0, and each link needs' /tmp/init
	check "and what to do" grep -qx '# local = ADDRESS' /tmp/init
	B link set broker0 down
	check "nor does it have the pools of one that is down" test "$(B init broker1 |
		grep -c '^pool 2001:db8:1:0:[ab]000::/80 ')" = 2
	B link set broker0 up
	ip -n s addr add 192.168.7.1/24 dev eth1
	check "a LAN is not the world" eval '! B init broker1 | grep -q "^local"'
	ip -n s addr add 203.0.113.2/24 dev eth0
	B init broker1 >/tmp/init
	check "a second address" grep -qx 'local = 203.0.113.2' /tmp/init
	check "what it says can be done" second
}

# What it says for broker1 is done.
second()
{
	B link add broker1 "local" "$(sed -n 's/^local = //p' /tmp/init)" &&
	sed -nE 's/^pool (.*) \{ pair = yes \}$/pool add \1 pair dev broker1/p
		 s/^pool (.*) \{ routed = ([0-9]+) \}$/pool add \1 routed \2 dev broker1/p
		 s/^ndp (.*) \{ \}$/ndp add \1 dev broker1/p' /tmp/init | B -batch -
}

# What a router advertises, and an address alone.
test_init_by_route()
{
	bare onlink
	by_route
	has "a /64 is on-link by its route" 'local = 203.0.113.1' 'ndp eth1 { }' \
		'pool 2001:db8:1:0:8000::/80 { pair = yes }' 'pool 2001:db8:1:0:9000::/80 { routed = 112 }'
	serves_one
	ip -n s -batch - <<-'EOF'
		route add 2001:db8:1:fe::/64 via 2001:db8:1::fe
		route add 2001:db8:1:ff::/64 dev eth0
		route add 2001:db8:2::/64 dev eth1 table 7
		route add 2001:db8:1::9/128 dev eth1
		route add 2000::/3 dev eth1
		route del 2001:db8:1::/64 dev eth1
		route add 2001:db8:1::fe dev eth1
		route replace default via 2001:db8:1::fe
	EOF
	refused "a gateway, another device, another table, one neighbour, all" 2 \
		"none is on-link where the IPv6 default route leads (eth1)" B init
}

# A point-to-point device: no neighbour asks for a part of what is there.
test_init_point()
{
	bare routed
	tunnel_uplink
	has "a tunnel brings a /64" 'pool 2001:db8:70:0:8000::/80 { pair = yes }' \
		'pool 2001:db8:70:0:9000::/80 { routed = 112 }' \
		'# 2001:db8:70::/64 comes to this server by tb0, which knows no neighbour discovery:'
	check "nobody has to be answered" eval '! grep -q ^ndp /tmp/init'
	has "what keeps the rest of it from going in circles" '#	Destination=2001:db8:70::/64' '#	Metric=1' \
		'#	up ip -6 route replace unreachable 2001:db8:70::/64 metric 1'
	check "what it says can be done" obey
	B -q client add one endpoint 203.0.113.11
	tunnel c1 one 203.0.113.11
	check "and works" reaches c1 2001:db8:70::1
	check "the other way, too" reaches x "$(client one client_ipv6)"
	B link del broker0
	ip -n s -6 route add unreachable 2001:db8:70::/64 metric 1
	has "with that route it is the same" 'pool 2001:db8:70:0:8000::/80 { pair = yes }' \
		'#	up ip -6 route replace unreachable 2001:db8:70::/64 metric 1'
	ip -n s -6 route replace default via 2001:db8:70::1 dev tb0
	has "a gateway keeps a route of its own" '#	up ip -6 route replace 2001:db8:70::1 dev tb0' \
		'#	Destination=2001:db8:70::1/128'
	ip -n s -6 route add unreachable 2001:db8:200::/48
	has "what is routed comes first" 'pool 2001:db8:200:1::/64 { pair = yes }'
}

# The address is that of packets to the world, whatever careful hosts refuse and devices come first.
test_init_address()
{
	bare onlink
	ip -n s -batch - <<-'EOF'
		addr add 198.51.100.7/24 dev eth1
		route add default via 198.51.100.1
		route add unreachable 192.0.2.0/24
		route add unreachable 198.18.0.0/15
	EOF
	has "documentation is a bogon" 'local = 198.51.100.7' '# The IPv4 address of this server, on eth1.'
	ip -n s addr add 198.51.100.9/32 dev lo
	ip -n s route replace default via 198.51.100.1 src 198.51.100.9
	has "an address for all devices" 'local = 198.51.100.9' '# The IPv4 address of this server, on lo.'
	ip -n s route del default
	ip -n s addr del 198.51.100.9/32 dev lo
	ip -n s addr flush dev eth0
	ip -n s -batch - <<-'EOF'
		addr add 169.254.7.7/16 dev eth0
		addr add 172.17.0.1/16 dev eth0
	EOF
	has "without a default route: a public one" 'local = 198.51.100.7'
	ip -n s addr del 198.51.100.7/24 dev eth1
	has "else one that a router knows" 'local = 172.17.0.1'
}

# The kernel takes nearly everything for a name of a device, libconfuse does not.
test_init_name()
{
	local name config=/etc/netns/s/sitbroker

	bare onlink
	rm -rf "$config"
	mkdir -p "$config" /etc/sitbroker
	for name in 'e+(0)' 'a"b' 'a\b' "a\${b}" "a'b" 'a#b' é; do
		ip -n s link set eth1 down name "$name"
		ip -n s link set "$name" up
		ip -n s addr replace 2001:db8:1::1/64 dev "$name"
		ip -n s -6 route replace default via 2001:db8:1::fe
		B init >"$config/broker0.conf"
		check "a device $name: a configuration" B config check
		check "of that device" eval 'B -j config diff |
			jq -e --arg name "$name" "any(.words[:3] == [\"ndp\", \"add\", \$name])"'
		check "that can be applied" B config apply
		check "and saved" eval 'B config save >/tmp/saved && cp /tmp/saved "$config/broker0.conf"'
		check "as it is" eval 'B config diff; [ $? = 3 ]'
		B link del broker0
		ip -n s link set "$name" down name eth1
	done
	rm -r "$config"
}

test_init_unclear()
{
	local name

	bare onlink
	ip -n s addr del 203.0.113.1/24 dev eth0
	refused "no IPv4" 2 "no device has an IPv4 address" B init
	ip -n s addr add 10.0.0.5/24 dev eth0
	has "a private address" 'local = 10.0.0.5' '# public = ADDRESS'
	check "another name" grep -q sitbroker@tunnels <<<"$(B init tunnels)"
	for name in ../etc 'tb%d' 'a b' a:b . .. '' $'a\tb' sixteen-is-a-lot; do
		refused "no name: $name" 1 "is no name of 1 to 15 characters" B init "$name"
	done
	for name in all default; do
		refused "no name: $name" 1 "is what the kernel calls" B init "$name"
		refused "no name: $name" 1 "is what the kernel calls" B link add "$name" "local" 203.0.113.1
	done
	refused "a word too many" 1 "one word too many" B init tunnels now
	ip -n s -6 addr flush dev eth1 scope global
	refused "no prefix" 2 "no prefix for clients can be seen" B init
	ip -n s -6 addr add fd00:1::1/64 dev eth1
	ip -n s -6 route replace default via fe80::1 dev eth1
	refused "a ULA" 2 "leads (eth1), fd00:1::/64, is a ULA" B init
	ip -n s -6 addr flush dev eth1 scope global
	ip -n s -6 addr add 2001:db8:1::1/112 dev eth1
	refused "a long one" 2 "leads (eth1), 2001:db8:1::/112, is longer than /96" B init
	end_world
	check "the module is not needed" eval 'brokertool init 2>&1 | grep -q "no device has an IPv4"'
}
