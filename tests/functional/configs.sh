# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Client configurations: what Debian has a program for is given to that program, and must carry
# traffic. The others: tests/tools/format_test.c. The world: lib.sh.

# config FORMAT [WORD…] : the first object that it prints
config()	{ B -j client config one format "$@" | jq '.[0]'; }

# put_files FORMAT DIRECTORY : where they belong, below a directory
put_files()
{
	local path paths

	mapfile -t paths < <(config "$1" | jq -r '.files[].path | values')
	[ ${#paths[@]} -gt 0 ] || return
	for path in "${paths[@]}"; do
		mkdir -p "$2${path%/*}" || return
		config "$1" | jq -j --arg path "$path" '.files[] | select(.path == $path).text' \
			>"$2$path" || return
		! grep -q 'chmod 600' "$2$path" || chmod 600 "$2$path"
	done
}

# run_commands FORMAT : in the client's namespace, up to the first that fails
run_commands()
{
	config "$1" | jq -j '.files[] | select(.path == null).text' | in_ns c1 sh -e
}

# With an MTU that no system takes of itself.
one_client()
{
	world routed
	modprobe sit 2>/dev/null
	B -q client add one endpoint 203.0.113.11 mtu 1400
	routed=$(client one 'routed[0]')
}

# carries TEXT : the tunnel that was set up
carries()
{
	check "$1: the client reaches a host beyond the router" \
		wait_for reaches c1 2001:db8:beef::2 -W 2
	check "$1: that host reaches the client" reaches h "$(client one client_ipv6)"
	check "$1: the MTU is the client's" test "$(ip -n c1 -j link show tb6 | jq '.[0].mtu')" = 1400
	check "$1: TTL 255 outside" \
		test "$(ip -n c1 -d -j link show tb6 | jq '.[0].linkinfo.info_data.ttl')" = 255
	check "$1: nothing of the routed prefix goes back" wait_for test "$(in_ns c1 ip -6 route get \
		"${routed%/*}77" 2>&1 | grep -ciE 'unreachable|no route')" -ge 1
}

gone()
{
	check "$1: it goes again" test -z "$(ip -n c1 -6 route show default)" -a \
		-z "$(ip -n c1 -6 route show "$routed")"
}

test_iproute2()
{
	one_client
	check "iproute2: the commands run" run_commands iproute2
	carries iproute2
	check "iproute2 is what is printed for people" test "$(B client config one)" = \
		"$(config iproute2 | jq -j '.files[0].text')"
	check "an abbreviation is enough" test "$(B client config one format ipr)" = \
		"$(B client config one)"
}

test_ifupdown()
{
	local options=(--no-scripts --state-dir=/tmp/ifupdown -i /tmp/ifupdown/etc/network/interfaces.d/tb6)

	one_client
	get_system ifupdown
	check "ifupdown: files" put_files ifupdown /tmp/ifupdown
	check "ifupdown: ifup" in_ns c1 ifup "${options[@]}" -a
	carries ifupdown
	check "ifupdown: ifdown" in_ns c1 ifdown "${options[@]}" -a
	gone ifupdown
}

test_ifupdown_ng()
{
	local options=(-E /usr/libexec/ifupdown-ng -S /tmp/ng/state -i /tmp/ng/etc/network/interfaces.d/tb6)

	one_client
	get_system ifupdown-ng
	check "ifupdown-ng: files" put_files ifupdown-ng /tmp/ng
	check "ifupdown-ng: ifup" in_ns c1 ifup "${options[@]}" -a
	carries ifupdown-ng
	check "ifupdown-ng: ifdown" in_ns c1 ifdown "${options[@]}" -a
	gone ifupdown-ng
}

# With /sys read-only it does not wait for udev.
networkd()
{
	mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
	chown -R systemd-network: /run/systemd/netif
	in_ns c1 unshare -m sh -c 'mount -o remount,bind,ro /sys &&
		SYSTEMD_LOG_TARGET=console exec /lib/systemd/systemd-networkd' >/tmp/networkd 2>&1 &
}

test_networkd()
{
	one_client
	check "networkd: files" put_files networkd /
	networkd
	carries networkd
	check "networkd: it complains of nothing in them" \
		eval '! grep -E "60-tb6[^ ]*:[0-9]+:|tb6: .*(Fail|Could not)" /tmp/networkd'
	rm -f /etc/systemd/network/60-tb6.*
}

test_netplan()
{
	one_client
	check "netplan: files" put_files netplan /
	check "netplan: generate" netplan generate
	check "netplan: says nothing" test -z "$(netplan generate 2>&1)"
	networkd
	carries netplan
	rm -f /etc/netplan/60-tb6.yaml /run/systemd/network/*netplan*
}

test_networkmanager()
{
	one_client
	get_system networkmanager
	check "NetworkManager: files" put_files networkmanager /
	network_manager c1 =interface-name:eth0
	wait_for eval 'nmcli -t -f NAME connection show 2>/dev/null | grep -qx tb6'
	report $? "NetworkManager: it knows the connection"
	check "NetworkManager: it is a sit tunnel" \
		test "$(nmcli -t -f ip-tunnel.mode connection show tb6)" = ip-tunnel.mode:sit
	check "NetworkManager: it comes up" nmcli connection up tb6
	carries NetworkManager
	rm -f /etc/NetworkManager/system-connections/tb6.nmconnection
}

# nm_connection NAME TYPE DEVICE ADDRESS
nm_connection()
{
	local file=/etc/NetworkManager/system-connections/$1.nmconnection

	printf '[connection]\nid=%s\ntype=%s\ninterface-name=%s\n[ipv4]\nmethod=manual\naddress1=%s\n' \
		"$@" >"$file"
	chmod 600 "$file"
}

is_left_alone()
{
	[ "$(nmcli -g GENERAL.STATE device show "$1")" = "10 (unmanaged)" ] &&
		[ -z "$(ip -n s -4 addr show dev "$1")" ] && return
	nmcli device
	return 1
}

# The server's: with the file that a package puts where NetworkManager looks, it leaves links alone,
# even when somebody has it bring up a connection for them.
test_networkmanager_keeps_off()
{
	world routed
	get_system networkmanager
	rm -rf /tmp/staged /usr/lib/NetworkManager/conf.d /etc/NetworkManager/system-connections
	check "the file is installed" make -s -C "$here/../../tools" install PREFIX=/usr DESTDIR=/tmp/staged
	cp -r /tmp/staged/usr/lib/NetworkManager/conf.d /usr/lib/NetworkManager/
	mkdir -p /etc/NetworkManager/system-connections
	nm_connection own dummy own0 10.9.7.1/24
	nm_connection thief generic broker0 10.9.8.1/24
	nm_connection late generic broker1 10.9.9.1/24
	network_manager s "+=interface-name:eth*"
	check "NetworkManager has looked at all devices" wait_for eval \
		'nmcli -t -f STARTUP general 2>/dev/null | grep -qx started'
	check "it does its work" wait_for eval 'ip -n s addr show dev own0 2>/dev/null | grep -q 10.9.7.1'
	check "and leaves a link alone" is_left_alone broker0
	check "even when it is told to take it" eval '! nmcli connection up thief && is_left_alone broker0'
	ip -n s addr add 203.0.113.9/24 dev eth0
	B link add broker1 local 203.0.113.9
	check "one that comes later" wait_for eval 'nmcli -t -f DEVICE device | grep -qx broker1'
	check "likewise" eval '! nmcli connection up late && is_left_alone broker1'
	rm -r /etc/NetworkManager/system-connections
}

# A network behind the client, with one host that knows nothing.
lan()
{
	one_client
	run_commands iproute2
	ip -batch - <<-'EOF2'
		netns add lan1
		link add eth1 netns c1 type veth peer name eth0 netns lan1
	EOF2
	ip -n c1 link set eth1 up
	in_ns c1 sysctl -qw net.ipv6.conf.eth1.accept_dad=0
	in_ns lan1 sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	check "$1: the commands run" run_commands "$1"
	check "$1: files" put_files "$1" /
}

announced()
{
	local address

	ip -n lan1 link set eth0 up
	wait_for eval 'ip -n lan1 -6 addr show dev eth0 scope global | grep -q inet6'
	report $? "$1: a host of the LAN gets an address"
	address=$(ip -n lan1 -6 -j addr show dev eth0 scope global | jq -r '.[0].addr_info[0].local')
	check "$1: of the routed prefix" test "${address#"${routed%::/64}":}" != "$address"
	check "$1: and the tunnel's MTU" \
		wait_for eval "[ \"\$(in_ns lan1 sysctl -n net.ipv6.conf.eth0.mtu)\" = 1400 ]"
	check "$1: it reaches a host beyond the router" wait_for reaches lan1 2001:db8:beef::2 -W 2
	check "$1: that host reaches it" reaches h "$address"
}

test_radvd()
{
	lan radvd
	check "radvd: takes its configuration" radvd -c -C /etc/radvd.conf
	in_ns c1 radvd -n -C /etc/radvd.conf -p /tmp/radvd.pid >/tmp/radvd 2>&1 &
	announced radvd
	rm -f /etc/radvd.conf
}

test_dnsmasq_ra()
{
	lan dnsmasq
	check "dnsmasq: takes its configuration" dnsmasq --test -C /etc/dnsmasq.d/tb6.conf
	in_ns c1 dnsmasq -k -C /etc/dnsmasq.d/tb6.conf --port=0 --user=root --pid-file= \
		--leasefile-ro >/tmp/dnsmasq 2>&1 &
	announced dnsmasq
	rm -f /etc/dnsmasq.d/tb6.conf
}

test_config_command()
{
	local format formats

	world onlink
	B -q client add one endpoint 203.0.113.11
	mapfile -t formats < <(B -j client config one format list | jq -r '.[].format')
	check "there are 21 formats" test ${#formats[@]} = 21
	check "each says what it is for" test "$(B -brief client config one format list |
		grep -cE '^[a-z0-9-]+ +[A-Za-z]+')" = 21
	for format in "${formats[@]}"; do
		case $format in
		radvd | dnsmasq)
			refused "$format: a /112 is no LAN" 2 \
				"client \"one\" has no routed prefix of /64 or shorter" \
				B client config one format "$format" ;;
		*)
			check "$format: JSON has the format and what belongs where" jq -e --arg format "$format" '
				.format == $format and (.files | length) >= 1 and
				all(.files[]; (.path | type) != "number" and (.text | endswith("\n"))) and
				any(.files[]; .text | contains("203.0.113.1"))' <<<"$(config "$format")" ;;
		esac
	done
	check "files are told apart" test "$(B client config one format networkd | grep '^# /etc')" = \
		$'# /etc/systemd/network/60-tb6.netdev\n# /etc/systemd/network/60-tb6.network'
	refused "an unknown format" 1 "one of: cisco dnsmasq" B client config one format nonsense
	refused "an unknown client" 3 "client \"two\"" B client config two
	refused "no name" 1 "needs a value" B client config
	refused "an unknown word" 1 "unknown word \"as\"" B client config one as netplan
	refused "a local address that is none" 1 "give an IPv4 address" B client config one local ::1

	refused "nor is that of a group" 1 "local \"224.0.0.1\" is no address of a host" \
		B client config one local 224.0.0.1
	check "behind a NAT it is the host's own address" \
		grep -q "remote 203.0.113.1 local 10.0.0.2 " <<<"$(B client config one local 10.0.0.2)"
	B -q client add late
	check "who has no endpoint gets a place to fill in" \
		grep -q " local CLIENT-IPV4-ADDRESS " <<<"$(B client config late 2>/dev/null)"
	check "and is told so" grep -q "client \"late\" has no endpoint yet.*client set late endpoint" \
		<<<"$(B client config late 2>&1 >/dev/null)"
	check "unless quiet" test -z "$(B -q client config late 2>&1 >/dev/null)"
	check "or known otherwise" test -z "$(B client config late local 10.0.0.2 2>&1 >/dev/null)"
	check "bash completes formats" test "$(in_ns s bash -c '
		. "$TOP/tools/completion/brokertool"
		COMP_WORDS=(brokertool client config one format ifup) COMP_CWORD=5
		_brokertool
		echo "${COMPREPLY[*]}"')" = "ifupdown ifupdown-ng"
	B link set broker0 public 198.51.100.9
	check "the public address is the one to go to" \
		grep -q "remote 198.51.100.9 " <<<"$(B client config one)"
}
