# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# brokerdns publish: clients as names in a real dnsmasq. The world: lib.sh.

# A dnsmasq in s, as Debian's service has it.
publish_world()
{
	world routed
	rm -rf /etc/dnsmasq.d /etc/dnsmasq.conf /var/lib/brokerdns /run/dnsmasq
	mkdir -p /etc/dnsmasq.d /run/dnsmasq
	in_ns s sysctl -qw net.ipv6.ip_nonlocal_bind=1
	in_ns s dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody --no-resolv --no-hosts \
		-7 /etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new
	wait_for served_names
}

served_names()	{ dns +tries=1 +time=1 CH TXT version.bind | grep -q dnsmasq; }

dns()		{ in_ns s dig +short "$@" @127.0.0.1; }
address_is()	{ [ "$(dns AAAA "$1")" = "$2" ]; }
name_is()	{ [ "$(dns -x "$1")" = "$2" ]; }

test_publish()
{
	local one two pid

	publish_world
	two_clients
	one=$(client one client_ipv6)
	two=$(client two client_ipv6)
	B -q client add Third_One
	check "publish --once" in_ns s brokerdns publish --domain clients.test --once
	check "a client has a name" address_is one.clients.test "$one"
	check "and the address has it" name_is "$one" one.clients.test.
	check "so has the other one" name_is "$two" two.clients.test.
	check "in lower case" address_is third_one.clients.test "$(client Third_One client_ipv6)"
	check "it prints the names" eval 'in_ns s brokerdns publish --domain clients.test --once 2>/dev/null |
		grep -qxF "$one one.clients.test"'
	check "also for programs" eval 'in_ns s brokerdns -j publish --domain clients.test --once 2>/dev/null |
		jq -e ".names | contains([\"$one one.clients.test\"])"'
	pid=$(cat /run/dnsmasq/dnsmasq.pid)

	nsenter --net=/run/netns/s brokerdns publish --domain clients.test >/tmp/published 2>&1 &
	wait_for test -n "$(pgrep -n brokerdns)"
	B -q client add four
	check "a new client gets a name" wait_for address_is four.clients.test "$(client four client_ipv6)"
	two=$(client two client_ipv6)
	B client del two
	check "one that is deleted loses it" wait_for eval '[ -z "$(dns AAAA two.clients.test)" ]'
	check "its address, too" test -z "$(dns -x "$two")"
	B client set one disable
	check "so does one that is disabled" wait_for eval '[ -z "$(dns AAAA one.clients.test)" ]'
	B client set one enable
	check "until it is enabled" wait_for address_is one.clients.test "$one"
	printf 'client add bulk%d\n' {1..500} | B -q -batch -
	check "500 at once" wait_for address_is bulk500.clients.test "$(client bulk500 client_ipv6)"
	check "every one" test "$(grep -c bulk /var/lib/brokerdns/hosts/clients)" = 500
	B client flush
	check "none after flush" wait_for eval '[ -z "$(dns AAAA bulk1.clients.test)" ]'
	check "dnsmasq was not started again for any of it" test "$(cat /run/dnsmasq/dnsmasq.pid)" = "$pid"
	in_ns s brokerdns status >/tmp/status 2>&1
	check "status knows of it" eval \
		'grep -q "hostsdir=/var/lib/brokerdns/hosts" /tmp/status || { cat /tmp/status; false; }'
	kill "$(pgrep -n brokerdns)"
	wait
	check "it ends when told to, without a word" eval '[ ! -s /tmp/published ]'
	check "revert" in_ns s brokerdns revert
	check "no file is left" test -z "$(cd / && ls etc/dnsmasq.d/* var/lib/brokerdns/* 2>/dev/null)"
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# The module is loaded again, as an upgrade does it: the family has another number by then.
test_publish_reload()
{
	publish_world
	B -q client add one
	nsenter --net=/run/netns/s brokerdns publish --domain clients.test >/tmp/published 2>&1 &
	check "a client has a name" wait_for address_is one.clients.test "$(client one client_ipv6)"
	check "the module can be removed meanwhile" rmmod sitbroker
	check "with it go the names" wait_for eval '[ -z "$(dns AAAA one.clients.test)" ]'
	check "that is said" grep -q 'the module was removed' /tmp/published
	check "it was not loaded again for that" test ! -e /sys/module/sitbroker
	modprobe sitbroker
	B -batch - <<-'EOF'
		link add broker0 local 203.0.113.1
		pool add 2001:db8:100::/64 pair
	EOF
	B -q client add five
	check "a client of the new one has a name" wait_for address_is five.clients.test \
		"$(client five client_ipv6)"
	B client del five
	check "events go on" wait_for eval '[ -z "$(dns AAAA five.clients.test)" ]'
	kill "$(pgrep -n brokerdns)" "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# Who has a routed prefix answers for the names of its addresses.
test_delegation()
{
	local routed one pid publisher home

	publish_world
	two_clients
	routed=$(client one 'routed[0]')
	one=$(client one client_ipv6)
	ip -n c1 addr add "${routed%/*}7/128" dev lo
	nsenter --net=/run/netns/c1 dnsmasq -k -C /dev/null --no-resolv --no-hosts --user=root --pid-file= \
		--host-record="printer.home.test,${routed%/*}7" >/dev/null 2>&1 &
	home=$!
	wait_for eval '[ -n "$(in_ns c1 ss -Hlnu "sport = :53")" ]'
	check "publish --once" in_ns s brokerdns publish --domain clients.test --once
	check "an address in the routed prefix has the name that the client gives it" \
		wait_for name_is "${routed%/*}7" printer.home.test.
	check "status says why" eval 'in_ns s brokerdns status 2>/dev/null |
		grep -qE "^rev-server=$(client one "routed[0]"),$one +routed to client one "'
	check "another client is asked about its own only" \
		grep -qx "rev-server=$(client two 'routed[0]'),$(client two client_ipv6)" \
		/var/lib/brokerdns/servers
	B client del one
	check "publish again" in_ns s brokerdns publish --domain clients.test --once
	check "it is nobody's any more" eval '! grep -q "$one" /var/lib/brokerdns/servers'
	check "and dnsmasq asks nobody" wait_for eval '[ -z "$(dns -x "${routed%/*}7")" ]'
	pid=$(cat /run/dnsmasq/dnsmasq.pid)
	nsenter --net=/run/netns/s brokerdns publish --domain clients.test >/tmp/published 2>&1 &
	publisher=$!
	B -q client add one endpoint 203.0.113.11
	routed=$(client one 'routed[0]')
	[ "$(client one client_ipv6)" = "$one" ] || ip -n c1 addr add "$(client one client_ipv6)/127" dev tunnel
	ip -n c1 addr add "${routed%/*}8/128" dev lo
	kill "$home"
	wait "$home" 2>/dev/null
	nsenter --net=/run/netns/c1 dnsmasq -k -C /dev/null --no-resolv --no-hosts --user=root --pid-file= \
		--host-record="scanner.home.test,${routed%/*}8" >/dev/null 2>&1 &
	home=$!
	check "a network that it is given meanwhile is asked there" \
		wait_for name_is "${routed%/*}8" scanner.home.test.
	B client set one disable
	check "until the client is disabled" wait_for eval '[ -z "$(dns -x "${routed%/*}8")" ]'
	check "dnsmasq was not started again for that" test "$(cat /run/dnsmasq/dnsmasq.pid)" = "$pid"
	kill $publisher "$home"
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# Names of clients that are none in the DNS; no dnsmasq; no right; no module.
test_publish_refused()
{
	local pid

	publish_world
	B -q client add a@b
	B -q client add Same
	B -q client add same
	B -q client add dot.ted
	in_ns s brokerdns publish --domain clients.test --once >/tmp/stdout 2>/tmp/stderr
	report $? "S30: what is no name is left out"
	check "that is said" grep -q '3 clients are left out: .*a@b' /tmp/stderr
	check "two of one name have none" test -z "$(dns AAAA same.clients.test)"
	check "a dot is one" address_is dot.ted.clients.test "$(client dot.ted client_ipv6)"

	# dnsmasq takes one servers-file. That there is one already only its --test can know.
	in_ns s brokerdns revert 2>/dev/null
	printf '#!/bin/sh\necho servers-file=/etc/servers\n' >/run/script
	chmod 755 /run/script
	touch /etc/servers
	echo "conf-script=/run/script" >/etc/dnsmasq.d/script.conf
	pid=$(cat /run/dnsmasq/dnsmasq.pid)
	refused "S30: what dnsmasq would not start with" 2 "would not start with the new rules" \
		in_ns s brokerdns -q publish --domain clients.test --once
	check "nothing was changed" test "$(ls /etc/dnsmasq.d)" = script.conf
	check "not even the names" test ! -e /var/lib/brokerdns/hosts/clients
	check "dnsmasq was left alone" test "$(cat /run/dnsmasq/dnsmasq.pid)" = "$pid"
	kill "$pid"
	wait_for eval '! served_names'
	refused "no dnsmasq" 2 "no dnsmasq runs here" in_ns s brokerdns publish --domain clients.test --once
	refused "no right" 2 "needs root" in_ns s setpriv --reuid=65534 --clear-groups \
		brokerdns publish --domain clients.test --once
	end_world
	refused "no module" 2 "module is not loaded" brokerdns publish --domain clients.test --once
}

# All rules are taken out, or somebody else is changing some, while it runs.
test_publish_and_others()
{
	local pid holder

	publish_world
	B -q client add one
	nsenter --net=/run/netns/s brokerdns -j publish --domain clients.test >/tmp/published 2>/tmp/said &
	pid=$!
	wait_for address_is one.clients.test "$(client one client_ipv6)"
	report $? "a client has a name"
	refused "a second one" 2 "publish runs here already (process $pid)" \
		in_ns s brokerdns publish --domain other.test
	in_ns s brokerdns revert >/tmp/stdout 2>/tmp/stderr
	report $? "revert"
	check "says that it still runs" grep -q "publish still runs (process $pid)" /tmp/stderr
	check "before: no name" test -z "$(dns AAAA one.clients.test)"
	B client set one mtu 1300
	check "which it writes again" wait_for address_is one.clients.test "$(client one client_ipv6)"
	flock -o /var/lib/brokerdns/.lock sleep 100 &
	holder=$!
	wait_for eval '! flock -n /var/lib/brokerdns/.lock true'
	B -q client add two
	sleep 1
	check "for programs it says what it writes, an object a line" eval \
		'[ "$(jq -cr ".names | length" /tmp/published | xargs)" = "1 1" ]'
	kill $pid
	check "it ends when told to, whoever holds the lock" wait_for eval '! kill -0 $pid 2>/dev/null'
	kill $holder
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# The domain is the clients' alone, whatever others say about it.
test_publish_local()
{
	publish_world
	B -q client add one
	B -q client add two
	nsenter --net=/run/netns/c1 "$here/resolver.py" 203.0.113.11 wild=clients.test,198.51.100.1 \
		>/dev/null 2>&1 &
	wait_for eval 'in_ns c1 ss -Hlnu "sport = :53" | grep -qF 203.0.113.11'
	echo server=203.0.113.11 >/etc/dnsmasq.d/upstream.conf
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
	wait_for eval '! served_names'
	in_ns s dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody --no-resolv --no-hosts -7 /etc/dnsmasq.d
	wait_for served_names
	check "before: somebody else's address" test "$(dns two.clients.test)" = 198.51.100.1
	check "publish --once" in_ns s brokerdns publish --domain clients.test --once
	check "a client has its own" address_is two.clients.test "$(client two client_ipv6)"
	check "and no other" test -z "$(dns two.clients.test)"
	B client del two
	check "one that is deleted" in_ns s brokerdns publish --domain clients.test --once
	check "is not looked for elsewhere" wait_for eval \
		'in_ns s dig AAAA two.clients.test @127.0.0.1 | grep -q NXDOMAIN'
	check "nor is anybody else" test -z "$(dns nobody.clients.test)"
	check "other names are" test "$(dns www.google.com)" = 198.18.0.7
	check "status says why" eval 'in_ns s brokerdns status 2>/dev/null |
		grep -qE "^local=/clients.test/ +who has no name there has none elsewhere"'
	check "revert" in_ns s brokerdns revert
	check "before: somebody else's address" test "$(dns two.clients.test)" = 198.51.100.1
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# A dnsmasq that reads none of it when it is started again.
test_publish_checked()
{
	publish_world
	B -q client add one
	mkdir -p /run/old
	cat >/etc/init.d/dnsmasq <<-'EOF'
		#!/bin/bash
		kill "$(cat /run/dnsmasq/dnsmasq.pid)"
		while [ -e /proc/"$(cat /run/dnsmasq/dnsmasq.pid)" ]; do sleep 0.05; done
		exec dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody --no-resolv --no-hosts -7 /run/old
	EOF
	chmod 755 /etc/init.d/dnsmasq
	refused "no name" 2 'for one.clients.test, which is published; the files of before are back' \
		in_ns s brokerdns publish --domain clients.test --once
	check "no file is left" test -z "$(ls /etc/dnsmasq.d)"
	nsenter --net=/run/netns/c1 "$here/resolver.py" 203.0.113.11 >/dev/null 2>&1 &
	wait_for eval 'in_ns c1 ss -Hlnu "sport = :53" | grep -qF 203.0.113.11'
	echo server=203.0.113.11 >/run/old/upstream.conf
	echo server=203.0.113.11 >/etc/dnsmasq.d/upstream.conf
	in_ns s /etc/init.d/dnsmasq restart
	wait_for eval '[ "$(dns www.google.com)" = 198.18.0.7 ]'
	B -q filter load known - <<<198.18.0.7
	in_ns s brokerdns filter known --apply >/tmp/stdout 2>/tmp/stderr
	report $(($? != 0)) "a rule that is read"
	check "after: none" test -z "$(dns www.google.com)"
	in_ns s brokerdns revert 2>/dev/null
	sed -i 's|-7 /run/old|-7 /etc/dnsmasq.d,*.none -S 203.0.113.11|' /etc/init.d/dnsmasq
	in_ns s brokerdns filter known --apply >/tmp/stdout 2>/tmp/stderr
	report $(($? != 2)) "one that is not"
	check "that is said" grep -q 'still gives 198.18.0.7 for www.google.com, against a rule; the files' /tmp/stderr
	check "no file is left" test "$(ls /run/old)" = upstream.conf
	rm /etc/init.d/dnsmasq
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}

# Filter lists of the kernel as rules, and what was found as a list.
test_filter_lists()
{
	publish_world
	nsenter --net=/run/netns/c1 "$here/resolver.py" 203.0.113.11 bogus=203.0.113.80,2001:db8:bad::80 \
		name=ads.test,198.51.100.7 name=www.real.test,198.51.100.1 >/dev/null 2>&1 &
	wait_for eval 'in_ns c1 ss -Hlnu "sport = :53" | grep -qF 203.0.113.11'
	in_ns s brokerdns hijack -r 203.0.113.11 --rounds 1 --filter liars --dry-run >/tmp/stdout 2>/tmp/stderr
	report $? "hijack --filter --dry-run"
	check "says what would be added" grep -q '"liars": 2 ranges would be added' /tmp/stderr
	check "and adds nothing" eval '! B filter show liars'
	in_ns s brokerdns hijack -r 203.0.113.11 --filter liars >/tmp/stdout 2>/tmp/stderr
	report $? "hijack --filter"
	check "the kernel has the list" test "$(B filter save liars | tail -n +2 | cut -d' ' -f1 | xargs)" = \
		"203.0.113.80 [2001:db8:bad::80]"
	check "with a label" test "$(B filter save liars | grep -c 'brokerdns hijack')" = 2
	in_ns s brokerdns hijack -r 203.0.113.11 --filter liars >/tmp/stdout 2>/tmp/stderr
	check "a second time it has them already" grep -q 'holds them already' /tmp/stderr
	B -q filter add liars 203.0.113.70
	in_ns s brokerdns hijack -r 203.0.113.11 --filter liars >/tmp/stdout 2>/tmp/stderr
	echo 198.51.100.0/24 | B -q filter load good - action allow
	refused "a list of what is allowed takes no liars" 2 'those who lie do not belong there' \
		eval 'in_ns s brokerdns -q hijack -r 203.0.113.11 --rounds 1 --filter good 2>&1 >/dev/null'
	cc -I "$here/../../include/uapi" -shared -fPIC -o /run/meanwhile.so "$here/meanwhile.c"
	check "two that make a list at the same time" eval \
		'LD_PRELOAD="${LD_PRELOAD-} /run/meanwhile.so" MEANWHILE="brokertool -q filter load new - <<-EOT
			203.0.113.70
		EOT" in_ns s brokerdns hijack -r 203.0.113.11 --rounds 1 --filter new'
	check "both are in it" test "$(B filter save new | grep -cE "^(203.0.113.[78]0|\[)")" = 3
	check "nothing was added" test "$(B filter save good | grep -c '203.0.113.80')" = 0
	check "what others put there stays" test "$(B filter save liars | grep -c '203.0.113.70')" = 1

	printf '198.51.100.4-198.51.100.9\n[2001:db8:ad::]/48\n127.0.0.0-127.255.255.255\n' |
		B -q filter load ads -
	in_ns s brokerdns filter ads >/tmp/stdout 2>/tmp/stderr
	report $? "a list as rules"
	check "in as few prefixes as there can be" test "$(xargs </tmp/stdout)" = \
		"bogus-nxdomain=198.51.100.4/30 bogus-nxdomain=198.51.100.8/31 bogus-nxdomain=2001:db8:ad::/48"
	check "without loopback addresses, which is said" grep -q 'that stand for something are left out' \
		/tmp/stderr
	printf '126.0.0.0-127.255.255.255\n[::]-[::3]\n' | B -q filter load edge -
	in_ns s brokerdns filter edge >/tmp/stdout 2>/tmp/stderr
	check "what is beside them stays" test "$(xargs </tmp/stdout)" = \
		"bogus-nxdomain=126.0.0.0/8 bogus-nxdomain=::2/127"
	in_ns s brokerdns filter edge -f ipfilter >/tmp/stdout 2>/tmp/stderr
	check "a list is as it was" test "$(head -n 1 /tmp/stdout)" = 126.0.0.0-127.255.255.255
	echo "server=203.0.113.11" >/etc/dnsmasq.d/upstream.conf
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
	wait_for eval '! served_names'
	in_ns s dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody --no-resolv --no-hosts -7 /etc/dnsmasq.d
	wait_for served_names
	check "before: an address" test "$(dns ads.test)" = 198.51.100.7
	check "filter --dry-run" in_ns s brokerdns filter ads --dry-run
	check "wrote nothing" test "$(ls /etc/dnsmasq.d)" = upstream.conf
	check "filter --apply" in_ns s brokerdns filter ads --apply
	check "after: none" test -z "$(dns ads.test)"
	check "real names still resolve" test "$(dns www.real.test)" = 198.51.100.1
	check "status says why" eval 'in_ns s brokerdns status 2>/dev/null |
		grep -qE "^bogus-nxdomain=198.51.100.8/31 +filter list ads of the kernel"'
	B -q filter add ads 198.51.100.1
	check "filter --apply without a list, as the timer does it" in_ns s brokerdns -q filter --apply
	check "reads it again" test -z "$(dns www.real.test)"
	B filter flush ads
	check "a list that is empty has no rules" in_ns s brokerdns filter --apply
	check "before: an address" test "$(dns ads.test)" = 198.51.100.7
	printf '198.51.100.4-198.51.100.9\n' | B -q filter load ads -
	check "but is remembered" in_ns s brokerdns filter --apply
	check "after: none" test -z "$(dns ads.test)"
	check "real names still resolve" test "$(dns www.real.test)" = 198.51.100.1
	B filter destroy ads
	refused "a list that is gone: the rules stay" 2 'ads' in_ns s brokerdns filter --apply
	check "after: none" test -z "$(dns ads.test)"
	refused "no such list" 2 'nosuch' in_ns s brokerdns filter nosuch
	refused "a list of what is allowed" 2 "says what is allowed" in_ns s brokerdns filter good
	awk 'BEGIN { for (i = 0; i < 11000; i++) printf "10.%d.%d.%d\n", i / 16384, i / 64 % 256, i % 64 * 4 }' |
		B -q filter load many -
	in_ns s brokerdns filter many --apply >/tmp/stdout 2>/tmp/stderr
	check "too many for dnsmasq" test $? = 2
	check "one sentence says so" grep -q 'makes 11000 rules' /tmp/stderr
	check "they are printed" test "$(wc -l </tmp/stdout)" = 11000
	refused "--dry-run refuses them, too" 2 'makes 11000 rules' \
		eval 'in_ns s brokerdns filter many --dry-run 2>&1 >/dev/null'
	echo 127.0.0.0/8 | B -q filter load loop -
	in_ns s brokerdns filter loop >/tmp/stdout 2>/tmp/stderr
	report $? "a list that makes no rule, while others are in force"
	check "that is said" grep -q 'rules are in force: brokerdns status' /tmp/stderr
	check "revert" in_ns s brokerdns revert
	check "before: an address" test "$(dns ads.test)" = 198.51.100.7
	in_ns s brokerdns filter loop >/tmp/stdout 2>/tmp/stderr
	check "the same while none is" test $? = 3
	kill "$(cat /run/dnsmasq/dnsmasq.pid)"
}
