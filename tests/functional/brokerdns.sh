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
	starting=()
	out=$(mktemp -d)
	chmod 755 "$out"
	rm -rf /etc/dnsmasq.d /etc/dnsmasq.conf /etc/init.d/dnsmasq /etc/NetworkManager \
		/var/lib/brokerdns /run/dnsmasq /run/fake /run/old /run/reached /run/go
	mkdir -p /etc/dnsmasq.d /run/dnsmasq
	# In the place of the host's, which may be a link.
	rm -f /etc/resolv.conf
	echo "nameserver 127.0.0.1" >/etc/resolv.conf
}

# resolver ADDRESS WORD… : one that lies as resolver.py understands it
resolver()
{
	local address=${1%#*}

	ip -n n addr add "$address" dev lo 2>/dev/null
	# nsenter becomes it: the process that is known is the one to be killed.
	nsenter --net=/run/netns/n "$here/resolver.py" "$@" >"$out/resolver-$address" 2>&1 &
	resolver_pid=$!
	starting+=("$address")
}

# Those that were started answer from now on.
resolvers_up()
{
	local address

	for address in "${starting[@]}"; do
		wait_for eval "in_ns n ss -Hlnu | grep -qF '$address'" ||
			report 1 "resolver $address starts: $(cat "$out/resolver-$address")"
	done
	starting=()
}

# Debian's service, as its helper starts it.
debian_dnsmasq()
{
	in_ns h dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody -r /run/dnsmasq/resolv.conf \
		-7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new --local-service
}

# Its upstream servers are those of resolv.conf.
start_dnsmasq()
{
	resolvers_up
	printf 'nameserver %s\n' "$@" >/run/dnsmasq/resolv.conf
	debian_dnsmasq && wait_for dnsmasq_answers
}

dnsmasq_answers()	{ in_ns h dig +short +tries=1 +time=1 CH TXT version.bind @127.0.0.1 | grep -q dnsmasq; }
dnsmasq_pid()		{ cat /run/dnsmasq/dnsmasq.pid; }

# stop_dnsmasq [PROCESS] : it has gone, not only been told to
stop_dnsmasq()
{
	local pid=${1:-$(dnsmasq_pid)}

	kill "$pid"
	wait_for test ! -e "/proc/$pid"
}

# lookup NAME : as a person does it
lookup()	{ in_ns h nslookup "$1" 127.0.0.1; }
addresses()	{ in_ns h dig +short +tries=2 +time=2 "${@:2}" "$1" @127.0.0.1; }
status_of()	{ in_ns h dig +tries=2 +time=2 "${@:2}" "$1" @127.0.0.1 | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }

# D WORD… : brokerdns; its output is in $out/stdout, $out/stderr, its status in $code
D()
{
	resolvers_up
	code=0
	in_ns h brokerdns "$@" >"$out/stdout" 2>"$out/stderr" || code=$?
}

# ends TEXT STATUS [PATTERN] : the last D ended so, and said that
ends()
{
	if [ "$code" = "$2" ] && { [ -z "${3-}" ] || grep -qE -- "$3" "$out/stderr"; }; then
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
	code=0
	in_ns h setpriv --reuid=65534 --regid=65534 --clear-groups brokerdns hijack >"$out/stdout" \
		2>"$out/stderr" || code=$?
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
	D -j revert
	ends "brokerdns revert" 0
	check "for programs it says what went" eval \
		'jq -e ".removed == [\"/etc/dnsmasq.d/brokerdns-hijack.conf\"] and .dry_run == false" <"$out/stdout"'
	check "everything is as before" \
		eval 'lookup nosuchname.com | grep -q "Address: 203.0.113.80" && [ -z "$(files)" ]'
	D revert
	ends "a second time there is nothing to do" 3
	D status
	ends "status says so" 3
}

# asked TEXT STATUS PATTERN WORD… : hijack with these words ends so and says that
asked()
{
	local text=$1 status=$2 pattern=$3
	shift 3

	D hijack --rounds 1 "$@"
	ends "$text" "$status" "$pattern"
}

# Files that dnsmasq has not read; one that does not start; files that are broken.
test_unread()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	D hijack --rounds 1 --apply
	touch -d '+10 sec' /etc/dnsmasq.d/brokerdns-hijack.conf
	D status
	ends "a file that is newer than dnsmasq is not in force" 3 'has not read it'
	check "that is said" grep -q 'none in force; these are written' "$out/stdout"
	echo nonsense >>/etc/dnsmasq.d/brokerdns-hijack.conf
	D revert
	ends "revert where our own file is what is broken" 0
	check "no file is left" test -z "$(files)"
	check "before: an address" test "$(addresses nosuchname.com)" = 203.0.113.80
	D hijack --rounds 1 --apply
	echo nonsense >>/etc/dnsmasq.d/brokerdns-hijack.conf
	stop_dnsmasq
	D status
	ends "status while dnsmasq does not run" 3
	check "nothing is in force" grep -q 'none in force' "$out/stdout"
	D revert
	ends "revert while it does not run" 0 'no dnsmasq runs here; 1 files'
	check "no file is left" test -z "$(files)"
	D revert
	ends "a second time there is nothing to do" 3
}

# What cannot be printed.
test_full()
{
	local words

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	for words in status "-j status" "hijack --rounds 1 --apply" --help --version; do
		code=0
		# shellcheck disable=SC2086 # they are words
		in_ns h brokerdns $words >/dev/full 2>"$out/stderr" || code=$?
		: >"$out/stdout"
		ends "brokerdns $words to a full disk" 2 'standard output cannot be written: No space'
	done
	check "nothing was written" test -z "$(files)"
}

# Whom resolv.conf names, also behind systemd-resolved; an honest answer behind the lie.
test_resolv_conf()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	resolver 192.0.2.18 bogus=203.0.113.80 race=yes
	echo "nameserver 192.0.2.11" >/etc/resolv.conf
	asked "resolv.conf is asked" 0 '192.0.2.11 +hijacks'
	echo "nameserver 127.0.0.53" >/etc/resolv.conf
	mkdir -p /run/systemd/resolve
	echo "nameserver 192.0.2.11" >/run/systemd/resolve/resolv.conf
	asked "those behind the stub are asked" 0 '192.0.2.11 +hijacks'
	check "and not the stub" eval '! grep -q 127.0.0.53 "$out/stderr"'
	rm -r /run/systemd
	resolver 192.0.2.25 bogus=203.0.113.80 cname=ads.example
	start_dnsmasq 192.0.2.25
	check "before: an address behind another name" eval 'lookup nosuchname.com | grep -q "ads.example"'
	asked "it is found there" 0 'is in force' --apply
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	D revert
	stop_dnsmasq
	start_dnsmasq 192.0.2.18
	asked "--ignore-address --apply" 0 'is in force' --ignore-address --apply
	check "its rule" grep -qx ignore-address=203.0.113.80 /etc/dnsmasq.d/brokerdns-hijack.conf
	check "after: the honest answer" test "$(status_of nosuchname.com)" = NXDOMAIN
}

# Who lies, and how.
test_liars()
{
	dns_world
	resolver 192.0.2.10
	resolver 192.0.2.11 bogus=203.0.113.80
	resolver 192.0.2.12 bogus=203.0.113.{81,82,83,84,85,86,87,88,89}
	resolver 192.0.2.13 bogus=203.0.113.80,2001:db8:bad::80
	resolver 192.0.2.14 bogus=203.0.113.80 text=yes
	resolver 192.0.2.15 bogus=203.0.113.80 only=udp
	resolver 192.0.2.16 bogus=203.0.113.80 only=tcp
	resolver 192.0.2.17 bogus=203.0.113.80 drop=udp
	resolver 192.0.2.18 bogus=203.0.113.80 race=yes
	resolver 192.0.2.19 refuse=yes
	resolver 192.0.2.20 bogus=127.0.0.1,203.0.113.80
	resolver 2001:db8:99::21 bogus=203.0.113.80
	resolver 192.0.2.22#5353 bogus=203.0.113.80
	resolver 192.0.2.23 bogus=203.0.113.80 drop=tcp
	resolver 192.0.2.24 bogus=10.1.2.3
	resolver 192.0.2.25 bogus=203.0.113.80 cname=ads.example

	asked "an honest resolver" 3 '192.0.2.10 +honest' -r 192.0.2.10
	check "no rule" none
	asked "one address" 0 '192.0.2.11 +hijacks +UDP, TCP' -r 192.0.2.11
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "nine that take turns" 0 '' -r 192.0.2.12
	check "each has a rule" rules bogus-nxdomain=203.0.113.{81,82,83,84,85,86,87,88,89}
	asked "without a dnsmasq to write for there are no prefixes" 0 'runs here' -a -r 192.0.2.12
	check "but nine addresses" rules bogus-nxdomain=203.0.113.{81,82,83,84,85,86,87,88,89}
	asked "as an ipfilter list they are a range" 0 '' -a -r 192.0.2.12 --format ipfilter
	check "of 16 addresses" rules 203.0.113.80-203.0.113.95
	asked "AAAA as well" 0 '' -r 192.0.2.13
	check "both have rules" rules bogus-nxdomain=203.0.113.80 bogus-nxdomain=2001:db8:bad::80
	asked "as an ipfilter list" 0 '' -r 192.0.2.13 -f ipfilter
	check "of both families" rules 203.0.113.80 '[2001:db8:bad::80]'
	asked "one that denies nothing" 0 '' -r 192.0.2.14
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "lies over UDP only" 0 'lies over UDP and not over TCP' -r 192.0.2.15
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "lies over TCP only" 0 'lies over TCP and not over UDP' -r 192.0.2.16
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "answers over TCP only, and over UDP only" 0 '192.0.2.17 answers over TCP only' \
		-r 192.0.2.17 -r 192.0.2.23
	check "the other one" grep -qE '192.0.2.23 +hijacks +UDP ' "$out/stderr"
	check "their rule" rules bogus-nxdomain=203.0.113.80
	asked "an honest answer follows" 0 'follows behind the lie: --ignore-address' -r 192.0.2.18
	asked "--ignore-address" 0 '' -r 192.0.2.18 --ignore-address
	check "its rule" rules ignore-address=203.0.113.80
	asked "refuses everything, and nobody there" 2 'errors only' -r 192.0.2.19 -r 192.0.2.99
	check "that is said, too" grep -q '192.0.2.99 does not answer' "$out/stderr"
	asked "a loopback address is never taken" 0 '127.0.0.1 is answered .* block lists' -r 192.0.2.20
	check "the other one is" rules bogus-nxdomain=203.0.113.80
	asked "asked over IPv6" 0 '' -r 2001:db8:99::21
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "on another port" 0 '192.0.2.22#5353 +hijacks' -r 192.0.2.22#5353
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "a private address" 0 'is a private address' -r 192.0.2.24
	asked "an address behind another name" 0 '192.0.2.25 +hijacks' -r 192.0.2.25
	check "its rule" rules bogus-nxdomain=203.0.113.80
	asked "several at once, one of them not there" 0 '192.0.2.99 +silent' \
		-r 192.0.2.10 -r 192.0.2.99 -r 192.0.2.11
	check "its rule" rules bogus-nxdomain=203.0.113.80
	D hijack -r 192.0.2.11 -j
	check "JSON says who answered what" eval 'jq -e "
		.resolvers[0].verdict == \"hijacks\" and .addresses[0].address == \"203.0.113.80\" and
		.addresses[0].bogus and (.addresses[0].zones | contains([\"com\", \"org\", \"de\"])) and
		.rules[0].rule == \"bogus-nxdomain=203.0.113.80\"" <"$out/stdout"'
}

# What only looks like a lie.
test_no_lies()
{
	dns_world
	resolver 192.0.2.10 wild={wild,other,third}.test,198.51.100.80
	resolver 192.0.2.11 portal=192.0.2.254
	resolver 192.0.2.12 bogus=198.18.0.6
	resolver 192.0.2.13 bogus=203.0.113.80 under=com
	resolver 192.0.2.14 bogus=198.51.100.80 name=site.test,198.51.100.80
	resolver 192.0.2.15 bogus=203.0.113.{1,3} name=www.site.test,203.0.113.2
	resolver 192.0.2.16 bogus=203.0.113.80 wild=wild.test,198.51.100.80
	resolver 192.0.2.17 bogus=104.16.3.7,2606:4700::7
	resolver 192.0.2.18 bogus=198.51.100.80 turn=site.test,198.51.100.81,198.51.100.82,198.51.100.80
	resolver 192.0.2.19 bogus=203.0.113.{1,2,3} pointer=203.0.113.2,a203-0-113-2.deploy.static.akamaitechnologies.com \
		pointer=203.0.113.3,lies.isp.test
	resolver 192.0.2.20 bogus=203.0.113.80,2001:db8:bad::80 cname=lies.isp.test.edgekey.net

	asked "a wildcard zone" 3 'zone wild.test has a wildcard' -r 192.0.2.10 -z wild.test
	check "no rule" none
	asked "three wildcard zones with the same address, as at a CDN" 3 \
		'wild.test, other.test, third.test has a wildcard' -r 192.0.2.10 -z wild.test -z other.test \
		-z third.test
	check "no rule" none
	asked "S30: a captive portal" 3 'captive portal; log in' -r 192.0.2.11
	check "no rule" none
	asked "S30: an address that www.cloudflare.com has, too" 3 \
		'198.18.0.6 is answered for missing names, but www.cloudflare.com has it' -r 192.0.2.12
	check "no rule" none
	asked "an address of a content network that nobody known is at" 3 \
		'104.16.3.7 is answered for missing names, but somebody at Cloudflare has it' -r 192.0.2.17
	check "no rule" none
	D hijack -r 192.0.2.19 --aggregate --format ipfilter
	ends "S30: one that is called a content network's, in whose network ever it is" 0 \
		'203.0.113.2 is answered for missing names, but somebody at Akamai has it'
	check "the others have rules, with and without a name, and the range leaves it out" \
		rules 203.0.113.1 203.0.113.3
	asked "S30: one whose answer leads over a name there" 3 \
		'2001:db8:bad::80 is answered for missing names, but somebody at Akamai has it' -r 192.0.2.20
	check "no rule" none
	D hijack -r 192.0.2.18 -z site.test --rounds 3
	ends "an address that a name has now and then" 3 'but site.test has it'
	check "no rule" none
	asked "lies under one zone only" 3 'seen under one zone only' -r 192.0.2.13
	check "no rule" none
	asked "an address that a zone of one's own has, too" 3 'but site.test has it' -r 192.0.2.14 \
		-z site.test
	check "no rule" none
	asked "another resolver knows nothing of it" 3 'but site.test has it' -z site.test \
		-r 192.0.2.14 -r 192.0.2.10
	check "no rule" none
	asked "a range leaves out who lives in it" 0 '' -r 192.0.2.15 -z site.test -a -f ipfilter
	check "there is none" rules 203.0.113.1 203.0.113.3
	asked "a liar and a wildcard zone" 0 'zone wild.test has a wildcard' -r 192.0.2.16 -z wild.test
	check "only the lie has a rule" rules bogus-nxdomain=203.0.113.80

	echo "search corp.test wild.test" >>/etc/resolv.conf
	asked "a search domain with a wildcard" 3 'search domain wild.test has a wildcard' -r 192.0.2.10
	check "no rule" none
	check "nslookup without a dot is deceived by it" eval \
		'in_ns h nslookup nosuchname 192.0.2.10 | grep -q 198.51.100.80'

	echo "ipset=/other.test/site.test/set" >/etc/dnsmasq.d/mine.conf
	start_dnsmasq 192.0.2.14
	asked "an address that a domain has for which dnsmasq fills a set" 3 'but site.test has it'
	check "no rule" none
}

# One sentence, and nothing done.
test_usage()
{
	dns_world
	while IFS='|' read -r words pattern; do
		# shellcheck disable=SC2086 # they are words
		D $words
		ends "brokerdns $words" 1 "$pattern"
		check "in one line, and nothing on standard output" \
			eval '[ "$(wc -l <"$out/stderr")" = 1 ] && none'
	done <<-'EOT'
		|a command is missing
		hijak|did you mean|hijack
		hijack extra|"extra" is one word too many
		hijack --resolver|needs a value
		hijack --resolver 192.0.2.300|is no address
		hijack --resolver 192.0.2.1#0|no port from 1 to 65535
		hijack --zone a..b|empty label
		hijack --zone a/b|is no domain name
		hijack --rounds 0|no number from 1 to 50
		hijack --format xml|format
		hijack --subnet 192.0.2.0/24|has no option --subnet
		hijack --apply --dry-run|exclude each other
		hijack --nonsense|unknown option
		steer --subnet 192.0.2.1/24 example.com|bits set beyond
		steer exa_mple..com|empty label
		steer .|is the root
		publish|needs --domain
		publish --domain .|is the root
		filter one two|"two" is one word too many
		status --apply|has no option --apply
	EOT
	# shellcheck disable=SC2046 # words
	D hijack $(printf -- '--resolver 192.0.2.%u ' {1..33})
	ends "too many resolvers" 1 '"192.0.2.33" is one too many; 32 fit'
	# shellcheck disable=SC2046 # words
	D hijack $(printf -- '--zone z%u.test ' {1..17})
	ends "too many zones" 1 '"z17.test" is one too many; 16 fit'
	D --help
	ends "--help" 0
	check "it lists the commands" eval '[ "$(grep -cE "brokerdns (hijack|steer|publish|filter|status|revert)" "$out/stdout")" = 6 ]'
	D hijack --apply
	ends "no dnsmasq: --apply says so" 2 'no dnsmasq runs here'
	rm /etc/resolv.conf
	D hijack
	ends "nobody to ask" 2 'no resolver is known here'
	D steer example.com
	ends "nor to compare" 2 'no resolver is known here; name some more with --resolver'
}

# One that is older than prefixes in bogus-nxdomain: its file is another one by the
# time that it is asked.
old_dnsmasq()
{
	mkdir -p /run/old
	cp /usr/sbin/dnsmasq /run/old/dnsmasq
	in_ns h /run/old/dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody -r /run/dnsmasq/resolv.conf \
		-7 /etc/dnsmasq.d
	wait_for dnsmasq_answers
	cat >/run/old/words <<-'EOT'
		#!/bin/bash
		case "$*" in
		--version)
			echo "Dnsmasq version 2.84  Copyright (c) 2000-2021 Simon Kelley" ;;
		*--test*)
			grep -qsE '^bogus-nxdomain=.*[/:]' "${@: -1}" /etc/dnsmasq.d/*.conf && exit 1
			exec /usr/sbin/dnsmasq "$@" ;;
		*)
			exec -a /run/old/dnsmasq /usr/sbin/dnsmasq "$@" ;;
		esac
	EOT
	chmod 755 /run/old/words
	mv /run/old/words /run/old/dnsmasq
}

# Prefixes go only to whom they mean something.
test_versions()
{
	dns_world
	resolver 192.0.2.12 bogus=203.0.113.{81,82,83,84,85,86,87,88,89},2001:db8:bad::1,2001:db8:bad::2
	start_dnsmasq 192.0.2.12
	asked "nine that take turns, and two of IPv6" 0 '' --rounds 2 --aggregate
	check "are ranges" rules bogus-nxdomain=203.0.113.80/28 bogus-nxdomain=2001:db8:bad::/126
	D hijack --aggregate --apply
	ends "which this dnsmasq knows" 0
	check "after: NXDOMAIN" test "$(status_of nosuchname.com) $(status_of nosuchname.com AAAA)" = \
		"NXDOMAIN NXDOMAIN"
	D revert

	stop_dnsmasq
	old_dnsmasq
	asked "an old dnsmasq" 0 'dnsmasq 2.84 knows no prefixes' --rounds 2 --aggregate
	check "gets single addresses of IPv4" rules bogus-nxdomain=203.0.113.{81,82,83,84,85,86,87,88,89}
	check "and is told why" grep -q '2 IPv6 addresses are left out' "$out/stderr"
	D -j hijack --rounds 2 --aggregate
	check "so does JSON" eval '[ "$(jq -r ".rules[].rule" <"$out/stdout" | grep -c "[.0-9]$")" = 9 ] &&
		! jq -r ".rules[].rule" <"$out/stdout" | grep -q "[/:]"'
	check "prefixes would keep it from starting" \
		eval '! /run/old/dnsmasq --test -C <(echo bogus-nxdomain=203.0.113.80/28)'
}

# A configuration that is somewhere else; one that has no place for rules.
test_other_config()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	mkdir -p "$out/conf"
	cat >"$out/main.conf" <<-EOT
		# somebody's own
		port=5353
		listen-address=127.0.0.2
		bind-interfaces
		no-resolv
		server=192.0.2.11
		server=/corp.test/192.0.2.99
		conf-dir=$out/conf/,*.conf
	EOT
	in_ns h dnsmasq -u nobody -C "$out/main.conf" -x "$out/pid"
	wait_for eval 'in_ns h dig +short +tries=1 +time=1 CH TXT version.bind -p 5353 @127.0.0.2 | grep -q .'
	D hijack --apply
	ends "its own file, port and address are found" 0 "$out/conf/brokerdns-hijack.conf is in force"
	check "and who it asks about everything" eval '! grep -q 192.0.2.99 "$out/stderr"'
	check "after: NXDOMAIN" eval \
		'in_ns h dig nosuchname.com -p 5353 @127.0.0.2 | grep -q NXDOMAIN'

	echo "port=5354" >"$out/second.conf"
	in_ns h dnsmasq -u nobody -C "$out/second.conf" -x "$out/pid2" --no-resolv --server=192.0.2.11
	D hijack --apply
	ends "two could be meant" 1 '2 dnsmasq run here'
	D hijack -r 192.0.2.11 --rounds 1
	ends "to look needs none of them" 0 'several dnsmasq run here'
	D status --config "$out/main.conf"
	ends "one is named by its file" 0
	D hijack --apply --config "$out/second.conf"
	ends "one without a directory for rules" 2 'reads no directory .* add conf-dir='
	stop_dnsmasq "$(cat "$out/pid")"
	D status --config "$out/main.conf"
	ends "one that does not run any more" 3
}

# NetworkManager's instance: its arguments, its directory, its way to start it again.
test_networkmanager()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	mkdir -p /etc/NetworkManager/dnsmasq.d /run/NetworkManager /run/fake
	# It says whom to ask when dnsmasq runs already, over D-Bus; here a file does that.
	cat >/run/fake/start <<-'EOT'
		#!/bin/bash
		: >/run/fake/servers
		setsid dnsmasq --no-resolv --keep-in-foreground --no-hosts --bind-interfaces \
			--pid-file=/run/NetworkManager/dnsmasq.pid --listen-address=127.0.0.1 \
			--cache-size=400 --clear-on-reload --conf-file=/dev/null --proxy-dnssec \
			--user=nobody --servers-file=/run/fake/servers --conf-dir=/etc/NetworkManager/dnsmasq.d \
			>/dev/null 2>&1 </dev/null &
		pid=$!
		(
			sleep 1
			echo server=192.0.2.11 >/run/fake/servers
			kill -HUP $pid
		) >/dev/null 2>&1 </dev/null &
	EOT
	cat >/run/fake/nmcli <<-'EOT'
		#!/bin/bash
		echo "nmcli $*" >>/run/fake/log
		[ "$*" = "general reload dns-full" ] || exit 2
		kill "$(cat /run/NetworkManager/dnsmasq.pid)"
		while [ -e /proc/"$(cat /run/NetworkManager/dnsmasq.pid)" ]; do sleep 0.05; done
		/run/fake/start
	EOT
	chmod 755 /run/fake/*
	in_ns h /run/fake/start
	wait_for eval '[ -n "$(addresses nosuchname.com)" ]'
	PATH=/run/fake:$PATH D hijack --apply
	ends "hijack --apply" 0 '/etc/NetworkManager/dnsmasq.d/brokerdns-hijack.conf is in force'
	check "NetworkManager was asked once" test "$(cat /run/fake/log)" = "nmcli general reload dns-full"
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	D status
	check "status says whose it is" grep -q "NetworkManager's own" "$out/stdout"
	check "Debian's directory was left alone" test -z "$(files)"
	PATH=/run/fake:$PATH D revert
	ends "revert" 0
	check "before: an address" wait_for eval '[ "$(addresses nosuchname.com)" = 203.0.113.80 ]'
}

# A unit of systemd: found by its control group, restarted by name.
test_systemd()
{
	local group
	group=$(findmnt -rnt cgroup2 -o TARGET | head -n 1)

	mkdir "$group/dnsmasq.service" 2>/dev/null || {
		skip native "no control groups here"
		return
	}
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	dnsmasq_pid >"$group/dnsmasq.service/cgroup.procs"
	mkdir -p /run/systemd/system /run/fake
	cat >/run/fake/systemctl <<-EOT
		#!/bin/bash
		echo "\$*" >>/run/fake/log
		kill "\$(cat /run/dnsmasq/dnsmasq.pid)"
		while [ -e /proc/"\$(cat /run/dnsmasq/dnsmasq.pid)" ]; do sleep 0.05; done
		echo \$\$ >"$group/dnsmasq.service/cgroup.procs"
		exec dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody -r /run/dnsmasq/resolv.conf \
			-7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new --local-service
	EOT
	chmod 755 /run/fake/*
	PATH=/run/fake:$PATH D hijack --apply
	ends "hijack --apply" 0
	check "systemd was asked once" test "$(cat /run/fake/log)" = "restart dnsmasq.service"
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	D status
	check "status says whose it is" grep -q "Debian's service" "$out/stdout"
	stop_dnsmasq
	wait_for rmdir "$group/dnsmasq.service" 2>/dev/null
	rm -rf /run/systemd
}

# init_script BODY : Debian's init script, with something in front of the start
init_script()
{
	cat >/etc/init.d/dnsmasq <<-EOT
		#!/bin/bash
		kill "\$(cat /run/dnsmasq/dnsmasq.pid)" 2>/dev/null
		while [ -e /proc/"\$(cat /run/dnsmasq/dnsmasq.pid)" ]; do sleep 0.05; done
		echo "\$*" >>/run/init.log
		$1
		exec dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody -r /run/dnsmasq/resolv.conf \
			-7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new --local-service
	EOT
	chmod 755 /etc/init.d/dnsmasq
	rm -f /run/init.log
}

# A configuration that was broken already: nothing is touched.
test_broken()
{
	local pid

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	pid=$(dnsmasq_pid)
	echo "nonsense=1" >/etc/dnsmasq.d/mine.conf
	D hijack --apply
	ends "somebody's file is wrong" 2 'broken already .*line 1 of /etc/dnsmasq.d/mine.conf.* nothing was changed'
	check "nothing was written" test "$(files)" = mine.conf
	check "dnsmasq was left alone" test "$(dnsmasq_pid)" = "$pid"
	check "and answers" dnsmasq_answers
	D hijack --dry-run
	ends "--dry-run says so, too" 2 'broken already'
	check "the rules are printed nevertheless" rules bogus-nxdomain=203.0.113.80

	# Fine alone, and not together.
	echo "servers-file=/etc/servers" >/etc/dnsmasq.d/mine.conf
	echo "servers-file=/var/lib/brokerdns/servers" >/etc/dnsmasq.d/zz-ours.conf
	D hijack --dry-run
	ends "S30: the whole configuration is tried, not only what is new" 2 'illegal repeated keyword'
	rm /etc/dnsmasq.d/*.conf
	code=0
	in_ns h setpriv --reuid=65534 --clear-groups brokerdns hijack --apply >"$out/stdout" 2>"$out/stderr" ||
		code=$?
	ends "--apply without root" 2 'needs root; --dry-run'
	code=0
	in_ns h setpriv --reuid=65534 --clear-groups brokerdns hijack >"$out/stdout" 2>"$out/stderr" ||
		code=$?
	ends "everything else needs none" 0
	check "its rule" rules bogus-nxdomain=203.0.113.80
	check "and wrote nothing" test -z "$(files)"
	code=0
	in_ns h setpriv --reuid=65534 --clear-groups brokerdns hijack --dry-run >"$out/stdout" \
		2>"$out/stderr" || code=$?
	ends "neither does --dry-run" 0
	check "which shows a diff" grep -q '^+bogus-nxdomain=203.0.113.80' "$out/stderr"
	check "and writes nothing" test -z "$(files)"
}

# The whole configuration is tried, also what lies deeper; where that cannot be, it is said.
test_trial()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	mkdir -p /etc/dnsmasq.d/sub "$out/elsewhere"
	echo "address=/sub.test/192.0.2.77" >/etc/dnsmasq.d/sub/a.conf
	echo "address=/link.test/192.0.2.78" >"$out/elsewhere/b.conf"
	ln -s "$out/elsewhere" /etc/dnsmasq.d/link
	printf 'conf-file=/etc/dnsmasq.d/%s\n' sub/a.conf link/b.conf >/etc/dnsmasq.d/mine.conf
	start_dnsmasq 192.0.2.11
	D hijack --rounds 1 --apply
	ends "a file in a directory below" 0 'is in force'
	check "it is read" test "$(addresses sub.test) $(addresses link.test)" = "192.0.2.77 192.0.2.78"
	check "it is still there" test -f /etc/dnsmasq.d/sub/a.conf
	check "nothing is left of the copy" test -z "$(ls -d /tmp/brokerdns.* 2>/dev/null)"
	D revert
	ends "revert" 0
	unshare -Ur true 2>/dev/null || {
		echo "# no user namespaces here"
		return
	}
	code=0
	# shellcheck disable=SC2016 # it is the shell's in there
	in_ns h unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_mnt_namespaces
		exec brokerdns -q hijack --rounds 1 --dry-run' >"$out/stdout" 2>"$out/stderr" || code=$?
	ends "where no mount namespace can be had, even -q says so" 0 'what is new was tried alone'
	check "the rules are tried all the same" grep -q '^+bogus-nxdomain' "$out/stderr"
}

# What was good is put back.
test_rollback()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	resolver 192.0.2.12 bogus=203.0.113.{1..250}
	init_script ''
	start_dnsmasq 192.0.2.11
	D hijack --apply
	ends "a first set of rules" 0
	check "by the init script" test "$(cat /run/init.log)" = restart
	cp /etc/dnsmasq.d/brokerdns-hijack.conf "$out/good"

	# It takes the rules and does not start with them.
	init_script '! grep -q 203.0.113.81 /etc/dnsmasq.d/*.conf || exit 1'
	resolver 192.0.2.13 bogus=203.0.113.81
	D hijack --apply -r 192.0.2.13
	ends "S30: dnsmasq does not come back" 2 'restart fails .* the files of before are back and in force'
	check "the file is the one before" cmp "$out/good" /etc/dnsmasq.d/brokerdns-hijack.conf
	check "dnsmasq answers" dnsmasq_answers
	check "as it did" test "$(status_of nosuchname.com)" = NXDOMAIN
	check "nothing else lies about" test "$(files)" = brokerdns-hijack.conf
	check "nor there" test -z "$(ls /var/lib/brokerdns)"

	# The script says that it started, and it did not.
	init_script '! grep -q 203.0.113.81 /etc/dnsmasq.d/*.conf || exit 0'
	D hijack --apply -r 192.0.2.13
	ends "dnsmasq pretends to come back" 2 'does not come back .* the files of before are back'
	check "the file is the one before" cmp "$out/good" /etc/dnsmasq.d/brokerdns-hijack.conf
	check "dnsmasq answers" dnsmasq_answers

	# By the time that the rules are in force, there are other lies.
	resolver 192.0.2.14 bogus=203.0.113.82
	init_script "kill -USR1 $resolver_pid"
	echo nameserver 192.0.2.14 >/run/dnsmasq/resolv.conf
	D hijack --apply -r 192.0.2.14
	ends "missing names still have addresses" 2 'still gives 203.0.113.99 .* are back'
	check "the file is the one before" cmp "$out/good" /etc/dnsmasq.d/brokerdns-hijack.conf
	check "dnsmasq answers" dnsmasq_answers

	# So many take turns that hardly any is seen twice.
	init_script ''
	echo nameserver 192.0.2.12 >/run/dnsmasq/resolv.conf
	D hijack --rounds 1
	ends "250 that take turns: none is certain" 0 'seen under one zone only; .*--aggregate'
	check "no rule" none
	D hijack --apply --rounds 2 --aggregate
	ends "but their range is" 0
	check "it has a rule" rules bogus-nxdomain=203.0.113.0/24
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
}

# Killed in the middle, two at a time.
test_interrupted()
{
	local pid

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	init_script ''
	start_dnsmasq 192.0.2.11
	D hijack --apply
	cp /etc/dnsmasq.d/brokerdns-hijack.conf "$out/good"
	resolver 192.0.2.13 bogus=203.0.113.81
	init_script 'touch /run/reached; while [ ! -e /run/go ]; do sleep 0.1; done'
	resolvers_up
	nsenter --net=/run/netns/h brokerdns hijack --apply -r 192.0.2.13 >/dev/null 2>&1 &
	pid=$!
	wait_for test -e /run/reached
	kill -KILL $pid
	check "killed while dnsmasq is started again, the new file is there" \
		grep -q 203.0.113.81 /etc/dnsmasq.d/brokerdns-hijack.conf
	touch /run/go
	wait_for dnsmasq_answers
	D status
	ends "status says so" 0 'a change was interrupted'
	D hijack --apply
	ends "S30: the next one puts the files of before back" 0 'an earlier change was interrupted'
	check "as they were" cmp "$out/good" /etc/dnsmasq.d/brokerdns-hijack.conf
	check "and they are in force" test "$(status_of nosuchname.com)" = NXDOMAIN
	check "nothing is left of it" test "$(ls -A /var/lib/brokerdns)" = .lock

	# Killed while the rules go: those that are back must be read.
	rm -f /run/reached /run/go
	nsenter --net=/run/netns/h brokerdns revert >/dev/null 2>&1 &
	pid=$!
	wait_for test -e /run/reached
	kill -KILL $pid
	touch /run/go
	wait_for dnsmasq_answers
	check "without the rules there are addresses again" test "$(addresses nosuchname.com)" = 203.0.113.80
	D hijack --apply
	ends "the rules are back" 0 'in force already'
	check "and in force" test "$(status_of nosuchname.com)" = NXDOMAIN

	init_script ''
	D revert
	nsenter --net=/run/netns/h brokerdns hijack --apply >/dev/null 2>"$out/one" &
	pid=$!
	D hijack --apply
	ends "two at the same time" 0
	wait $pid
	report $? "the other one"
	check "one of them had nothing to do" eval \
		'[ "$(cat "$out/one" "$out/stderr" | grep -c "in force already")" = 1 ]'
}

# Nobody lies any more; nobody says anything; others lie.
test_recheck()
{
	local liar pid age

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	liar=$resolver_pid
	start_dnsmasq 192.0.2.11
	D hijack --apply
	ends "lies" 0
	kill "$liar"
	wait "$liar" 2>/dev/null
	D hijack --apply
	ends "silence: nothing is changed" 2
	check "the rule stays" grep -q 203.0.113.80 /etc/dnsmasq.d/brokerdns-hijack.conf
	resolver 192.0.2.11 portal=192.0.2.254
	liar=$resolver_pid
	D hijack --apply
	ends "a captive portal: nothing is changed" 0 'the 1 rules in force stay'
	check "the rule stays" grep -q 203.0.113.80 /etc/dnsmasq.d/brokerdns-hijack.conf
	kill "$liar"
	wait "$liar" 2>/dev/null
	resolver 192.0.2.11 bogus=203.0.113.90
	liar=$resolver_pid
	D hijack --apply
	ends "another address" 0
	check "both are taken away" test "$(grep -c '^bogus' /etc/dnsmasq.d/brokerdns-hijack.conf)" = 2
	check "NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	check "one since it was found earlier" eval 'grep -A1 "found earlier, not seen since $(date -u +%F)" \
		/etc/dnsmasq.d/brokerdns-hijack.conf | grep -qx bogus-nxdomain=203.0.113.80'
	kill "$liar"
	wait "$liar" 2>/dev/null
	resolver 192.0.2.11 bogus=203.0.113.80
	liar=$resolver_pid
	pid=$(dnsmasq_pid)
	touch -d '-1 hour' /etc/dnsmasq.d/brokerdns-hijack.conf
	age=$(stat -c %Y /etc/dnsmasq.d/brokerdns-hijack.conf)
	D hijack --apply
	ends "the first one again" 0 'in force already'
	check "now the other one was found earlier" eval 'grep -A1 "found earlier" \
		/etc/dnsmasq.d/brokerdns-hijack.conf | grep -qx bogus-nxdomain=203.0.113.90'
	check "which is no news for dnsmasq" test "$(dnsmasq_pid)" = "$pid"
	check "the file is as old as its rules" test "$(stat -c %Y /etc/dnsmasq.d/brokerdns-hijack.conf)" = "$age"
	D status
	ends "they are in force" 0
	check "status says so" grep -qE 'bogus-nxdomain=203.0.113.90 +found earlier' "$out/stdout"
	sed -i 's/not seen since .*/not seen since 2020-02-29/' /etc/dnsmasq.d/brokerdns-hijack.conf
	D hijack --apply
	ends "long ago" 0 '203.0.113.90 was not seen since 2020-02-29: its rule goes'
	check "it has no rule any more" test "$(grep '^bogus' /etc/dnsmasq.d/brokerdns-hijack.conf)" = \
		bogus-nxdomain=203.0.113.80
	printf '# from before that was known\nbogus-nxdomain=104.16.3.7\n' >>/etc/dnsmasq.d/brokerdns-hijack.conf
	kill "$liar"
	wait "$liar" 2>/dev/null
	resolver 192.0.2.11 bogus=104.16.3.7
	liar=$resolver_pid
	D hijack --apply
	ends "one that names exist at goes, though nothing certain was found" 0 \
		'1 rules go: names that exist have their addresses'
	check "the other one stays" test "$(grep '^bogus' /etc/dnsmasq.d/brokerdns-hijack.conf)" = \
		bogus-nxdomain=203.0.113.80
	check "that is said" grep -q 'the 1 rules in force stay' "$out/stderr"
	kill "$liar"
	wait "$liar" 2>/dev/null
	resolver 192.0.2.11
	D hijack
	ends "honest: it says that rules are in force" 0 'rules are in force'
	D hijack --dry-run
	check "--dry-run shows that they would go" grep -q '^-bogus-nxdomain' "$out/stderr"
	D hijack --apply
	ends "honest: the rules go" 0 'nobody lies any more'
	check "no file is left" test -z "$(files)"
	D hijack --apply
	ends "and nothing is left to do" 3
}

# What the rules in force were chosen with goes on, as for the timer that says nothing.
test_choice()
{
	dns_world
	resolver 192.0.2.12 bogus=203.0.113.{81,82,83,84,85,86,87,88,89} race=yes
	start_dnsmasq 192.0.2.12
	D hijack --apply --aggregate --ignore-address
	ends "a range of answers that are ignored" 0 'is in force'
	check "its rule" grep -qx ignore-address=203.0.113.80/28 /etc/dnsmasq.d/brokerdns-hijack.conf
	D hijack --apply
	ends "the timer chooses nothing else" 0 'in force already'
	check "that is said" grep -q 'chosen: --ignore-address --aggregate' "$out/stderr"
	check "and prints the same" rules ignore-address=203.0.113.80/28
	D hijack
	ends "to look is to choose anew" 0
	check "which says so" rules bogus-nxdomain=203.0.113.{81,82,83,84,85,86,87,88,89}

	# Seen by chance: all but one.
	sed -i 's|^ignore-address=.*|ignore-address=203.0.113.80/28|' /etc/dnsmasq.d/brokerdns-hijack.conf
	resolver 192.0.2.13 bogus=203.0.113.90 race=yes
	D hijack --apply -r 192.0.2.13
	ends "an address that the range holds" 0 'in force already'
	check "needs no rule of its own" test "$(grep -c '^ignore' /etc/dnsmasq.d/brokerdns-hijack.conf)" = 1
	D filter --apply
	ends "filter without a list, and none in force" 3 'no list was named'
	D revert
	D hijack --apply
	check "after revert it is chosen anew" test "$(grep -c '^bogus' /etc/dnsmasq.d/brokerdns-hijack.conf)" = 9
}

# Somebody else's honesty, and those who are silent for a moment: the rules stay.
test_honest_others()
{
	local liar

	dns_world
	resolver 192.0.2.10
	resolver 192.0.2.11 bogus=203.0.113.80
	liar=$resolver_pid
	start_dnsmasq 192.0.2.11
	D hijack --rounds 1 --apply
	ends "lies" 0
	D hijack --rounds 1 --apply -r 192.0.2.10
	ends "another one is honest" 0 'not everybody whom dnsmasq asks .* the 1 rules in force stay'
	check "the rule stays" test "$(status_of nosuchname.com)" = NXDOMAIN
	printf 'nameserver 192.0.2.11\nnameserver 192.0.2.10\n' >/run/dnsmasq/resolv.conf
	kill -HUP "$(dnsmasq_pid)"
	kill "$liar"
	wait "$liar" 2>/dev/null
	wait_for eval 'in_ns h dig +short CH TXT servers.bind @127.0.0.1 | grep -qF 192.0.2.10'
	D hijack --rounds 1 --apply
	ends "the liar is silent" 0 'the 1 rules in force stay'
	check "the rule stays" grep -q 203.0.113.80 /etc/dnsmasq.d/brokerdns-hijack.conf

	# Honest when it is asked, and no more when the rules have gone.
	resolver 192.0.2.11 bogus=2001:db8:bad::80 under=nosuch.test
	echo nameserver 192.0.2.11 >/run/dnsmasq/resolv.conf
	init_script "kill -USR1 $resolver_pid"
	stop_dnsmasq
	start_dnsmasq 192.0.2.11
	D hijack --rounds 1 --apply
	ends "lies when the rules have gone" 2 'still gives 203.0.113.99 .* are back and in force'
	check "the rule is back" grep -q 203.0.113.80 /etc/dnsmasq.d/brokerdns-hijack.conf
}

# What is checked after a change, also where that is little.
test_checked()
{
	dns_world
	resolver 192.0.2.20 bogus=127.0.0.1,203.0.113.80
	init_script ''
	start_dnsmasq 192.0.2.20
	D hijack --rounds 1 --apply
	ends "a lie beside one that is no rule's" 0 'have other addresses as well'
	D revert
	# Under com only, then everywhere: they take turns.
	resolver 192.0.2.22 wild=com,127.0.0.1 bogus=203.0.113.80 later=127.0.0.1
	init_script "kill -USR1 $resolver_pid"
	echo nameserver 192.0.2.22 >/run/dnsmasq/resolv.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.22
	D hijack --rounds 1 --apply
	ends "which comes under other zones next" 0 'have other addresses as well'
	D revert
	init_script ''
	stop_dnsmasq
	start_dnsmasq 192.0.2.20
	sed -i 's|-7 /etc/dnsmasq.d,.*|-7 /run/old --local-service|' /etc/init.d/dnsmasq
	mkdir -p /run/old
	D hijack --rounds 1 --apply
	ends "dnsmasq does not read the rule" 2 'still gives .* are back'
	check "no file is left" test -z "$(files)"

	# One of the names that had an address has none any more.
	resolver 192.0.2.21 bogus=203.0.113.80
	init_script 'echo "address=/www.debian.org/" >/etc/dnsmasq.d/mine.conf'
	echo nameserver 192.0.2.21 >/run/dnsmasq/resolv.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.21
	D hijack --rounds 1 --apply
	ends "one real name has gone" 2 'www.debian.org, which had an address before'
	check "no file of ours is left" test "$(files)" = mine.conf
	rm /etc/dnsmasq.d/mine.conf
	init_script ''
	stop_dnsmasq
	start_dnsmasq 192.0.2.21
	D hijack --rounds 1 --apply
	init_script 'echo "address=/www.debian.org/" >/etc/dnsmasq.d/mine.conf'
	D revert
	ends "revert: one real name has gone" 2 'www.debian.org, which had an address before.* are back and in force'
	check "the rules are back" test "$(files | xargs)" = "brokerdns-hijack.conf mine.conf"
	rm /etc/dnsmasq.d/mine.conf
	init_script ''
	stop_dnsmasq
	start_dnsmasq 192.0.2.21
	D revert
	ends "and go when all is well" 0
}

# Progress is for terminals.
test_progress()
{
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	D hijack -r 192.0.2.11
	check "none in a file" eval '! grep -q "asking for names" "$out/stderr"'
	script -qec "nsenter --net=/run/netns/h brokerdns hijack -r 192.0.2.11" /dev/null \
		>"$out/terminal" </dev/null
	script -qec "nsenter --net=/run/netns/h brokerdns -q hijack -r 192.0.2.11" /dev/null \
		>"$out/quiet" </dev/null
	check "none with -q" eval '! grep -q "asking for names\|looking for" "$out/quiet"'
	check "some on a terminal" grep -q 'asking for names that do not exist: [0-9]* of [0-9]*' \
		"$out/terminal"
	D -q hijack -r 192.0.2.11
	check "-q: rules and nothing else" eval 'rules bogus-nxdomain=203.0.113.80 && [ ! -s "$out/stderr" ]'
}

# edge NAME ADDRESS DELAY : a place where answers may point to, so far away
edge()
{
	ip netns add "$1"
	ip link add "$1" netns h type veth peer name eth0 netns "$1"
	ip -n h link set "$1" up
	in_ns h sysctl -qw "net.ipv6.conf.$1.accept_dad=0"
	in_ns "$1" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	ip -n "$1" -batch - <<-EOT
		link set lo up
		link set eth0 up
		addr add $2/24 dev eth0
	EOT
	ip -n h addr add "${2%.*}.1/24" dev "$1"
	[ "$3" = 0 ] || tc -n "$1" qdisc add dev eth0 root netem delay "$3"
	# Nobody listens at some, which answer all the same.
	[ -n "${4-}" ] || nsenter --net="/run/netns/$1" socat TCP-LISTEN:443,fork,reuseaddr /dev/null \
		>/dev/null 2>&1 &
}

steer_world()
{
	modprobe sch_netem 2>/dev/null
	if ! tc qdisc add dev lo root netem delay 1ms 2>/dev/null; then
		skip native "no netem here"
		return 1
	fi
	tc qdisc del dev lo root
	dns_world
	edge near 198.51.100.10 0
	edge far 203.0.113.10 40ms
	edge shaky 198.18.100.10 0
	# Near, but one connection of three takes a second longer: asked twice, it counts twice.
	in_ns shaky nft 'table ip shaky { chain input { type filter hook input priority 0;
		tcp flags & (syn | ack) == syn numgen inc mod 4 0 drop; }; }'
	edge closed 198.18.101.10 1ms closed
	resolver 192.0.2.31 name=www.cdn.test,203.0.113.10 name=same.test,198.51.100.10 \
		name=home.test,203.0.113.10
	resolver 192.0.2.32 name=www.cdn.test,198.51.100.10 name=same.test,198.51.100.10
	resolver 192.0.2.33 name=www.cdn.test,203.0.113.10 subnet=www.cdn.test,198.51.100.0/24,198.51.100.10
	resolver 192.0.2.34 name=www.cdn.test,198.51.100.10 bogus=198.51.100.99
	resolver 192.0.2.35 name=www.cdn.test,198.18.100.10
	resolver 192.0.2.36 name=www.cdn.test,198.18.101.10 name=home.test,198.51.100.10
	resolver 192.0.2.37 name=www.cdn.test,127.0.0.1 name=home.test,10.0.0.1
	resolver 192.0.2.38 name=www.cdn.test,198.51.100.10 cut=www.cdn.test
	resolver 192.0.2.39 name=www.cdn.test,198.51.100.10 drop=udp
	start_dnsmasq 192.0.2.31
}

# S TEXT STATUS PATTERN WORD… : steer
S()
{
	local text=$1 status=$2 pattern=$3
	shift 3

	D steer "$@"
	ends "$text" "$status" "$pattern"
}

# A resolver whose answers are near, and many that are none.
test_steer()
{
	local pid servers

	steer_world || return
	S "nearer answers" 0 '192.0.2.32 .*nearer' www.cdn.test WWW.cdn.test. -r 192.0.2.32
	check "the rule, once, and nothing else" rules server=/www.cdn.test/192.0.2.32
	check "the table shows who is asked now" grep -qE '^192.0.2.31 .*203.0.113.10 .*asked now' \
		"$out/stderr"
	S "no nearer answers" 3 "nobody's answers for same.test are nearer" same.test -r 192.0.2.32
	check "no rule" none
	check "the table is shown either way" grep -qE '^192.0.2.32 +198.51.100.10 +direct' "$out/stderr"
	S "a resolver that lies" 3 '192.0.2.34 .*lies about missing names' www.cdn.test -r 192.0.2.34
	check "no rule" none
	S "no stable gain" 3 "nobody's answers" www.cdn.test -r 192.0.2.35 --rounds 10
	check "no rule" none
	S "too few rounds to know" 3 "nobody's answers" www.cdn.test -r 192.0.2.32 --rounds 2
	S "who refuses is there as well" 0 '192.0.2.36 .*nearer' www.cdn.test -r 192.0.2.36
	S "an address of this host" 3 '192.0.2.37 .*strange' www.cdn.test -r 192.0.2.37
	S "a private address for a public one" 3 '192.0.2.37 .*strange' home.test -r 192.0.2.37
	S "an answer that is cut short over UDP" 0 '192.0.2.38 .*nearer' www.cdn.test -r 192.0.2.38
	S "a resolver that answers over TCP only" 3 '192.0.2.39 .*TCP only, which dnsmasq' www.cdn.test \
		-r 192.0.2.39
	check "no rule, which dnsmasq could not follow" none
	S "nobody there" 3 '192.0.2.99 .*no answer' same.test -r 192.0.2.99
	S "on behalf of a network that dnsmasq does not pass on" 3 \
		'192.0.2.33 is nearer for who asks .*add-subnet' www.cdn.test -r 192.0.2.33 \
		--subnet 198.51.100.0/24
	check "no rule, which would gain nothing" none
	echo "add-subnet=198.51.100.0/24" >/etc/dnsmasq.d/subnet.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.31
	S "on behalf of a network that it passes on" 0 '192.0.2.33 .*nearer' www.cdn.test \
		-r 192.0.2.33 --subnet 198.51.100.0/24
	check "its rule" rules server=/www.cdn.test/192.0.2.33
	rm /etc/dnsmasq.d/subnet.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.31
	S "on behalf of another" 3 '' www.cdn.test -r 192.0.2.33 --subnet 198.18.0.0/24
	S "only one resolver" 2 'nobody to compare it with' www.cdn.test
	D -j steer www.cdn.test -r 192.0.2.32
	check "JSON" eval 'jq -e ".[0].rule == \"server=/www.cdn.test/192.0.2.32\" and
		(.[0].resolvers[0].median_ms > 35) and (.[0].resolvers[1].median_ms < 35) and
		(.[0].resolvers[1].answers[0].times_ms | length) == 5" <"$out/stdout"'

	check "before: dnsmasq gives the far one" test "$(addresses www.cdn.test)" = 203.0.113.10
	S "steer --dry-run" 0 '\+server=/www.cdn.test/192.0.2.32' www.cdn.test -r 192.0.2.32 --dry-run
	check "wrote nothing" test -z "$(files)"
	S "steer --apply" 0 '1 rules are in force' www.cdn.test -r 192.0.2.32 --apply
	check "after: the near one" test "$(addresses www.cdn.test)" = 198.51.100.10
	pid=$(dnsmasq_pid)
	S "one more domain" 0 '2 rules are in force' home.test -r 192.0.2.36 --apply
	servers=$(stat -c '%i %y' /var/lib/brokerdns/servers)
	S "same.test needs none" 0 "nobody's answers for same.test are nearer" same.test --apply -r 192.0.2.32
	check "it has no rule" eval '! grep same.test /var/lib/brokerdns/servers'
	S "the others are in force" 0 'rules are in force: brokerdns status' same.test -r 192.0.2.32
	D steer --apply
	ends "without a domain those in force are measured again" 0
	check "dnsmasq was not started again" test "$(dnsmasq_pid)" = "$pid"
	check "nor told to read anything again" test "$(stat -c '%i %y' /var/lib/brokerdns/servers)" = "$servers"
	D status
	check "status says why" grep -qE \
		'^server=/www.cdn.test/192.0.2.32 +nearer than what 192.0.2.31 answers' "$out/stdout"
	D hijack --rounds 1
	check "hijack does not ask whom a domain is steered to" eval '! grep -q 192.0.2.32 "$out/stderr"'
	echo "server=/www.cdn.test/192.0.2.33" >/etc/dnsmasq.d/mine.conf
	S "somebody has a rule of his own" 0 'mine.conf:1 says already' www.cdn.test -r 192.0.2.32 --dry-run
	rm /etc/dnsmasq.d/mine.conf

	# The gain goes.
	tc -n far qdisc del dev eth0 root
	D steer --apply
	check "no gain any more: no rule" test "$(addresses www.cdn.test)" = 203.0.113.10
	D revert
	check "nothing is left" test -z "$(files)$(ls /var/lib/brokerdns)"
}

# What a rule was measured with goes on, as for the timer that says nothing.
test_steer_again()
{
	local servers=/var/lib/brokerdns/servers

	steer_world || return
	echo "add-subnet=198.51.100.0/24" >/etc/dnsmasq.d/subnet.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.31
	S "at a port of its own" 0 '1 rules are in force' home.test -r 192.0.2.36 --port 8443 --apply
	S "on behalf of a network" 0 '2 rules are in force' www.cdn.test -r 192.0.2.33 \
		--subnet 198.51.100.0/24 --apply
	D status
	check "status says so" grep -qE '^server=/www.cdn.test/192.0.2.33 +nearer .* answers, measured with --subnet 198.51.100.0/24 ' \
		"$out/stdout"
	D -j steer --apply
	ends "without a domain those in force are measured again" 0
	check "each at its port" eval 'jq -e "map({ (.domain): [.resolvers[].answers[].port] | unique }) | add ==
		{ \"home.test\": [8443], \"www.cdn.test\": [443] }" <"$out/stdout"'
	check "for its network, or its rule would go" test "$(grep -c '^server=' $servers)" = 2
	check "the reasons are as before" test "$(grep -cE ' --port 8443$| --subnet 198.51.100.0/24$' $servers)" = 2
	S "a domain that is named is measured as is said now" 0 '' www.cdn.test -r 192.0.2.33 --port 8443 \
		--subnet 198.51.100.0/24 --apply
	check "which is the reason from now on" grep -q 'with --port 8443 --subnet 198.51.100.0/24$' $servers
	check "its rule is the same" grep -qx server=/www.cdn.test/192.0.2.33 $servers
}

# A dnsmasq that does not follow.
test_steer_checked()
{
	steer_world || return
	init_script ''
	sed -i 's|-7 /etc/dnsmasq.d,.*|-7 /run/old --local-service|' /etc/init.d/dnsmasq
	mkdir -p /run/old
	S "dnsmasq asks the same as before" 2 \
		'does not ask 192.0.2.32 about www.cdn.test; the files of before are back and in force' \
		www.cdn.test -r 192.0.2.32 --apply
	check "no file is left" test -z "$(files)$(ls /var/lib/brokerdns)"
	init_script ''
	sed -i 's|--local-service|& --no-ident|' /etc/init.d/dnsmasq
	in_ns h /etc/init.d/dnsmasq restart
	wait_for eval '[ "$(addresses www.cdn.test)" = 203.0.113.10 ]'
	S "one that does not say whom it asks is believed for what it answers" 0 '1 rules are in force' \
		www.cdn.test -r 192.0.2.32 --apply
	check "after: the near one" test "$(addresses www.cdn.test)" = 198.51.100.10
}

# steered : a rule that was found before is in force
steered()
{
	mkdir -p /var/lib/brokerdns
	printf '# part: steer\n# nearer than what 192.0.2.31 answers\nserver=/www.cdn.test/192.0.2.32\n' \
		>/var/lib/brokerdns/servers
	printf 'servers-file=/var/lib/brokerdns/servers\n' >/etc/dnsmasq.d/brokerdns-servers.conf
	start_dnsmasq 192.0.2.31
}

# Where nothing can be measured, what was found before stays.
test_steer_offline()
{
	local first second

	dns_world
	resolver 192.0.2.31 name=www.cdn.test,203.0.113.10
	first=$resolver_pid
	resolver 192.0.2.32 name=www.cdn.test,198.51.100.10
	second=$resolver_pid
	steered
	kill "$first"
	wait "$first" 2>/dev/null
	D steer --apply --rounds 1
	ends "who is asked now does not answer" 0 'its rule stays'
	check "the rule stays" grep -q www.cdn.test /var/lib/brokerdns/servers
	kill "$second"
	wait "$second" 2>/dev/null
	D steer --apply --rounds 1
	ends "nobody answers" 2 'is this host online'
	check "the rule stays" grep -q www.cdn.test /var/lib/brokerdns/servers
	resolver 192.0.2.31 portal=192.0.2.2
	resolver 192.0.2.32 portal=192.0.2.2
	D steer --apply --rounds 3
	ends "a captive portal" 0 'as a captive portal does'
	check "the rule stays" grep -q www.cdn.test /var/lib/brokerdns/servers
}

# A disk that fails in the middle of a change, and once more when it is taken back.
test_disk_fails()
{
	local servers=/var/lib/brokerdns/servers conf=/etc/dnsmasq.d/brokerdns-servers.conf

	dns_world
	resolver 192.0.2.31 name=www.cdn.test,203.0.113.10
	resolver 192.0.2.32 name=www.cdn.test,198.51.100.10
	steered
	cc -shared -fPIC -o "$out/fail.so" "$here/fail.c"
	cat $servers $conf >"$out/good"
	LD_PRELOAD="${LD_PRELOAD-} $out/fail.so" FAIL_UNLINK=$servers D revert
	ends "revert, and a file cannot be removed" 2 "$servers cannot be written: Input/output error"
	check "all is as it was" eval 'cat $servers $conf | cmp "$out/good"'
	check "and nothing is left of it" test "$(cd /var/lib/brokerdns && echo .[l-z]* *)" = ".lock servers"
	check "the rule is in force" test "$(addresses www.cdn.test)" = 198.51.100.10
	LD_PRELOAD="${LD_PRELOAD-} $out/fail.so" FAIL_UNLINK=$servers FAIL_RENAME=$conf D revert
	ends "nor the other one be put back" 2 'not all files of before are back; the next'
	check "it is missing" test ! -e $conf
	D status
	check "status knows of it" grep -q 'a change was interrupted' "$out/stderr"
	D steer --apply --rounds 1
	check "the next one puts it back" grep -q 'the files of before are put back' "$out/stderr"
	check "as it was" eval 'cat $servers $conf | cmp "$out/good"'
	D revert
	ends "revert" 0
	check "no file is left" test -z "$(files)$(ls /var/lib/brokerdns)"
}

# Who probes does not keep others from what they do.
test_lock()
{
	local pid

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	nsenter --net=/run/netns/h brokerdns hijack --apply -r 192.0.2.99 >/dev/null 2>&1 &
	pid=$!
	mkdir -p /var/lib/brokerdns
	wait_for eval '[ -n "$(in_ns h ss -Hun "dst 192.0.2.99")" ]'
	check "while one of them asks, others may change something" eval \
		'flock -n /var/lib/brokerdns/.lock true && kill -0 $pid'
	kill $pid
	wait $pid 2>/dev/null
}

# What is written for dnsmasq it may read, whatever the umask.
test_umask()
{
	dns_world
	resolver 192.0.2.31 name=www.cdn.test,203.0.113.10
	resolver 192.0.2.32 name=www.cdn.test,198.51.100.10
	steered
	chmod 700 /var/lib/brokerdns
	(umask 077; in_ns h brokerdns -q revert)
	check "the directory of an earlier one" test "$(stat -c %a /var/lib/brokerdns)" = 755
	rm -rf /var/lib/brokerdns
	(umask 077; in_ns h brokerdns -q revert)
	check "a new one" test "$(stat -c %a /var/lib/brokerdns)" = 755
}

# A servers-file of somebody else's: dnsmasq takes only one.
test_steer_servers_file()
{
	steer_world || return
	echo "server=/corp.test/192.0.2.33" >/etc/servers
	echo "servers-file=/etc/servers" >/etc/dnsmasq.d/mine.conf
	stop_dnsmasq
	start_dnsmasq 192.0.2.31
	S "steer --apply" 0 '' www.cdn.test -r 192.0.2.32 --apply
	check "after: the near one" test "$(addresses www.cdn.test)" = 198.51.100.10
	check "theirs is in force as well" grep -q 192.0.2.33 /etc/servers
	D revert
	check "before: the far one" test "$(addresses www.cdn.test)" = 203.0.113.10
}

# Answers that are slower through the tunnel.
test_steer_tunnel()
{
	modprobe sit 2>/dev/null
	steer_world || return
	in_ns h ip tunnel add tun6 mode sit remote 203.0.113.10 local 203.0.113.1 ttl 64 2>/dev/null || {
		skip native "no sit here"
		return
	}
	in_ns far ip tunnel add tun6 mode sit remote 203.0.113.1 local 203.0.113.10 ttl 64
	ip -n h -batch - <<-'EOT'
		link set tun6 up
		addr add 2001:db8:cd::1/64 dev tun6
	EOT
	ip -n far -batch - <<-'EOT'
		link set tun6 up
		addr add 2001:db8:cd::10/64 dev tun6
	EOT
	nsenter --net=/run/netns/far socat TCP6-LISTEN:443,fork,reuseaddr /dev/null >/dev/null 2>&1 &
	ip -n near addr add 2001:db8:aa::10/64 dev eth0
	ip -n h addr add 2001:db8:aa::1/64 dev near
	# More than a loaded machine adds to the near one.
	tc -n far qdisc change dev eth0 root netem delay 200ms
	resolver 192.0.2.40 name=v6.cdn.test,198.51.100.10,2001:db8:cd::10 \
		name=both.cdn.test,2001:db8:aa::10
	S "AAAA answers through the tunnel" 3 \
		'AAAA answers of v6.cdn.test are slower: .* filter-AAAA would hide them' \
		v6.cdn.test -r 192.0.2.40
	check "the table shows both ways" eval \
		'grep -qE "198.51.100.10 +direct \(near\)" "$out/stderr" &&
		 grep -qE "2001:db8:cd::10 +tunnel \(tun6\)" "$out/stderr"'
	check "nothing hides them unasked" none
	ip -n h route add 2001:db8:aa::/64 dev tun6 metric 4096
	D -j steer both.cdn.test -r 192.0.2.40 --rounds 3
	check "an address is measured directly and through the tunnel" eval 'jq -e "
		[.[0].resolvers[1].answers[].path] | sort == [\"direct\", \"tunnel\"]" <"$out/stdout"'
}

# What make install puts there.
test_install()
{
	local top
	top=$(realpath "$here/../..")

	mkdir -p /tmp/installed
	cp -r "$top/tools" "$top/include" "$top/kmod" "$top/build" /tmp/installed/
	check "make install" make -s -C /tmp/installed/tools install DESTDIR=/tmp/staged PREFIX=/usr
	check "the programs are there" /tmp/staged/usr/sbin/brokerdns --version
	check "the units name them" grep -q '^ExecStart=/usr/sbin/brokerdns publish --domain ' \
		/tmp/staged/usr/lib/systemd/system/brokerdns-publish.service
	rm -rf /run/fake
	mkdir /run/fake
	# shellcheck disable=SC2016 # it is the script's
	printf '#!/bin/sh\necho "$*" >>/run/fake/asked\ncase $2 in hijack) exit 2;; steer) exit 3;; esac\n' \
		>/run/fake/brokerdns
	chmod 755 /run/fake/brokerdns
	# What systemd makes of the line.
	sed -z 's/\\\n/ /g' /tmp/staged/usr/lib/systemd/system/brokerdns-recheck.service |
		sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'$/\1/p" |
		sed 's/\$\$/$/g; s|/usr/sbin/brokerdns|/run/fake/brokerdns|g' >/run/fake/recheck
	HIJACK_OPTIONS="--zone a.test" STEER_OPTIONS="--config /a b" FILTER_OPTIONS="" sh /run/fake/recheck
	check "the timer's service fails where one of them does" test $? = 2
	check "and the others have been done, with their options" diff /run/fake/asked - <<-'EOT'
		--quiet hijack --apply --zone a.test
		--quiet steer --apply --config /a b
		--quiet filter --apply
	EOT
	sed -i 's/exit 2/exit 3/' /run/fake/brokerdns
	check "it does not where there is nothing to do" sh /run/fake/recheck
	check "nothing is left to be filled in" eval '! grep -r @SBINDIR@ /tmp/staged'
	check "bash completes commands" test "$(bash -c '
		. /tmp/staged/usr/share/bash-completion/completions/brokerdns
		COMP_WORDS=(brokerdns pub) COMP_CWORD=1 COMPREPLY=()
		_brokerdns
		echo "${COMPREPLY[@]}"')" = publish
	check "and options" test "$(bash -c '
		. /tmp/staged/usr/share/bash-completion/completions/brokerdns
		COMP_WORDS=(brokerdns steer --sub) COMP_CWORD=2 COMPREPLY=()
		_brokerdns
		echo "${COMPREPLY[@]}"')" = --subnet
	check "publish is not started again and again without a domain" grep -qx 'RestartPreventExitStatus=1' \
		/tmp/staged/usr/lib/systemd/system/brokerdns-publish.service
	refused "which is how it ends then" 1 "is no domain name" \
		/tmp/staged/usr/sbin/brokerdns publish --domain ""
	check "dnsmasq may be started anew without an end of publish" eval \
		'! grep -qE "^(Requires|BindsTo|PartOf|Requisite)=" \
			/tmp/staged/usr/lib/systemd/system/brokerdns-publish.service'
	[ -x /usr/bin/systemd-analyze ] || return
	cp /tmp/staged/usr/lib/systemd/system/brokerdns-recheck.* /tmp/
	sed -i "s|/usr/sbin/brokerdns|/tmp/staged/usr/sbin/brokerdns|" /tmp/brokerdns-recheck.service
	check "systemd takes the timer and its service" eval \
		'[ -z "$(systemd-analyze verify /tmp/brokerdns-recheck.timer /tmp/brokerdns-recheck.service 2>&1 |
			grep brokerdns | grep -v "man brokerdns")" ]'
}
