# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The units, with systemd as the first process of a machine that is started, stopped and loses
# power: namespaces of this guest, the server's network of lib.sh, and the guest's own root, whose
# changes are lost after the run. The kernel goes on; all that it knows of the server is thrown away.

units=/usr/lib/systemd/system
conf=/etc/sitbroker/broker0.conf

# In the machine, or what a user would type there.
inside()	{ nsenter -t "$init" --mount --pid --net --ipc --uts --cgroup "$@"; }
S()		{ inside brokertool "$@"; }
unit()		{ inside systemctl show -P "$2" "$1"; }

# install_units : as a package does, into the guest's root; and nothing else is enabled
install_units()
{
	PREFIX=/usr make -s -C "$here/../../tools" install >/dev/null || return
	empty_machine
}

# empty_machine : it starts nothing but what every machine does
empty_machine()
{
	local each

	rm -rf /etc/systemd/system /etc/systemd/network /var/lib/sitbroker /var/lib/systemd \
		/etc/sitbroker /usr/local/lib/systemd
	mkdir -p /etc/systemd/{system,network,journald.conf.d} /etc/sitbroker
	ln -s $units/multi-user.target /etc/systemd/system/default.target
	# What this test is not about, and what would touch the devices of the machine around.
	for each in getty.target systemd-logind.service systemd-udevd.service systemd-udev-trigger.service \
		systemd-udev-settle.service systemd-timesyncd.service dbus.service dbus.socket \
		systemd-user-sessions.service systemd-update-utmp.service dev-hugepages.mount \
		systemd-random-seed.service systemd-hwdb-update.service ldconfig.service \
		systemd-resolved.service systemd-sysusers.service systemd-tmpfiles-setup.service \
		systemd-tmpfiles-setup-dev.service systemd-remount-fs.service \
		proc-sys-fs-binfmt_misc.automount sys-kernel-config.mount sys-kernel-debug.mount \
		sys-kernel-tracing.mount systemd-machine-id-commit.service cron.service ssh.service; do
		ln -s /dev/null /etc/systemd/system/"$each"
	done
	mkdir -p /etc/systemd/system.conf.d
	printf '[Manager]\nDefaultTimeoutStartSec=15min\n' >/etc/systemd/system.conf.d/patience.conf
	echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	: >/etc/fstab
}

# What the machine's first process is: everything that a kernel has ready for it.
machine_init='
	echo $$ >/sys/fs/cgroup/machine/cgroup.procs
	exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh -c "
		mount --make-rprivate / &&
		mount -t proc proc /proc &&
		umount -l /sys && mount -t sysfs -o ro sysfs /sys &&
		mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
		mount -t tmpfs -o mode=755 tmpfs /run &&
		mount -t tmpfs -o mode=1777 tmpfs /tmp &&
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=no \
			--log-target=journal-or-kmsg --log-level=notice"'

# start_machine TEXT : until it says that it is up. Not by check(), whose shell ends.
start_machine()
{
	mkdir -p /sys/fs/cgroup/machine
	# The shell between keeps quiet about how it ended.
	{ nsenter --net=/run/netns/s sh -c "$machine_init"; true; } </dev/null >/tmp/machine 2>&1 &
	machine=$!
	patiently eval 'init=$(pgrep -o -x systemd)' && started
	report $? "$1"
}

# patiently COMMAND… : wait_for, where a machine that is emulated, or not alone, has a lot to do
patiently()
{
	local until=$((SECONDS + 900))

	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.2
	done
}

started()
{
	patiently eval '[[ $(inside systemctl is-system-running 2>/dev/null) == @(running|degraded) ]]'
}

# cut_power : nobody is told. What the kernel knew is gone, and the namespace's settings are as at first.
cut_power()
{
	kill -9 "$init"
	wait "$machine" 2>/dev/null
	forget
}

# reboot_machine : as systemctl reboot does; the kernel ends the first process of such a machine
reboot_machine()
{
	inside systemctl reboot 2>/dev/null
	patiently eval '! kill -0 $init 2>/dev/null' || return
	wait "$machine" 2>/dev/null
	forget
}

forget()
{
	local device

	wait_for eval 'rmmod sitbroker 2>/dev/null; [ ! -e /sys/module/sitbroker ]'
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth1.accept_ra=1
	for device in eth0 eth1; do
		ip -n s addr flush dev $device
		ip -n s link set $device down
	done
}

# What an administrator writes: networkd has the server's network, and tries to have all of it.
server_world()
{
	local each

	world routed
	B link del broker0
	install_units
	forget
	cat >$conf <<-'EOF'
		local = 203.0.113.1
		accept-ra = leave
		pool 2001:db8:100::/64 { pair = yes }
		pool 2001:db8:200::/48 { routed = 64 }
		ndp eth1 { }
		client one {
			pair = 2001:db8:100::2/127
			routed = 2001:db8:200:1::/64
		}
		client two {
			endpoint = 203.0.113.12
			pair = 2001:db8:100::4/127
		}
	EOF
	printf '[Match]\nName=eth0\n[Network]\nAddress=203.0.113.1/24\n' >/etc/systemd/network/eth0.network
	printf '[Match]\nName=eth1\n[Network]\nAddress=2001:db8:1::1/64\nGateway=2001:db8:1::fe\n' \
		>/etc/systemd/network/eth1.network
	printf '[Match]\nName=broker*\n[Network]\nDHCP=yes\n' >/etc/systemd/network/90-others.network
	systemctl --root=/ enable sitbroker@broker0 systemd-networkd >/dev/null 2>&1
	# What tunnel() asks the server for, which is not up yet.
	for each in 1:3 2:5; do
		ip -n "c${each%:*}" -batch - <<-EOF
			tunnel add tunnel mode sit remote 203.0.113.1 local 203.0.113.1${each%:*} ttl 255
			link set tunnel up
			addr add 2001:db8:100::${each#*:}/127 dev tunnel
			route add ::/0 dev tunnel
		EOF
	done
}

# loaded_at_boot : before brokertool could ask for it
loaded_at_boot()
{
	inside journalctl --sync
	inside journalctl -b -t systemd-modules-load --no-pager | tee /tmp/loading
	grep -q "Inserted module 'sitbroker'" /tmp/loading
}

# All that the file says is there.
complete()
{
	[ "$(unit sitbroker@broker0 ActiveState)" = active ] &&
	S -j link show | jq -e '.[0] | .name == "broker0" and .up' &&
	S -j pool show | jq -e 'length == 2' &&
	S -j client show | jq -e 'map(.name) | sort == ["one", "two"]' &&
	S -j ndp show | jq -e '.[0].uplink == "eth1"' &&
	[ "$(inside sysctl -n net.ipv6.conf.all.forwarding)" = 1 ] && return
	inside systemctl status --no-pager -l sitbroker@broker0
	inside journalctl -b --no-pager | tail -n 30
	return 1
}

test_systemd_verify()
{
	install_units
	check "systemd-analyze verify of all units" eval '
		said=$(systemd-analyze verify --man=no $units/sitbroker@broker0.service $units/sitbroker-*.* \
			$units/brokerdns-*.* 2>&1 | grep -E "sitbroker|brokerdns" | grep -v "dnsmasq.service not found")
		[ -z "$said" ] || { echo "$said"; false; }'
}

test_systemd_boot()
{
	local ping strangers

	server_world
	start_machine "the machine starts"
	check "the module is loaded by its file" loaded_at_boot
	check "link, pools, clients, ndp and forwarding are there" complete
	check "a client with an endpoint has traffic" reaches c2 2001:db8:beef::2
	check "networkd keeps off the link" test "$(inside sh -c 'sed -n s/ADMIN_STATE=//p \
		/run/systemd/netif/links/$(cat /sys/class/net/broker0/ifindex)')" = unmanaged
	strangers=$(link_drops rx-stranger)
	in_ns c1 ping -6 -n -q -c 3 -i 0.2 -W 1 2001:db8:beef::2 >/dev/null
	check "one that is dynamic has none yet: it is a stranger" wait_for eval \
		'[ "$(link_drops rx-stranger)" -ge '$((strangers + 3))' ]'
	check "until it says where it is" S client set one endpoint 203.0.113.11
	check "then it has" reaches c1 2001:db8:beef::2

	# Reload, while c2 sends, from before to after.
	rm -f /tmp/stop
	until [ -e /tmp/stop ]; do
		in_ns c2 ping -6 -n -q -i 0.05 -c 20 -W 10 2001:db8:beef::2
	done >/tmp/ping &
	ping=$!
	echo 'client three { endpoint = 203.0.113.66 }' >>$conf
	check "reload" inside systemctl reload sitbroker@broker0
	check "does what the file says" eval 'S client show three'
	check "once more, with nothing to do" inside systemctl reload sitbroker@broker0
	sed -i '/three/d' $conf
	check "and back" inside systemctl reload sitbroker@broker0
	check "traffic goes on" reaches c2 2001:db8:beef::2
	touch /tmp/stop
	wait $ping
	check "no packet of another client is lost" eval 'grep -q "20 received" /tmp/ping &&
		! grep "packets transmitted" /tmp/ping | grep -v "20 received"'
	echo 'nonsense' >>$conf
	check "a file that is wrong: the reload fails" eval '! inside systemctl reload sitbroker@broker0'
	check "and all is as it was" reaches c1 2001:db8:beef::2
	sed -i '/nonsense/d' $conf

	cut_power
	check "nothing is left of it in the kernel" test ! -e /sys/module/sitbroker
	start_machine "the machine starts again"
	check "everything is back" complete
	check "with the endpoint of run time" test "$(S -j client show one | jq -r '.[0].endpoint')" = 203.0.113.11
	check "and traffic" reaches c1 2001:db8:beef::2

	S client set one endpoint 203.0.113.99 >/dev/null
	S client set one endpoint 203.0.113.11 >/dev/null
	reboot_machine
	report $? "an orderly reboot"
	start_machine "once more it starts"
	check "everything is back once more" complete
	check "with traffic" reaches c1 2001:db8:beef::2

	exporter
	check "stop" inside systemctl stop sitbroker@broker0
	check "deletes the link" test "$(S -j link show)" = '[]'
	cut_power
}

# says PATTERN : the unit's log, since it was asked last, among what is loud
says()
{
	inside journalctl --sync
	inside journalctl -b -u sitbroker@broker0 -p err --no-pager -o cat --cursor-file=/tmp/cursor | grep "$1"
}

# Some of what the file says cannot be had at boot: the rest is there, and the unit is a unit.
test_systemd_partly()
{
	local ping

	server_world
	mkdir -p /srv
	rm -f /srv/list
	# Only the kernel knows that this is no client's.
	ip -n s addr add 198.51.100.77/32 dev lo
	cat >>$conf <<-'EOF'
		client bad { endpoint = 198.51.100.77 }
		ndp late0 { }
		filter later { files = {/srv/list} attach = {inner} }
	EOF
	start_machine "the machine starts"
	check "what can be there is" complete
	check "a client has traffic" reaches c2 2001:db8:beef::2
	check "the status says that it is not all" eval '
		inside systemctl status --no-pager sitbroker@broker0 | grep "Status: .*link broker0 lacks what was refused"'
	check "and so does the log, loudly" says "was refused"
	rm -f /tmp/stop
	until [ -e /tmp/stop ]; do
		in_ns c2 ping -6 -n -q -i 0.05 -c 20 -W 10 2001:db8:beef::2
	done >/tmp/ping &
	ping=$!
	echo 198.51.100.66 >/srv/list
	ip -n s link add late0 type veth peer name late1
	# It is tried again every 30 s.
	check "a list that comes later is loaded" patiently eval 'S -j filter show | jq -e "length == 1"'
	check "a device that comes later is answered on" patiently eval 'S -j ndp show | jq -e "length == 2"'
	check "and it is said again that it is not all" patiently says "was refused"
	check "a reload that is refused fails" eval '! inside systemctl reload sitbroker@broker0'
	check "and the unit stays" test "$(unit sitbroker@broker0 ActiveState)" = active
	sed -i '/^client bad/d' $conf
	check "mended: the reload succeeds" inside systemctl reload sitbroker@broker0
	check "nothing is left to do" eval 'S config diff; [ $? = 3 ]'
	check "then nobody tries again" patiently eval '[ "$(unit sitbroker@broker0 SubState)" = exited ]'
	check "and the status says nothing of it" test -z "$(unit sitbroker@broker0 StatusText)"
	touch /tmp/stop
	wait $ping
	check "meanwhile no packet is lost" eval 'grep -q "20 received" /tmp/ping &&
		! grep "packets transmitted" /tmp/ping | grep -v "20 received"'

	echo 'client bad { endpoint = 198.51.100.77 }' >>$conf
	check "a restart with one that is refused" inside systemctl restart sitbroker@broker0
	check "has the rest" complete
	check "stop, while it would be tried again" inside systemctl stop sitbroker@broker0
	check "deletes the link" test "$(S -j link show)" = '[]'
	check "and the unit is stopped" test "$(unit sitbroker@broker0 ActiveState)" = inactive

	# Where a unit waits to be started again systemd runs nothing, and the man page says so.
	inside systemctl start sitbroker@broker0
	inside systemctl kill -s KILL sitbroker@broker0
	check "killed, it waits" patiently eval '[ "$(unit sitbroker@broker0 SubState)" = auto-restart ]'
	check "stop ends that" inside systemctl stop sitbroker@broker0
	check "and the link stays" S link show broker0
	S link del broker0

	# A file that is wrong is another matter.
	sed -i '/^client bad/d' $conf
	S config apply
	echo nonsense >>$conf
	check "a file that is wrong: the start fails" eval '! inside systemctl start sitbroker@broker0'
	check "and does nothing to a link that is there" reaches c2 2001:db8:beef::2
	S link del broker0
	sed -i '/nonsense/d' $conf
	check "mended: it is tried again" patiently complete
	check "traffic" reaches c2 2001:db8:beef::2

	ip -n s link del late0
	ip -n s addr del 198.51.100.77/32 dev lo
	rm -r /srv/list
	cut_power
}

resolves()	{ [ "$(inside dig +short +tries=1 +time=2 "${@:2}" @127.0.0.1)" = "$1" ]; }
is_denied()	{ inside dig +tries=1 +time=2 "$1" @127.0.0.1 | grep -q NXDOMAIN; }

# c1 is whom dnsmasq asks; what it says is up to WORD…
upstream()
{
	nsenter --net=/run/netns/c1 "$here/resolver.py" 203.0.113.11 "$@" >/dev/null 2>&1 &
	resolver=$!
	wait_for eval 'in_ns c1 ss -Hlnu "sport = :53" | grep -qF 203.0.113.11'
}

# Debian's dnsmasq, its unit and ours. It is the same user space on all kernels.
test_systemd_dnsmasq()
{
	local resolver pid

	if [[ ${KERNEL-} == debian-* ]]; then
		skip "debian-6.1 debian-6.12" "this is for uml alone"
		return
	fi
	server_world
	get_system dnsmasq
	rm -rf /etc/dnsmasq.d /var/lib/brokerdns
	mkdir -p /etc/dnsmasq.d /etc/default
	printf 'no-resolv\nserver=203.0.113.11\n' >/etc/dnsmasq.d/upstream.conf
	systemctl --root=/ enable dnsmasq >/dev/null 2>&1
	start_machine "the machine starts"
	upstream bogus=203.0.113.80 name=www.real.test,198.51.100.1
	check "Debian's dnsmasq runs, and gives an address" wait_for resolves 203.0.113.80 nosuchname.com
	pid=$(unit dnsmasq MainPID)
	check "hijack --apply" inside brokerdns hijack --rounds 1 --apply
	check "after: NXDOMAIN" is_denied nosuchname.com
	check "real names still resolve" resolves 198.51.100.1 www.real.test
	check "systemd has started it again" eval '[ "$(unit dnsmasq ActiveState)" = active ] &&
		[ "$(unit dnsmasq MainPID)" != $pid ]'
	check "status says whose it is" eval 'inside brokerdns -j status |
		jq -e ".dnsmasq == \"Debian'"'"'s service\" and .unit == \"dnsmasq.service\" and .directory == \"/etc/dnsmasq.d\""'

	echo DOMAIN=clients.test >/etc/default/brokerdns
	check "names of clients" inside systemctl enable --now brokerdns-publish
	check "are there" wait_for resolves 2001:db8:100::3 one.clients.test AAAA
	S -q client add three pair 2001:db8:100::6/127
	check "and follow" wait_for resolves 2001:db8:100::7 three.clients.test AAAA
	pid=$(unit dnsmasq MainPID)
	check "the timer's service" inside systemctl start brokerdns-recheck
	check "leaves alone what holds" test "$(unit dnsmasq MainPID)" = "$pid"
	kill "$resolver"
	wait "$resolver" 2>/dev/null
	upstream
	check "once nobody lies any more" inside systemctl start brokerdns-recheck
	check "it takes the rule out" test "$(echo /etc/dnsmasq.d/brokerdns-h*)" = "/etc/dnsmasq.d/brokerdns-h*"
	check "names are there still" wait_for resolves 2001:db8:100::3 one.clients.test AAAA
	check "publish has not ended" test "$(unit brokerdns-publish ActiveState) $(unit brokerdns-publish NRestarts)" = \
		"active 0"
	echo "HIJACK_OPTIONS=--zone a..b" >>/etc/default/brokerdns
	check "an option that is wrong: it fails" eval '! inside systemctl start brokerdns-recheck'
	inside systemctl stop brokerdns-publish
	check "revert" inside brokerdns revert
	check "no file is left" test "$(ls /etc/dnsmasq.d)" = upstream.conf
	check "dnsmasq runs" test "$(unit dnsmasq ActiveState)" = active
	rm -f /etc/default/brokerdns
	cut_power
}

# Its directory is of the node exporter's user.
exporter()
{
	local directory=/var/lib/prometheus/node-exporter until

	mkdir -p $directory
	chown 65534:65534 $directory
	rm -f $directory/sitbroker.prom
	check "the counters are written" inside systemctl start sitbroker-prometheus.service
	check "all of them" eval 'grep -q "^sitbroker_up 1$" $directory/sitbroker.prom &&
		grep -q "^sitbroker_client_.*\"one\"" $directory/sitbroker.prom'
	check "for everybody to read" test "$(stat -c %a $directory/sitbroker.prom)" = 644
	mkdir -p /etc/default /tmp/elsewhere
	echo METRICS_FILE=/tmp/elsewhere/file.prom >/etc/default/sitbroker
	inside mkdir -p /tmp/elsewhere
	inside systemctl start sitbroker-prometheus.service
	check "elsewhere, where the administrator says so" \
		inside grep -q "^sitbroker_up 1$" /tmp/elsewhere/file.prom
	rm -f /etc/default/sitbroker $directory/sitbroker.prom
	check "its timer" inside systemctl start sitbroker-prometheus.timer
	# The first time 30 s after the start.
	until=$((SECONDS + 90))
	until [ -s $directory/sitbroker.prom ] || [ $SECONDS -ge $until ]; do
		sleep 0.5
	done
	check "writes them by itself" grep -q "^sitbroker_up 1$" $directory/sitbroker.prom
	inside systemctl stop sitbroker-prometheus.timer
}

# The router is there, until advertise_off.
advertise_on()
{
	rm -f /tmp/silent
	until [ -e /tmp/silent ]; do
		advertise
		sleep 0.3
	done >/dev/null 2>&1 &
	advertiser=$!
}

advertise_off()
{
	touch /tmp/silent
	wait "$advertiser"
}

# The default route comes from a router's advertisements, to a device that networkd leaves alone, as
# with ifupdown. Without accept_ra = 2 forwarding makes the kernel forget it.
test_systemd_learnt_route()
{
	server_world
	sed -i '/^accept-ra/d' $conf
	rm /etc/systemd/network/eth1.network
	cat >/etc/systemd/system/uplink.service <<-'EOF'
		[Unit]
		Before=network-online.target
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/sbin/ip addr add 2001:db8:1::1/64 dev eth1
		ExecStart=/sbin/ip link set eth1 up
		[Install]
		WantedBy=network-online.target
	EOF
	systemctl --root=/ enable uplink >/dev/null 2>&1

	advertise_on
	start_machine "the machine starts"
	check "link, pools, clients, ndp and forwarding are there" complete
	check "the default route is learnt" wait_for has_router
	check "a client has traffic" reaches c2 2001:db8:beef::2
	advertise_off
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth1.accept_ra=1
	check "from the beginning, while the router is silent" inside systemctl reload sitbroker@broker0
	check "does not lose it" has_router
	cut_power
	check "without power it is gone" eval '! has_router'
	# The device is no uplink any more, and the router is not heard before all is done.
	sed -i '/^ndp/d' $conf
	start_machine "the machine starts again"
	check "the link is back" test "$(unit sitbroker@broker0 ActiveState)" = active
	check "there is no default route yet" eval '! has_router'
	advertise_on
	check "it is learnt all the same" wait_for has_router
	check "and there is traffic" reaches c2 2001:db8:beef::2
	advertise_off
	cut_power
}
