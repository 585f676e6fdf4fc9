# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# brokerdns with a real dnsmasq and resolvers that lie in all ways. No module is
# needed: tests/functional/native brokerdns runs it on any machine.
#
#   h (dnsmasq, brokerdns) 192.0.2.1 ── n: resolvers 192.0.2.10 ... and what they point to

dns_world()
{
	ip netns add h
	ip netns add n
	ip link add eth0 netns h type veth peer name eth0 netns n
	ip -n h link set lo up
	ip -n n link set lo up
	in_ns h sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	in_ns n sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.lo.accept_dad=0
	ip -n h -batch - <<-'EOT'
		link set eth0 up
		addr add 192.0.2.1/24 dev eth0
		addr add 2001:db8:53::1/64 dev eth0
		route add default via 192.0.2.2
		route add default via 2001:db8:53::2
	EOT
	ip -n n -batch - <<-'EOT'
		link set eth0 up
		addr add 192.0.2.2/24 dev eth0
		addr add 2001:db8:53::2/64 dev eth0
	EOT
	out=$(mktemp -d)
	chmod 755 "$out"
	rm -rf /etc/dnsmasq.d /etc/dnsmasq.conf /var/lib/brokerdns /etc/NetworkManager /run/dnsmasq
	mkdir -p /etc/dnsmasq.d /run/dnsmasq
	# In the place of the host's, which may be a link.
	rm -f /etc/resolv.conf
	echo "nameserver 127.0.0.1" >/etc/resolv.conf
}

# resolver ADDRESS WORD… : one that lies as resolver.py understands it
resolver()
{
	local address=${1%#*}

	[[ $address = *:* ]] && ip -n n addr add "$address/128" dev lo 2>/dev/null ||
		ip -n n addr add "$address/32" dev lo 2>/dev/null
	in_ns n "$here/resolver.py" "$@" >"$out/resolver-$address" 2>&1 &
	resolver_pid=$!
	wait_for eval "in_ns n ss -Hlnu 'sport = :53' | grep -qF '$address'"
}

# Debian's service, as its helper starts it.
debian_dnsmasq()
{
	in_ns h dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody -r /run/dnsmasq/resolv.conf \
		-7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new --local-service "$@"
}

# Its upstream servers are those of resolv.conf.
start_dnsmasq()
{
	printf 'nameserver %s\n' "$@" >/run/dnsmasq/resolv.conf
	debian_dnsmasq && wait_for dnsmasq_answers
}

dnsmasq_answers()	{ in_ns h dig +short +tries=1 +time=1 CH TXT version.bind @127.0.0.1 | grep -q dnsmasq; }
dnsmasq_pid()		{ cat /run/dnsmasq/dnsmasq.pid; }

# lookup NAME : as a person does it
lookup()	{ in_ns h nslookup "$1" 127.0.0.1; }
addresses()	{ in_ns h dig +short +tries=2 +time=2 "${@:2}" "$1" @127.0.0.1; }
status_of()	{ in_ns h dig +tries=2 +time=2 "${@:2}" "$1" @127.0.0.1 | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }

# D WORD… : brokerdns; its output is in $out/stdout, $out/stderr, its status in $code
D()
{
	code=0
	in_ns h brokerdns "$@" >"$out/stdout" 2>"$out/stderr" || code=$?
}

# ends TEXT STATUS [PATTERN] : the last D ended so, and said that
ends()
{
	if [ $code = "$2" ] && { [ -z "${3-}" ] || grep -qE -- "$3" "$out/stderr"; }; then
		report 0 "$1"
	else
		report 1 "$1"
		echo "# status $code, wanted $2 and \"${3-}\""
		sed 's/^/# stdout: /' "$out/stdout"
		sed 's/^/# stderr: /' "$out/stderr"
	fi
}

# rules LINE… : the last D printed these and nothing else, comments aside
rules()
{
	diff <(printf '%s\n' "$@") <(grep -v '^#' "$out/stdout")
}

none()	{ [ ! -s "$out/stdout" ]; }
files()	{ (cd /etc/dnsmasq.d && ls); }

# What started it all, as a person would do it.
test_story()
{
	dns_world
	resolver 192.0.2.53 bogus=203.0.113.80 name=www.real.test,198.51.100.1
	start_dnsmasq 192.0.2.53
	report $? "dnsmasq runs as Debian's service does"
	check "before: nslookup of a missing name gives an address" \
		eval 'lookup nosuchname.com | grep -q "Address: 203.0.113.80"'
	D hijack
	ends "brokerdns hijack, without root's help or an option, finds it" 0 \
		'192.0.2.53 +hijacks'
	check "it prints the rule and nothing else" rules bogus-nxdomain=203.0.113.80
	check "nothing was written" test -z "$(files)"
	D hijack --apply
	ends "brokerdns hijack --apply" 0
	check "after: NXDOMAIN" eval 'lookup nosuchname.com | grep -q NXDOMAIN'
	check "also of www.nosuchname.org" test "$(status_of www.nosuchname.org)" = NXDOMAIN
	check "also over TCP" test "$(status_of nosuchname3.org +tcp)" = NXDOMAIN
	check "real names still resolve" test "$(addresses www.real.test)" = 198.51.100.1
	check "one file was written" test "$(files)" = brokerdns-hijack.conf
	check "dnsmasq may read it" test "$(stat -c %a /etc/dnsmasq.d/*)" = 644
	pid=$(dnsmasq_pid)
	D hijack --apply
	ends "a second time" 0 'in force already'
	check "dnsmasq was left alone" test "$(dnsmasq_pid)" = "$pid"
	D status
	ends "brokerdns status" 0
	check "it says what is in force and why" \
		grep -qE 'bogus-nxdomain=203.0.113.80 .*192.0.2.53: for [0-9]+ missing names under com, org, de' \
		"$out/stdout"
	check "that missing names are missing" grep -qE '^Missing names: NXDOMAIN' "$out/stdout"
	check "and which dnsmasq it is" grep -qE "process $pid, version 2\.[0-9]+" "$out/stdout"
	D -j status
	check "the same for programs" eval \
		'jq -e ".rules[0].rule == \"bogus-nxdomain=203.0.113.80\" and .missing_name == \"NXDOMAIN\"" <"$out/stdout"'
	D revert --dry-run
	check "revert --dry-run shows what would go" grep -q '^-bogus-nxdomain=' "$out/stderr"
	D revert
	ends "brokerdns revert" 0
	check "everything is as before" \
		eval 'lookup nosuchname.com | grep -q "Address: 203.0.113.80" && [ -z "$(files)" ]'
	D revert
	ends "a second time there is nothing to do" 3
	D status
	ends "status says so" 3
}
