# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What Documentation/admin-guide.md and README.md tell people to type. The world: lib.sh.

# A server as in the guide: one device, with 192.0.2.1 and 2001:db8:1::1/64; the client c1 is 203.0.113.7.
rented_server()
{
	world onlink
	B link del broker0
	ip -n s link set eth0 down
	ip -n s link set eth0 name wan
	ip -n s -batch - <<-'EOT'
		link set eth1 down
		link set eth1 name eth0
		link set eth0 up
		link set wan up
		addr add 2001:db8:1::1/64 dev eth0
		route add default via 2001:db8:1::fe
		addr add 192.0.2.1/32 dev eth0
	EOT
	ip -n c1 -batch - <<-'EOT'
		addr add 203.0.113.7/24 dev eth0
		route add 192.0.2.1 via 203.0.113.1
	EOT
	in_ns s sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	rm -rf /etc/sitbroker /var/lib/sitbroker
	mkdir -p /etc/sitbroker /etc/default /tmp/guide
	printf '%s\n' '198.51.100.0 - 198.51.100.9 , 100 , bad' >/tmp/guide/ipfilter.dat
	cd /tmp/guide || return
}

# blocks FILE : of its code blocks, a line each: "KIND<tab>LINE"; an empty line ends a block
blocks()
{
	awk '/^```/ { if (kind) { print ""; kind = "" } else { kind = substr($0, 4); if (!kind) kind = "text" } next }
	     kind && !/^$/ { print kind "\t" $0 }' "$1"
}

# obey LINE : as the guide's reader does. What is no business of this machine is only looked at.
obey()
{
	local line=$1 unit status=0

	case $line in
	"apt-get "* | "make" | "make "* | "ssh "*) return ;;
	"modprobe "* | "rmmod "*) return ;;
	"systemctl "*)
		unit=${line##* }
		case $unit in *.timer | *.service) ;; *) unit+=.service ;; esac
		[ -e "$TOP/tools/brokertool/systemd/${unit/broker0/}" ] ||
			[ -e "$TOP/tools/brokerdns/systemd/$unit" ] ||
			{ echo "there is no unit $unit"; return 1; }
		case $line in
		*" reload sitbroker@"* | *"--now sitbroker@"* | *" start sitbroker@"*)
			line="brokertool config apply broker0" ;;
		*" stop sitbroker@"*) line="brokertool link del broker0" ;;
		*)	return ;;
		esac ;;
	esac
	in_ns s timeout 10 bash -c "$line" || status=$?
	case $status,$line in
	0,*)	;;
	# It goes on for ever.
	124,"brokertool monitor"*)	;;
	# Something is wrong in this small world, or an address is on a list.
	3,"brokertool doctor"* | 3,"brokertool filter test"*) ;;
	# There is no resolver here; but it is a command.
	[23],brokerdns* | 124,brokerdns*)	;;
	*)	echo "status $status"; return 1 ;;
	esac
}

# guide FILE : every block of it
guide()
{
	local kind line n=0 file=/etc/sitbroker/broker0.conf conf=''

	while IFS=$'\t' read -r kind line; do
		case $kind in
		"sh client")
			check "on the client: $line" in_ns c1 bash -c "$line" ;;
		sh)	[[ $line != "#"* ]] || continue
			check "$line" obey "$line"
			n=$((n + 1)) ;;
		conf)	conf+=$line$'\n' ;;
		authorized_keys)
			line=${line#command=\"/usr/local/sbin/}
			line=${line%%\",restrict*}
			check "$line" in_ns s env SSH_CONNECTION="203.0.113.99 5000 192.0.2.1 22" sh -c "$line"
			check "the endpoint is where the connection came from" \
				test "$(client travelling endpoint)" = 203.0.113.99 ;;
		"")	[ -n "$conf" ] || continue
			printf '%s' "$conf" >$file
			conf=''
			check "a configuration is one" in_ns s brokertool config check
			n=$((n + 1)) ;;
		esac
	done < <(blocks "$1")
	# What needs the rest to be there.
	while IFS=$'\t' read -r kind line; do
		[ "$kind" != "sh later" ] || check "$line" obey "${line/add home/add later}"
	done < <(blocks "$1")
	check "there were commands" test $n -gt 10
}

test_guide()
{
	rented_server
	guide "$TOP/Documentation/admin-guide.md"
	check "what the guide leads to works" reaches c1 2001:db8:beef::2
	check "from outside, too" reaches h 2001:db8:1:0:8000::1
}

test_readme()
{
	rented_server
	guide "$TOP/README.md"
	check "what it leads to works" eval 'ip -n c1 link show tb6 && reaches c1 2001:db8:beef::2'
}

# Words in backquotes, too: what begins with brokertool is a command of it.
test_guide_words()
{
	local line words

	world onlink
	mapfile -t lines < <(cat "$TOP/Documentation/admin-guide.md" "$TOP/README.md" |
		grep -oE '`(brokertool|brokerdns) [^`]*`' | tr -d '`' | sort -u)
	check "the guides name commands" test ${#lines[@]} -gt 10
	for line in "${lines[@]}"; do
		# Words in capitals stand for something.
		line=${line//ADDRESS/203.0.113.7}
		line=${line%% >*}
		# shellcheck disable=SC2034 # it is evaluated
		words=$(in_ns s timeout 3 bash -c "$line" 2>&1 >/dev/null </dev/null)
		check "$line" eval '! grep -qE "unknown|one word too many|needs what|needs a value|is missing|is ambiguous" \
			<<<"$words"'
	done
}
