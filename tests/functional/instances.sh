# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# brokerdns: which dnsmasq is meant, and which programs root runs. The world: brokerdns.sh.
# shellcheck source=tests/functional/brokerdns.sh disable=SC2154 # lib.sh has it
. "$here/brokerdns.sh"

# at PORT ADDRESS : one answers there
at()	{ in_ns h dig +short +tries=1 +time=1 CH TXT version.bind -p "$1" "@$2" | grep -q dnsmasq; }
# state_of PORT ADDRESS : of a missing name
state_of()	{ in_ns h dig +tries=2 +time=2 nosuchname.com -p "$1" "@$2" | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }

# Whatever calls itself dnsmasq: root runs nobody else's program.
test_impostor()
{
	local pid uid

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	rm -rf /run/impostor
	mkdir -p /run/impostor
	cp /bin/sleep /run/impostor/dnsmasq
	printf '#!/bin/sh\nid >>/tmp/ran\n' >/run/impostor/evil
	chmod 755 /run/impostor/*
	rm -f /tmp/ran
	touch /tmp/ran
	chmod 666 /tmp/ran
	for uid in 1000 65534; do
		nsenter --net=/run/netns/h setpriv --reuid=$uid --regid=$uid --clear-groups \
			bash -c 'exec -a /run/impostor/evil /run/impostor/dnsmasq 60' &
		pid=$!
		wait_for grep -qx dnsmasq "/proc/$pid/comm"
		D status
		ends "beside a process of user $uid that is called dnsmasq" 3
		check "it is none" grep -qx 'dnsmasq: *not running' "$out/stdout"
		kill "$pid"
		wait "$pid" 2>/dev/null
	done
	nsenter --net=/run/netns/h setpriv --reuid=65534 --regid=65534 --clear-groups \
		dnsmasq -k -C /dev/null -u nobody --pid-file= -p 5399 >/dev/null 2>&1 &
	pid=$!
	wait_for at 5399 127.0.0.1
	D status
	ends "beside dnsmasq itself that nobody has started, and not root" 3
	check "it is none of this host's" grep -qx 'dnsmasq: *not running' "$out/stdout"
	kill "$pid"
	wait "$pid" 2>/dev/null
	printf '#!/bin/bash\nread -r <>/run/impostor/pipe\n' >/run/impostor/dnsmasq
	mkfifo /run/impostor/pipe
	nsenter --net=/run/netns/h /run/impostor/dnsmasq &
	pid=$!
	wait_for grep -qx dnsmasq "/proc/$pid/comm"
	D status
	ends "beside root's own script of that name" 3
	check "it is none" grep -qx 'dnsmasq: *not running' "$out/stdout"
	kill "$pid"
	wait "$pid" 2>/dev/null

	# Root's own may be called anything: what it runs is what counts.
	resolvers_up
	echo "nameserver 192.0.2.11" >/run/dnsmasq/resolv.conf
	in_ns h bash -c 'exec -a /run/impostor/evil dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody \
		-r /run/dnsmasq/resolv.conf -7 /etc/dnsmasq.d'
	wait_for dnsmasq_answers
	D hijack --rounds 1 --apply
	ends "one with another name in its command line gets its rules" 0
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	pid=$(dnsmasq_pid)
	in_ns h bash -c 'exec -a /run/impostor/evil dnsmasq -x /run/second.pid -u nobody -p 5354 -C /dev/null'
	D status
	ends "two of them: none is asked anything" 1 '2 dnsmasq run here'
	check "nothing with that name was run" test ! -s /tmp/ran
	kill "$pid" "$(cat /run/second.pid)"
	wait_for eval '! dnsmasq_answers'

	# A program that a user may change.
	cp /usr/sbin/dnsmasq /run/impostor/dnsmasq
	chown 1000 /run/impostor/dnsmasq
	rm /etc/dnsmasq.d/*
	in_ns h /run/impostor/dnsmasq -x /run/dnsmasq/dnsmasq.pid -u nobody \
		-r /run/dnsmasq/resolv.conf -7 /etc/dnsmasq.d
	wait_for dnsmasq_answers
	pid=$(dnsmasq_pid)
	D hijack --rounds 1 --apply
	ends "root does not run what others may change" 2 'can be changed by others than root'
	check "it was left alone" test "$(dnsmasq_pid)$(files)" = "$pid"
	kill "$pid"
}

# NetworkManager itself, which starts its dnsmasq and tells it over D-Bus whom to ask.
test_networkmanager_itself()
{
	local connection=/etc/NetworkManager/system-connections/own.nmconnection

	if [ ! -d "$unpacked/networkmanager/tree" ]; then
		skip native "no NetworkManager here"
		return
	fi
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80 name=www.real.test,198.51.100.1
	resolvers_up
	get_system networkmanager
	mkdir -p /etc/NetworkManager/{dnsmasq.d,system-connections}
	cat >$connection <<-'EOT'
		[connection]
		id=own
		type=ethernet
		interface-name=eth0
		[ipv4]
		method=manual
		address1=192.0.2.1/24,192.0.2.2
		dns=192.0.2.11;
	EOT
	chmod 600 $connection
	network_manager h =interface-name:none0 dnsmasq
	wait_for eval 'nmcli -t -f STARTUP general 2>/dev/null | grep -qx started'
	# As it is set up already, NetworkManager takes it for somebody else's at first.
	check "it has the network" nmcli connection up own
	check "before: an address" wait_for eval '[ "$(addresses nosuchname.com)" = 203.0.113.80 ]'
	D hijack --rounds 1 --apply
	ends "hijack --apply" 0 '/etc/NetworkManager/dnsmasq.d/brokerdns-hijack.conf is in force'
	check "after: NXDOMAIN" test "$(status_of nosuchname.com)" = NXDOMAIN
	check "real names still resolve" test "$(addresses www.real.test)" = 198.51.100.1
	D -j status
	check "status says whose it is" test "$(jq -r .dnsmasq <"$out/stdout")" = "NetworkManager's own"
	D revert
	ends "revert" 0
	check "before: an address" wait_for eval '[ "$(addresses nosuchname.com)" = 203.0.113.80 ]'
	rm -r /etc/NetworkManager
}

# Two of them: the one that is named is the one that is started again.
test_two()
{
	local one two

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	local liar=$resolver_pid
	mkdir -p "$out/conf" "$out/conf2"
	printf 'port=%d\nlisten-address=%s\nbind-interfaces\nno-resolv\nserver=192.0.2.11\nconf-dir=%s/,*.conf\n' \
		5353 127.0.0.2 "$out/conf" >"$out/main.conf"
	printf 'port=%d\nlisten-address=%s\nbind-interfaces\nno-resolv\nserver=192.0.2.11\nconf-dir=%s/,*.conf\n' \
		5354 127.0.0.3 "$out/conf2" >"$out/second.conf"
	echo "# nothing yet" >"$out/conf/mine.conf"
	in_ns h dnsmasq -u nobody -C "$out/main.conf" -x "$out/pid"
	in_ns h dnsmasq -u nobody -C "$out/second.conf" -x "$out/pid2"
	wait_for at 5353 127.0.0.2
	wait_for at 5354 127.0.0.3
	one=$(cat "$out/pid")
	two=$(cat "$out/pid2")
	D status --config "$out/conf/mine.conf"
	check "a file of a directory names the one that reads it" grep -q "process $one," "$out/stdout"
	D hijack --rounds 1 --apply --config "$out/main.conf"
	ends "hijack --apply --config" 0 "$out/conf/brokerdns-hijack.conf is in force"
	check "after: NXDOMAIN" test "$(state_of 5353 127.0.0.2)" = NXDOMAIN
	check "the other one was left alone" test "$(cat "$out/pid2")$(ls "$out/conf2")" = "$two"
	D revert --config "$out/conf/mine.conf"
	ends "revert --config" 0
	check "before: an address" test "$(state_of 5353 127.0.0.2)" = NOERROR

	# By the time that the rules are in force there are other lies.
	printf '#!/bin/sh\n! grep -q bogus %s/conf/brokerdns-hijack.conf || kill -USR1 %d\n' \
		"$out" "$liar" >/run/script
	chmod 755 /run/script
	echo "conf-script=/run/script" >>"$out/main.conf"
	D hijack --rounds 1 --apply --config "$out/main.conf"
	ends "what does not help is put back" 2 'still gives .* are back and in force'
	check "it answers" at 5353 127.0.0.2
	check "it is one process" test "$(pgrep -cf "dnsmasq.*$out/main.conf")" = 1
	check "without the file" test "$(ls "$out/conf")" = mine.conf
	check "the other one was left alone" test "$(cat "$out/pid2")" = "$two"
	kill "$(cat "$out/pid")" "$two"
}

# Those that are only asked for a moment: by another brokerdns, by an init script.
test_asked()
{
	local asked word

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	# Such a one ends at once, but not while it reads a pipe or writes to a full one.
	rm -f /run/asked
	mkfifo /run/asked
	nsenter --net=/run/netns/h dnsmasq -x /run/other.pid --test -C /run/asked >/dev/null 2>&1 &
	asked=$!
	wait_for grep -qx dnsmasq "/proc/$asked/comm"
	D status
	ends "beside one that tests a configuration" 3
	check "it is not taken for one that runs" grep -q "process $(dnsmasq_pid)," "$out/stdout"
	D status --config /run/asked
	check "nor by its file" grep -qx 'dnsmasq: *not running' "$out/stdout"
	kill -KILL "$asked"
	wait "$asked" 2>/dev/null
	for word in -v --version -w --help; do
		exec 9<>/run/asked
		timeout 1 dd if=/dev/zero of=/run/asked bs=4096 count=64 2>/dev/null
		nsenter --net=/run/netns/h dnsmasq "$word" >&9 &
		asked=$!
		wait_for grep -qx dnsmasq "/proc/$asked/comm"
		D hijack --rounds 1 --apply
		ends "beside one that is asked $word" 0 'in force'
		check "which is there yet" kill -0 "$asked"
		kill -KILL "$asked"
		wait "$asked" 2>/dev/null
		exec 9>&-
	done
	stop_dnsmasq
}

# Those that serve guests, and those in containers with the network of the host.
test_guests()
{
	local pid directory box=/run/box

	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	printf 'bind-interfaces\nlisten-address=127.0.0.1\n' >/etc/dnsmasq.d/mine.conf
	start_dnsmasq 192.0.2.11
	ip -n h link add guests0 type veth peer name guests1
	ip -n h link set guests0 up
	ip -n h addr add 198.51.100.1/24 dev guests0
	mkdir -p /run/guests
	: >/run/guests/dnsmasq.raw
	# As Incus starts it.
	nsenter --net=/run/netns/h dnsmasq --keep-in-foreground --strict-order --bind-interfaces \
		--except-interface=lo --pid-file= --no-ping --interface=guests0 \
		--listen-address=198.51.100.1 --dhcp-no-override --dhcp-authoritative \
		--dhcp-leasefile=/run/guests/leases --dhcp-range 198.51.100.2,198.51.100.254,1h \
		-s guests -S /guests/ --conf-file=/run/guests/dnsmasq.raw -u nobody >/dev/null 2>&1 &
	pid=$!
	wait_for at 53 198.51.100.1
	D hijack --rounds 1 --apply
	ends "beside one that serves guests" 0 '/etc/dnsmasq.d/brokerdns-hijack.conf is in force'
	check "which was left alone" kill -0 "$pid"
	D status --config /run/guests/dnsmasq.raw
	check "unless it is named" grep -q "process $pid," "$out/stdout"
	kill "$pid"
	wait "$pid" 2>/dev/null
	ip -n h link del guests0

	# With processes of its own.
	nsenter --net=/run/netns/h unshare --pid --fork --kill-child dnsmasq -k -C /dev/null -u nobody \
		--pid-file= --port=5355 --listen-address=127.0.0.5 --bind-interfaces >/dev/null 2>&1 &
	pid=$!
	wait_for at 5355 127.0.0.5
	D status
	ends "beside one in a container" 0
	check "it is the host's" grep -q "process $(dnsmasq_pid)," "$out/stdout"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null

	# With files of its own.
	mkdir -p $box
	mount -t tmpfs tmpfs $box
	for directory in /usr /etc /dev /proc /lib /lib64 /bin /sbin /run; do
		[ -d $directory ] || continue
		mkdir -p $box$directory
		mount --bind $directory $box$directory
	done
	nsenter --net=/run/netns/h chroot $box /usr/sbin/dnsmasq -k -C /dev/null -u nobody --pid-file= \
		--port=5356 --listen-address=127.0.0.6 --bind-interfaces >"$out/box" 2>&1 &
	pid=$!
	wait_for at 5356 127.0.0.6
	report $? "one in another root runs $(cat "$out/box")"
	D status
	ends "beside one with another root" 0
	check "it is the host's" grep -q "process $(dnsmasq_pid)," "$out/stdout"
	kill "$pid"
	wait "$pid" 2>/dev/null
	umount -R $box
	kill "$(dnsmasq_pid)"
}

# Started again by the timer's service, it is no part of it.
test_recheck_unit()
{
	local group
	group=$(findmnt -rnt cgroup2 -o TARGET | head -n 1)

	mkdir "$group/brokerdns-recheck.service" 2>/dev/null || {
		skip native "no control groups here"
		return
	}
	dns_world
	resolver 192.0.2.11 bogus=203.0.113.80
	start_dnsmasq 192.0.2.11
	mkdir -p /run/systemd/system
	(echo $BASHPID >"$group/brokerdns-recheck.service/cgroup.procs"
		in_ns h brokerdns -q hijack --rounds 1 --apply >/dev/null)
	check "it runs in the group of the service" grep -q brokerdns-recheck "/proc/$(dnsmasq_pid)/cgroup"
	D -j status
	check "it is no unit" test "$(jq -r .unit <"$out/stdout")" = ""
	D revert
	ends "revert starts it again" 0
	check "before: an address" test "$(addresses nosuchname.com)" = 203.0.113.80
	kill "$(dnsmasq_pid)"
	wait_for eval '! dnsmasq_answers'
	wait_for rmdir "$group/brokerdns-recheck.service"
	rm -rf /run/systemd
}
