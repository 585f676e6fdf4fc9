# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# brokertool config: the kernel becomes what a file says, and stays it. The world: lib.sh.

etc=/etc/netns/s/sitbroker
lib=/var/lib/sitbroker/netns/s
conf=$etc/broker0.conf

# A world without links, pools and clients: these are the file's business.
bare_world()
{
	world routed
	B link del broker0
	rm -rf "$etc" "$lib"
	# ip -n puts the one in the place of the other.
	mkdir -p "$etc" /etc/sitbroker
}

# The file of most tests, from standard input behind the link's words.
write_conf()
{
	cat - >"$conf" <<-'EOF'
		local = 203.0.113.1
		accept-ra = leave
		pool 2001:db8:100::/64 { pair = yes }
		pool 2001:db8:200::/48 { routed = 64 }
	EOF
	cat >>"$conf"
}

one_and_two()
{
	write_conf <<-'EOF'
		client one {
			endpoint = 203.0.113.11
			pair = 2001:db8:100::2/127
			routed = 2001:db8:200:1::/64
		}
		client two { endpoint = 203.0.113.12 }
	EOF
}

# There is nothing to do: diff prints nothing, and says so.
settled()
{
	local output status=0

	output=$(B config diff) || status=$?
	[ -z "$output" ] || echo "$output"
	[ $status = 3 ] && [ -z "$output" ]
}

# diff_is LINE… : what apply would do
diff_is()
{
	local output

	output=$(B config diff broker0) && [ "$output" = "$(printf '%s\n' "$@")" ] && return
	echo "$output"
	return 1
}

# All that the kernel has, but counters.
everything()
{
	{
		{ B -j link show; B -j pool show; B -j client show; B -j filter show; } | jq -c '.[] |
			del(.rx_packets, .rx_bytes, .tx_packets, .tx_bytes, .last_received_ms, .drops,
			    .error, .generation, .age_ms, .hits, .id)'
		B -j ndp show | jq -c '.[] | [.uplink, .source, .router, .rate]'
		ip -n s -6 route show proto 66
	} | sort
}

test_check()
{
	local file=/run/broker0.conf

	bare_world
	# bad LINE PATTERN TEXT : a file with this in it
	bad()
	{
		printf 'local = 203.0.113.1\n\n%b\n' "$3" >$file
		refused "refused: ${3//[$'\n\t']/ }" 1 "$file:$1: *$2" brokertool -n s config check $file
		refused "apply refuses it, too" 1 "$file:$1: *$2" brokertool -n s config apply $file
	}
	bad 3 'unknown word "locl"; did you mean "local"?' 'locl = 203.0.113.1'
	bad 4 'unknown word "endpont"; did you mean "endpoint"?' 'client one {\n\tendpont = 203.0.113.1\n}'
	bad 3 'unknown word "mt"; words are not abbreviated here' 'mt = 1400'
	bad 7 'unknown word "mt"' '# one\n// two\n/* three\n */\nmt = 1400'
	bad 6 'mtu "99" is no number' 'client one { # one\nrouted = {\t# two\n2001:db8::/64}\nmtu = 99 }'
	bad 4 'the comment that begins here has no end' 'ttl = 5\nmtu = 1400 /* five\n'
	bad 3 'mtu "99" is no number from 1280 to 1480' 'mtu = 99'
	bad 5 'mtu "99" is no number from 1280 to 1480' 'client one {\n\n\tmtu = 99 }'
	bad 4 '"ttl" is said twice' 'ttl = 5\nttl = 6'
	bad 4 '"accept-ra" is said twice' 'accept-ra = auto\naccept-ra = {eth1}'
	bad 4 '"accept-ra" is said twice' 'accept-ra = {eth0, eth1}\naccept-ra = leave'
	bad 3 'accept-ra "leave" stands in one list with another value' 'accept-ra = {eth1, leave}'
	bad 3 'accept-ra "eth1" stands in one list with another value' 'accept-ra = {auto, eth1}'
	bad 5 '"routed" is said twice' \
		'client one {\n\trouted = {2001:db8::/64}\n\trouted = 2001:db8:0:1::/64\n}'
	bad 5 '"files" is said twice' 'filter bad {\n\tfiles = x\n\tfiles = {y, z}\n}'
	bad 5 '"attach" is said twice' 'filter bad { files = x\n\tattach = inner\n\tattach = outer\n}'
	bad 3 'filter "bad" is attached twice to inner dev broker0' 'filter bad { files = x attach = {inner, outer, inner} }'
	bad 3 'the file ends within section "client" "one"' 'client one {'
	bad 3 'did you mean 2001:db8::/64' 'pool 2001:db8::1/64 { pair = yes }'
	bad 3 'needs a use' 'pool 2001:db8::/64 { }'
	bad 4 'shares addresses with pool 2001:db8::/64 of' \
		'pool 2001:db8::/64 { pair = yes }\npool 2001:db8::/48 { routed = 64 }'
	bad 5 "client \"one\" is in $file:3 already" 'client one { }\nclient two { }\nclient one { }'
	bad 3 'is in no pair pool of link broker0' 'client one { pair = 2001:db8::2/127 }'
	bad 5 'belongs to client "one" of' 'pool 2001:db8::/64 { pair = yes }
client one { pair = 2001:db8::2/127 }\nclient two { pair = 2001:db8::2/127 }'
	bad 4 'pool 2001:db8::/48 is cut into /64' \
		'pool 2001:db8::/48 { routed = 64 }\nclient one { routed = 2001:db8::/56 }'
	bad 4 'more than clients-max 0 clients' 'clients-max = 0\nclient one { }'
	bad 3 'source "here" is none of target' 'ndp eth1 { source = here }'
	bad 3 'unknown action "drip"; did you mean "drop"?' 'filter bad { files = x action = drip }'
	bad 3 'action "dr" is abbreviated; write "drop"' 'filter bad { files = x action = dr }'
	bad 3 'format "ut" is abbreviated; write "utorrent"' 'filter bad { files = x format = ut }'
	bad 3 'mtu "a" is no number' 'client one { mtu = a }'
	bad 3 'endpoint "n" is no IPv4 address' 'client one { endpoint = n }'
	bad 3 'routed "n" has no length' 'client one { routed = n }'
	bad 3 'tos "i" is no number' 'tos = i'
	bad 3 'source "t" is none of target' 'ndp eth1 { source = t }'
	bad 3 'attach "eth0" is none of outer, inner' 'filter bad { attach = eth0 }'
	bad 3 'attach "in" is none of outer, inner, "dev IF in"' 'filter bad { attach = in }'
	bad 3 'no files that "level" could be about' 'filter bad { level = 5 }'
	bad 3 'forwarding "off" is neither on nor leave' 'forwarding = off'
	bad 3 'filter-memory "lots" is no number of bytes' 'filter-memory = lots'
	# What the module would refuse, when the rest has been done.
	bad 3 'client "a/b" has a name with a character, the 2., that is none of' 'client "a/b" { }'
	bad 3 'client "a disable" has a name with a character, the 2.' 'client "a disable" { }'
	bad 3 'client "hé" has a name with a character, the 2.' 'client hé { }'
	bad 3 'filter "a b" has a name with a character, the 2.' 'filter "a b" { }'
	bad 3 'ndp "eth 9" is no name of 1 to 15 characters without space' 'ndp "eth 9" { }'
	bad 3 'attach "a/b" is no name of 1 to 15 characters without space' 'filter bad { attach = "dev a/b in" }'
	bad 3 'pool "ff02::/64" holds multicast addresses' 'pool ff02::/64 { pair = yes }'
	bad 3 'pool "::/0" holds the unspecified' 'pool ::/0 { routed = 48 }'
	bad 3 'pool 2001:db8::/32 cannot be cut into /127: these would be more than 2^63; take a /64' \
		'pool 2001:db8::/32 { routed = 127 }'
	bad 3 'public "224.0.0.1" cannot be reached by clients' 'public = 224.0.0.1'
	bad 3 'tos "3" sets the ECN bits' 'tos = 3'
	bad 3 'client "a": endpoint 127.0.0.1 is no unicast address' 'client a { endpoint = 127.0.0.1 }'
	bad 3 "client \"a\": endpoint 203.0.113.1 is this server's own" \
		'client a { endpoint = 203.0.113.1 }'
	bad 4 "client \"a\": endpoint 203.0.113.9 is this server's own" \
		'public = 203.0.113.9\nclient a { endpoint = 203.0.113.9 }'
	bad 3 'clients-max "16777217" is more than a link can hold; give 16777216 or less' \
		'clients-max = 16777217'
	bad 3 'clients-max "4294967295" is more' 'clients-max = 4294967295'
	bad 3 'source "ff02::1" is no address of one host' 'ndp eth1 { source = ff02::1 }'
	bad 3 'source "::" is no address of one host' 'ndp eth1 { source = :: }'
	bad 4 'source "::1" is no address of one host' 'ndp eth1 {\nsource = ::1 }'
	bad 3 'source "::ffff:192.0.2.1" is no address of one host' 'ndp eth1 { source = ::ffff:192.0.2.1 }'
	bad 3 'ndp "lo" has no neighbours' 'ndp lo { }'
	bad 3 'ndp "broker0" is this link itself' 'ndp broker0 { }'
	bad 3 'files "" names no file' 'filter bad { files = {""} }'
	bad 4 'filter "bad" rejects, and is attached to outer, where strangers get no answer' \
		'\nfilter bad { files = x action = reject attach = {inner, outer} }'
	# libconfuse takes that for a word that is not there.
	bad 4 '"routed" has an empty list' 'client a {\nrouted = { # none\n } }'
	bad 3 '"accept-ra" has an empty list' 'accept-ra = {}'
	bad 3 '"files" has an empty list' 'filter bad {files={}}'
	bad 3 '"attach" has an empty list' 'filter bad { files = x attach += {} }'
	bad 3 '"attach" has an empty list' 'filter bad { files = x attach+={} }'
	echo 'local = 127.0.0.1' >$file
	refused "an address that no client can reach" 1 "$file:1: local \"127.0.0.1\" cannot be reached by clients" \
		brokertool -n s config check $file
	echo 'client a { endpoint = "{" }' >$file
	refused "a { in quotes is no list" 1 'endpoint "{" is no IPv4 address' \
		brokertool -n s config check $file
	one_and_two
	cp "$conf" "$etc/broker1.conf"
	refused "two links with one address" 1 "local 203.0.113.1 is in $conf:1 and in $etc/broker1.conf:1" \
		brokertool -n s config check
	sed -i 's/^local.*/local = 203.0.113.5/' "$etc/broker1.conf"
	refused "and with the same addresses for clients" 1 \
		"pool 2001:db8:100::/64 of $etc/broker1.conf:3 shares addresses with pool 2001:db8:100::/64 of $conf:3" \
		brokertool -n s config check
	printf 'local = 203.0.113.11\n' >"$etc/broker1.conf"
	refused "a client behind another link's address" 1 \
		"client \"one\" of $conf:6: endpoint 203.0.113.11 is local of $etc/broker1.conf:1; give the client's" \
		brokertool -n s config check
	printf 'local = 203.0.113.5\nclient far { endpoint = 203.0.113.1 }\n' >"$etc/broker1.conf"
	refused "also of one that is read before" 1 \
		"client \"far\" of $etc/broker1.conf:2: endpoint 203.0.113.1 is local of $conf:1; give the client's" \
		brokertool -n s config check
	rm "$etc/broker1.conf" "$conf"
	echo "ttl = 64" >$file
	refused "a link needs its address" 1 "$file:1: link \"broker0\" needs local" \
		brokertool config check $file
	refused "no configuration" 2 "link \"broker9\" has no configuration $etc/broker9.conf" \
		brokertool -n s config check broker9
	refused "a name that is no link's" 1 "not named as a configuration is" \
		brokertool config check /etc/passwd
	printf 'local = 203.0.113.1\nttl = 0\n' >$file
	check "a program is told the file, too" eval \
		'[ "$(cd /run && B -j config check broker0.conf 2>&1 | jq -R "fromjson? | .error | [.file, .line]" -c)" = \
			"[\"./broker0.conf\",2]" ]'
	echo "local = 203.0.113.1" >$file
	check "a file of this directory" eval '(cd /run && B config check broker0.conf)'
	rm $file
	refused "one that is not there" 2 'link "broker0" has no configuration ./broker0.conf' \
		brokertool -n s config check broker0.conf
	mkfifo $file
	refused "a pipe, which would keep everybody waiting" 2 "configuration \"$file\" cannot be read: *; it must be a file" \
		timeout 20 brokertool -n s config check $file
	check "nothing was made" test "$(B -j link show)" = '[]'
	one_and_two
	check "a file that is right" brokertool -n s config check
	sed -i '1s/^/\xef\xbb\xbf/' "$conf"
	check "one with the mark of UTF-8 in front" brokertool -n s config check
	check "check changes nothing" test "$(B -j link show)$(ls -A "${lib%/*}" 2>/dev/null)" = '[]'
	rm -f $file
}

test_diff_and_apply()
{
	local before

	bare_world
	one_and_two
	check "diff says what apply would do" diff_is \
		"link add broker0 local 203.0.113.1" \
		"pool add 2001:db8:100::/64 pair dev broker0" \
		"pool add 2001:db8:200::/48 routed 64 dev broker0" \
		"client add one endpoint 203.0.113.11 pair 2001:db8:100::2/127 routed 2001:db8:200:1::/64 dev broker0" \
		"client add two endpoint 203.0.113.12 dev broker0"
	check "and changes nothing" test "$(B -j link show)$(ls -A "$lib" 2>/dev/null)" = '[]'
	check "apply" B config apply
	check "then there is nothing to do" settled
	tunnel c1 one 203.0.113.11
	tunnel c2 two 203.0.113.12
	check "and it carries traffic" reaches c1 2001:db8:beef::2
	check "without an address in the file, too" reaches c2 2001:db8:beef::2
	before=$(cat "$conf")

	write_conf <<-'EOF'
		ttl = 99
		tos = inherit
		mtu = 1400
		public = 198.51.100.9
		client-to-client = deny
		clients-max = 100
		ndp eth1 { source = link-local  rate = 7 }
		client one {
			endpoint = 203.0.113.66
			pair = 2001:db8:100::2/127
			routed = {2001:db8:200:1::/64, 2001:db8:200:7::/64}
		}
		client two { endpoint = 203.0.113.12 mtu = 1300 pmtudisc = on filter = off disable = yes }
		client three { routed = none }
	EOF
	check "only what differs" diff_is \
		"link set broker0 public 198.51.100.9 ttl 99 tos inherit mtu 1400 client-to-client deny" \
		"client del one dev broker0" \
		"client set two mtu 1300 pmtudisc on filter off disable dev broker0" \
		"client add one endpoint 203.0.113.66 pair 2001:db8:100::2/127 routed 2001:db8:200:1::/64 routed 2001:db8:200:7::/64 dev broker0" \
		"client add three routed none dev broker0" \
		"ndp add eth1 source link-local rate 7 dev broker0" \
		"link set broker0 clients-max 100"
	check "in JSON, with where it was said" eval \
		'B -j config diff | jq -e ".[0].words[1] == \"set\" and .[2].line == 17 and .[2].file == \"$conf\"
			and .[1].file == null and .[2].program == \"brokertool\""'
	check "apply -details says what it does" test "$(B -d config apply | wc -l)" = 7
	check "again there is nothing to do" settled
	check "in JSON that is an empty list" test "$(B -j config diff)" = '[]'
	check "all of it is in force" test "$(B -j link show | jq -c '.[0] | [.ttl, .tos, .mtu, .public,
		.client_to_client, .clients_max]')" = '[99,"inherit",1400,"198.51.100.9","deny",100]'
	check "of clients, too" test "$(client_jq two '[.mtu, .mtu_auto, .pmtudisc, .filter, .state]')" = \
		'[1300,false,true,false,"disabled"]'
	echo "$before" >"$conf"
	check "and back" B config apply broker0
	check "nothing is left of it" test "$(everything | grep -c -e three -e 1400 -e eth1)" = 0
	check "nothing to do" settled
	check "the file is as it was" test "$(cat "$conf")" = "$before"
}

test_save()
{
	local before

	bare_world
	B link add broker0 local 203.0.113.1 public 198.51.100.9 ttl 77 tos 8 mtu 1400 \
		client-to-client deny clients-max 1000 pools-max 50
	B pool add 2001:db8:100::/64 pair
	B pool add 2001:db8:200::/48 routed 64
	in_ns s sysctl -qw net.ipv6.conf.eth1.accept_ra=2
	B ndp add eth1 source 2001:db8:1::1 router off rate 50
	two_clients
	B -q client add '@odd.na_me-' mtu 1300 pmtudisc on filter off disable routed none
	B -q client add many routed 2001:db8:200:50::/64 routed 2001:db8:200:60::/64 endpoint 203.0.113.66
	echo 2001:db8:dead::/48 | B -q filter load bad -
	B filter attach bad inner
	before=$(everything)
	check "save" eval 'B config save >/run/saved && mv /run/saved "$conf"'
	check "what it prints is a configuration" B config check
	check "there is nothing to do" settled
	B link del broker0
	check "apply makes a link of it" B config apply
	check "and what was loaded by hand is attached again" \
		test "$(B -j filter show | jq -c '.[0].attached')" = '[{"scope":"inner","dev":"broker0"}]'
	check "everything is as it was" test "$(everything)" = "$before"
	echo '2001:db8:dead::/48' >"$etc/bad.cidr"
	sed -i 's/^	# files = .*/	files = bad.cidr/' "$conf"
	B config apply
	check "files of lists are taken from the file" grep -q 'files = {.*bad.cidr' <(B config save)
	cp "$conf" /run/saved
	check "it is never written over itself" eval '! B config save >>"$conf" 2>/run/refusal'
	check "that is said, and what to do" grep -q "$conf.*mv $conf.new $conf" /run/refusal
	check "and nothing is written there" cmp "$conf" /run/saved
	refused "no link, nothing to save" 2 'no sitbroker link "other"' brokertool -n s config save other
}

# Whoever has a file of his own can add clients by it.
test_parts()
{
	bare_world
	one_and_two
	mkdir "$conf.d"
	echo 'client three { endpoint = 203.0.113.66 }' >"$conf.d/20-more.conf"
	printf 'ttl = 33\nttl_ = 3\n' >"$conf.d/.hidden.conf"
	printf 'ttl = 33\nttl_ = 3\n' >"$conf.d/10-not.conf.bak"
	echo 'ttl = 50' >"$conf.d/10-ttl.conf"
	echo 'ttl = 60' >"$conf.d/15-ttl.conf"
	echo 'accept-ra = {eth0, lo}' >>"$conf.d/10-ttl.conf"
	echo 'accept-ra = {eth1}' >>"$conf.d/15-ttl.conf"
	in_ns s sysctl -qw net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth1.accept_ra=1
	check "apply" B config apply
	check "clients of all parts are there" \
		test "$(B -j client show | jq -c '[.[].name] | sort')" = '["one","three","two"]'
	check "the later word counts" test "$(B -j link show | jq '.[0].ttl')" = 60
	check "that of a list, too" test "$(in_ns s sysctl -n net.ipv6.conf.eth0.accept_ra \
		net.ipv6.conf.eth1.accept_ra | tr '\n' ' ')" = "1 2 "
	echo 'client two { }' >>"$conf.d/20-more.conf"
	refused "a client in two files" 1 \
		"$conf.d/20-more.conf:2: client \"two\" is in $conf:10 already" brokertool -n s config apply
	rm "$conf.d"/*
	ln -s nowhere "$conf.d/30-lost.conf"
	refused "a part that leads nowhere" 2 \
		"configuration \"$conf.d/30-lost.conf\" is a symbolic link that leads nowhere; mend or remove it" \
		brokertool -n s config check
	rm -r "$conf.d"
	check "without the parts" B config apply
	check "it is as the file says" test "$(B -j link show | jq -c '.[0] | [.ttl, .clients]')" = '[64,2]'
}

test_unchanged_clients()
{
	local packets until flood applied=0

	bare_world
	one_and_two
	B config apply
	tunnel c1 one 203.0.113.11
	tunnel c2 two 203.0.113.12
	reaches c1 2001:db8:beef::2 >/dev/null
	packets=$(client one rx_packets)
	# Everything around the client changes, back and forth, while it talks.
	in_ns c1 ping -6 -n -q -i 0.002 -c 1500 -W 10 2001:db8:beef::2 >/run/flood &
	flood=$!
	until=$((SECONDS + 60))
	while kill -0 $flood 2>/dev/null && [ $SECONDS -lt $until ]; do
		sed -i 's/endpoint = 203.0.113.12/endpoint = none mtu = 1300/' "$conf"
		cat >>"$conf" <<-'EOF'
			ttl = 99
			ndp eth1 { }
			pool 2001:db8:300::/64 { pair = yes }
			client three { endpoint = 203.0.113.66 pair = 2001:db8:300::2/127 }
		EOF
		B config apply || break
		one_and_two
		B config apply || break
		applied=$((applied + 2))
	done
	wait $flood
	check "no packet of an unchanged client is lost" \
		grep -q '1500 packets transmitted, 1500 received' /run/flood
	check "while much was applied, $applied times" test $applied -ge 4
	check "its counters go on" test "$(client one rx_packets)" -ge $((packets + 1500))
	check "nothing to do" settled
}

preload()	{ cc -shared -fPIC -O1 -o /run/die.so "$here/die.c" -ldl; }

is_stopped()	{ grep -q '^State:.*stopped' "/proc/$1/status"; }

test_apply_twice()
{
	local i a b wrong=0

	bare_world
	check "what stops a program builds" preload
	one_and_two
	# The first one stands still half-way.
	STOP_AT=8 LD_PRELOAD=/run/die.so brokertool -n s config apply & a=$!
	check "one that applies" wait_for is_stopped $a
	B config apply & b=$!
	check "is waited for" wait_for grep -q -e '-> FLOCK' /proc/locks
	kill -CONT $a
	wait $a || wrong=1
	wait $b || wrong=1
	check "both end well" test $wrong = 0
	check "nothing to do" settled
	for i in $(seq 1 8); do
		write_conf < <(for n in $(seq 1 200); do echo "client c$i-$n { endpoint = 203.0.113.$((n + 1)) }"; done)
		B config apply & a=$!
		B config apply & b=$!
		wait $a || { echo "# first: $?"; wrong=1; }
		wait $b || { echo "# second: $?"; wrong=1; }
		settled || wrong=1
	done
	check "two at once: both succeed, and it is as the file says" test $wrong = 0

	# Who waits for the lock does what the file says when he has it.
	exec 8>/run/sitbroker.lock
	flock 8
	brokertool -n s config apply 8>&- & a=$!
	check "one that waits" wait_for grep -q -e '-> FLOCK' /proc/locks
	write_conf <<<'client late { endpoint = 203.0.113.11 }'
	exec 8>&-
	wait $a
	report $? "has his turn"
	check "the file has changed meanwhile: it is as it says now" settled
}

# kill -9 at each call that changes something.
test_killed()
{
	local at i status stuck='' lost='' pair file
	local -A truth

	bare_world
	check "what kills a program builds" preload
	echo 2001:db8:dead::/48 >"$etc/bad.cidr"
	# From one to the other and back, killed at the first call, the second…
	cat >/run/first <<-'EOF'
		local = 203.0.113.1
		pool 2001:db8:100::/64 { pair = yes }
		pool 2001:db8:200::/48 { routed = 64 }
		client keeps { endpoint = 203.0.113.11 }
		client moves { endpoint = 203.0.113.12 pair = 2001:db8:100::10/127 }
		client goes { endpoint = 203.0.113.66 }
		ndp eth1 { }
		filter bad { files = bad.cidr attach = inner }
	EOF
	cat >/run/second <<-'EOF'
		local = 203.0.113.1
		ttl = 99
		pool 2001:db8:100::/64 { pair = yes }
		pool 2001:db8:200::/48 { routed = 56 }
		pool 2001:db8:300::/64 { pair = yes }
		client keeps { endpoint = 203.0.113.11 routed = none }
		client moves { endpoint = 203.0.113.66 pair = 2001:db8:300::10/127 }
		client new { endpoint = 203.0.113.12 pair = 2001:db8:100::10/127 }
		filter worse { files = bad.cidr attach = {outer, inner} }
	EOF
	for file in second first; do
		cp /run/$file "$conf"
		B config apply
		truth[$file]=$(everything)
	done
	pair=$(client keeps server_ipv6)
	at=1
	for i in $(seq 1 400); do
		file=first
		[ $((i % 2)) = 0 ] || file=second
		cp /run/$file "$conf"
		status=0
		{ DIE_AT=$at LD_PRELOAD=/run/die.so brokertool -n s config apply; } 2>/dev/null || status=$?
		B config apply || stuck+=" $at"
		settled || stuck+=" $at"
		[ "$(everything)" = "${truth[$file]}" ] || stuck+=" $at"
		[ "$(client keeps server_ipv6)" = "$pair" ] || lost+=" $at"
		# Both ways from each point on.
		[ $((i % 2)) = 1 ] || at=$((at + 1))
		[ $status != 0 ] || [ $((i % 2)) = 1 ] || break
	done
	check "killed at $((at - 1)) points: done again, it is as the file says:$stuck" \
		test -z "$stuck" -a $at -gt 30 -a "$status" = 0
	check "a client keeps the pair that it was given:$lost" test -z "$lost"
	B link del broker0
	check "and after a restart" B config apply
	check "it is the same" test "$(client keeps server_ipv6)" = "$pair"
}

# A restart: what the kernel had is gone.
restart()
{
	B link del broker0
	B config apply broker0
}

test_endpoint()
{
	local mode

	bare_world
	write_conf <<-'EOF'
		client one { endpoint = 203.0.113.11 }
		client two { endpoint = dynamic }
		client three { endpoint = 203.0.113.33 }
	EOF
	B config apply
	B client set one endpoint 203.0.113.66
	B client set two endpoint 203.0.113.12
	B client set three endpoint none
	check "what was set counts more than the file" settled
	restart
	check "and survives a restart" test "$(B -j client show | jq -c '[.[] | .endpoint]')" = \
		'["203.0.113.66","203.0.113.12",null]'
	B client set two mtu 1300
	check "other words do not" test "$(B config diff)" = "client set two mtu auto dev broker0"
	check "the file in which it stands is whole" eval \
		'jq -e ".one == \"203.0.113.66\"" <<<"$(cat "$lib/broker0.endpoints")"'
	sed -i 's/203.0.113.33/203.0.113.44/' "$conf"
	restart
	check "what the file says anew counts more" test "$(client three endpoint)" = 203.0.113.44
	check "and only there" test "$(client one endpoint)" = 203.0.113.66
	B client set three endpoint 203.0.113.55
	restart
	check "until it is set again" test "$(client three endpoint)" = 203.0.113.55
	printf 'client set one endpoint 203.0.113.%s\n' 70 71 72 |
		B -batch -
	restart
	check "a batch is kept, too" test "$(client one endpoint)" = 203.0.113.72
	refused "what the kernel refuses" 2 "this server's own" \
		brokertool -n s client set one endpoint 203.0.113.1
	restart
	check "is not kept" test "$(client one endpoint)" = 203.0.113.72
	# It is not a matter of whether the batch ends.
	mkfifo /run/fifo
	B -batch /run/fifo & exec 9>/run/fifo
	echo 'client set one endpoint 203.0.113.80' >&9
	check "a batch that waits has kept what it did" \
		wait_for grep -q 203.0.113.80 "$lib/broker0.endpoints"
	check "and keeps nobody off" timeout 20 brokertool -n s config apply
	exec 9>&-
	wait
	rm /run/fifo
	echo '{ "one": "203.0' >"$lib/broker0.endpoints"
	check "a file that was cut short is left out" eval '! restart 2>/dev/null || settled'
	check "and the clients are there" test "$(B -j client show | jq length)" = 3
	rm "$conf"
	B client set one endpoint 203.0.113.99
	check "without a configuration nothing is written" \
		eval '! grep -q 203.0.113.99 "$lib/broker0.endpoints"'

	# Who may configure the network, but is not root.
	cp "$(command -v brokertool)" /run/tool
	echo 'local = 203.0.113.1' >/etc/sitbroker/broker0.conf
	for mode in 755 700; do
		chmod $mode /etc/sitbroker
		refused "what cannot be kept is said, /etc/sitbroker is of mode $mode" 2 \
			'client "one" has that endpoint now, but will not have it after a restart' \
			in_ns s setpriv --reuid 65534 --clear-groups --inh-caps +net_admin \
			--ambient-caps +net_admin /run/tool client set one endpoint 203.0.113.$((mode / 10))
		check "it is set" test "$(client one endpoint)" = 203.0.113.$((mode / 10))
	done
	chmod 755 /etc/sitbroker
	rm /etc/sitbroker/broker0.conf
	check "nothing is to be kept where there is no configuration" in_ns s setpriv --reuid 65534 \
		--clear-groups --inh-caps +net_admin --ambient-caps +net_admin \
		/run/tool -q client set one endpoint 203.0.113.11
	rm /run/tool
}

# says_once PATTERN COMMAND… : it succeeds, with one complaint
says_once()
{
	local output

	output=$("${@:2}" 2>&1) && [[ $output == *$1* ]] && [ "$(wc -l <<<"$output")" = 1 ] && return
	echo "$output"
	return 1
}

# What was remembered is damaged: the kernel still knows it.
test_damaged()
{
	local damage

	bare_world
	write_conf <<-'EOF'
		client one { endpoint = 203.0.113.11 }
		client two { }
		client three { endpoint = 203.0.113.33 }
		client four { }
		client five { endpoint = 203.0.113.15 }
		client six { endpoint = 203.0.113.16 }
	EOF
	B config apply
	B client set one endpoint 203.0.113.66
	B client set two endpoint 203.0.113.78
	B client set three endpoint none
	endpoints()	{ B -j client show | jq -c 'sort_by(.name) | map(.endpoint)'; }
	remembered()	{ jq -cS . "$lib/broker0.endpoints"; }
	for damage in '' '{"x' '[]'; do
		printf '%s' "$damage" >"$lib/broker0.endpoints"
		check "\"$damage\": diff says so" eval 'B config diff 2>&1 | grep -q "cannot be read"'
		check "and leaves it" test "$(cat "$lib/broker0.endpoints")" = "$damage"
		check "apply says so" says_once "cannot be read" B config apply
		check "and writes what the kernel has" test "$(remembered)" = \
			'{"one":"203.0.113.66","three":null,"two":"203.0.113.78"}'
		check "then it says nothing" test -z "$(B config apply 2>&1)"
	done
	restart
	check "it survives a restart" test "$(endpoints)" = \
		'["203.0.113.15",null,"203.0.113.66","203.0.113.16",null,"203.0.113.78"]'

	echo '{"x' >"$lib/broker0.endpoints"
	check "client set says so" says_once "cannot be read" B client set four endpoint 203.0.113.14
	check "and writes that of the others, too" test "$(remembered)" = \
		'{"four":"203.0.113.14","one":"203.0.113.66","three":null,"two":"203.0.113.78"}'

	: >"$lib/broker0.endpoints"
	sed -i 's/203.0.113.33/203.0.113.34/; /client two/d' "$conf"
	check "what the file says anew counts" says_once "cannot be read" B config apply
	check "and who is gone is forgotten" test "$(remembered)" = \
		'{"four":"203.0.113.14","one":"203.0.113.66"}'
	check "the client has it" test "$(client three endpoint)" = 203.0.113.34

	: >"$lib/broker0.endpoints"
	: >"$lib/broker0.applied"
	check "where all is damaged, the file counts" eval 'B config apply; settled'
	check "and the kernel where it says nothing" test "$(remembered)" = '{"four":"203.0.113.14"}'
	check "as it does then" test "$(endpoints)" = \
		'["203.0.113.15","203.0.113.14","203.0.113.11","203.0.113.16","203.0.113.34"]'
	write_conf </dev/null
	B config apply
	: >"$lib/broker0.applied"
	check "without clients, too" says_once "cannot be read" B config apply
	check "once" test -z "$(B config apply 2>&1)"
}

# Or gone, or it is JSON and still no endpoints.
test_lost()
{
	local damage

	bare_world
	write_conf <<-'EOF'
		client one { endpoint = 203.0.113.11 }
		client two { }
		client three { }
	EOF
	remembered()	{ jq -cS . "$lib/broker0.endpoints"; }
	B config apply
	check "what nobody has set is remembered, too" test "$(remembered)" = '{}'
	B client set one endpoint 203.0.113.66
	B client set two endpoint 203.0.113.78
	B client set three endpoint 203.0.113.79
	rm "$lib/broker0.endpoints"
	check "a file that is gone" B client set two endpoint 203.0.113.80
	check "is written with that of the others" test "$(remembered)" = \
		'{"one":"203.0.113.66","three":"203.0.113.79","two":"203.0.113.80"}'
	restart
	check "which survive" test "$(client three endpoint)$(client one endpoint)" = 203.0.113.79203.0.113.66
	rm "$lib/broker0.endpoints"
	check "diff finds nothing to do" settled
	check "and writes nothing" test ! -e "$lib/broker0.endpoints"
	check "apply says nothing" test -z "$(B config apply 2>&1)"
	check "and writes it" test "$(remembered)" = \
		'{"one":"203.0.113.66","three":"203.0.113.79","two":"203.0.113.80"}'
	sed -i 's/203.0.113.11/203.0.113.12/' "$conf"
	rm "$lib/broker0.endpoints"
	B config apply
	check "what the file says anew counts" test "$(client one endpoint)$(remembered)" = \
		'203.0.113.12{"three":"203.0.113.79","two":"203.0.113.80"}'
	rm -r "$lib"
	check "the directory is gone" B config apply
	check "what the kernel has and the file does not say" test "$(remembered)" = \
		'{"three":"203.0.113.79","two":"203.0.113.80"}'
	restart
	check "survives" test "$(client three endpoint)" = 203.0.113.79

	# One that was refused is not one that was set.
	ip -n s addr add 203.0.113.90/32 dev lo
	sed -i 's/203.0.113.12/203.0.113.90/' "$conf"
	refused "an endpoint that only the kernel refuses" 2 "this server's own" brokertool -n s config apply
	refused "is not taken for one set at run time" 2 "this server's own" brokertool -n s config apply
	sed -i 's/203.0.113.90/203.0.113.12/' "$conf"
	B config apply

	for damage in '{"two":5,"three":"203.0.113.79"}' '{"two":"300.1.1.1","three":"203.0.113.79"}'; do
		printf '%s' "$damage" >"$lib/broker0.endpoints"
		check "$damage: diff says so" says_once 'cannot be read (client "two" has no address there)' \
			eval 'B config diff || [ $? = 3 ]'
		check "apply says so" says_once 'cannot be read (client "two" has no address there)' B config apply
		check "and writes what the kernel has" test "$(remembered)" = \
			'{"three":"203.0.113.79","two":"203.0.113.80"}'
		printf '%s' "$damage" >"$lib/broker0.endpoints"
		check "client set says so" says_once "cannot be read" B client set two endpoint 203.0.113.80
		check "and writes it, too" test "$(remembered)" = '{"three":"203.0.113.79","two":"203.0.113.80"}'
	done
	for damage in '{"clients":{"one":5}}' '{"clients":5}' '{"clients":{"one":{"endpoint":7}}}' \
		      '{"clients":{"one":{"routed":[5]}}}' '{"filters":[1]}' '{"routers":{}}'; do
		printf '%s' "$damage" >"$lib/broker0.applied"
		check "$damage: apply says so" says_once "broker0.applied\" cannot be read" B config apply
		check "and writes it anew" eval '[ "$(jq -c ".clients.one.endpoint" "$lib/broker0.applied")" = \"203.0.113.12\" ]'
		check "once" test -z "$(B config apply 2>&1)"
	done
	for damage in endpoints applied; do
		rm "$lib/broker0.$damage"
		mkfifo "$lib/broker0.$damage"
		check "a pipe for $damage" says_once "broker0.$damage\" cannot be read (it is no file)" \
			timeout 20 brokertool -n s config apply
		check "is a file then" test -f "$lib/broker0.$damage"
	done
	rm "$lib/broker0.endpoints"
	mkfifo "$lib/broker0.endpoints"
	check "nor does it keep client set waiting" says_once "cannot be read (it is no file)" \
		timeout 20 brokertool -n s client set two endpoint 203.0.113.80
	check "nothing is lost" test "$(remembered)" = '{"three":"203.0.113.79","two":"203.0.113.80"}'

	mount -t tmpfs none "$lib"
	mount -o remount,ro "$lib"
	refused "a disk that cannot be written, once" 2 \
		"\"$lib/broker0.endpoints\" cannot be written: *; what it should hold is lost at the next restart or config apply" \
		brokertool -n s config apply
	refused "for client set, too" 2 "is lost at the next restart or config apply" \
		brokertool -n s client set two endpoint 203.0.113.81
	umount "$lib"
}

# Two links change places: in one apply, and as diff says.
test_two_links()
{
	local conf1=$etc/broker1.conf

	bare_world
	# file LOCAL POOL WORDS… : a configuration on standard output
	file()
	{
		printf 'local = %s\naccept-ra = leave\npool %s { pair = yes }\n' "$1" "$2"
		printf '%s\n' "${@:3}"
	}
	# becomes TEXT : at once, by what diff has said
	becomes()
	{
		check "$1" B config apply
		check "$1: nothing to do" settled
	}
	file 203.0.113.1 2001:db8:100::/64 'client a { endpoint = 203.0.113.11 }' >"$conf"
	file 203.0.113.5 2001:db8:101::/64 'client b { endpoint = 203.0.113.12 }' \
		'pool 2001:db8:300::/80 { pair = yes }' \
		'client c { endpoint = 203.0.113.66 pair = 2001:db8:300::2/127 }' >"$conf1"
	becomes "two links"
	B client set c endpoint 203.0.113.67 dev broker1

	file 203.0.113.1 2001:db8:100::/64 'client a { endpoint = 203.0.113.11 }' \
		'pool 2001:db8:300::/80 { pair = yes }' \
		'client d { endpoint = 203.0.113.68 pair = 2001:db8:300::2/127 }' >"$conf"
	file 203.0.113.5 2001:db8:101::/64 'client b { endpoint = 203.0.113.12 }' \
		'client c { endpoint = 203.0.113.66 }' >"$conf1"
	check "a pool goes to the link before" test "$(B config diff)" = \
"client del c dev broker1
pool del 2001:db8:300::/80 dev broker1
pool add 2001:db8:300::/80 pair dev broker0
client add d endpoint 203.0.113.68 pair 2001:db8:300::2/127 dev broker0
client add c endpoint 203.0.113.67 routed none dev broker1"
	becomes "it is moved"
	check "what was set is kept" test "$(value endpoint "$(B -j client show c dev broker1)")" = 203.0.113.67

	# And to the one behind, with its client.
	file 203.0.113.1 2001:db8:100::/64 'client a { endpoint = 203.0.113.11 }' >"$conf"
	file 203.0.113.5 2001:db8:101::/64 'client b { endpoint = 203.0.113.12 }' \
		'client c { endpoint = 203.0.113.66 }' \
		'pool 2001:db8:300::/64 { pair = yes }' \
		'client d { endpoint = 203.0.113.68 pair = 2001:db8:300::2/127 }' >"$conf1"
	becomes "a pool that holds it goes to the one behind"

	# A link's address was a client's.
	file 203.0.113.11 2001:db8:100::/64 'client a { endpoint = 203.0.113.13 }' >"$conf"
	check "the client makes room" diff_is "client set a endpoint none dev broker0" \
		"link set broker0 local 203.0.113.11" "client set a endpoint 203.0.113.13 dev broker0"
	becomes "the address was its client's"
	file 203.0.113.12 2001:db8:100::/64 'client a { endpoint = 203.0.113.13 }' >"$conf"
	sed -i 's/203.0.113.12/203.0.113.14/' "$conf1"
	becomes "and another link's client's"
	# A client's was a link's.
	file 203.0.113.12 2001:db8:100::/64 'client a { endpoint = 203.0.113.5 }' >"$conf"
	sed -i 's/^local.*/local = 203.0.113.6/' "$conf1"
	becomes "a client's address was another link's"
	# One after the other, and round.
	file 203.0.113.6 2001:db8:100::/64 'client a { endpoint = 203.0.113.13 }' >"$conf"
	sed -i 's/^local.*/local = 203.0.113.7/' "$conf1"
	becomes "the address was another link's"
	file 203.0.113.7 2001:db8:100::/64 'client a { endpoint = 203.0.113.13 }' >"$conf"
	sed -i 's/^local.*/local = 203.0.113.6/' "$conf1"
	check "by an address that nobody has" test "$(B config diff)" = \
"link set broker0 local 192.0.0.8
link set broker1 local 203.0.113.6
link set broker0 local 203.0.113.7"
	becomes "two links change their addresses"
	check "they have them" test "$(B -j link show | jq -c 'map(.local) | sort')" = '["203.0.113.6","203.0.113.7"]'
	B link del broker0
	printf 'local = 203.0.113.6\naccept-ra = leave\n' >"$conf"
	sed -i 's/^local.*/local = 203.0.113.9/' "$conf1"
	becomes "a new link has another one's address"
	rm "$conf1"
	B link del broker1
}

# What is remembered is on the disk before it has its name, and then its name is.
test_power_loss()
{
	bare_world
	check "what sees calls builds" preload
	write_conf <<<'client one { endpoint = 203.0.113.11 }'
	B config apply
	# synced FILE COMMAND… : it replaced FILE, and nothing else
	synced()
	{
		local file=$lib/$1
		shift

		: >/run/calls
		CALLS=/run/calls LD_PRELOAD=/run/die.so brokertool -n s "$@"
		[ "$(cat /run/calls)" = "fsync $file.new $(stat -c %s "$file")
rename $file.new $file
fsync $lib" ] && return
		cat /run/calls
		return 1
	}
	check "an endpoint that is set" synced broker0.endpoints client set one endpoint 203.0.113.66
	check "once more" synced broker0.endpoints client set one endpoint none
	rm -r "$lib"
	check "a directory that is new" eval '! synced broker0.endpoints client set one endpoint 203.0.113.67 &&
		[ "$(head -n 2 /run/calls)" = "fsync ${lib%/*}
fsync $lib/broker0.endpoints.new $(stat -c %s "$lib/broker0.endpoints")" ]'
	B -q client set one endpoint none
	sed -i 's/203.0.113.11/203.0.113.12/' "$conf"
	check "one that the file says anew" eval '! synced broker0.applied config apply &&
		[ "$(awk "{ print \$1 }" /run/calls | tr "\n" " ")" = "fsync rename fsync fsync rename fsync " ]'
}

# A client keeps what it was given, whoever came before it.
test_addresses()
{
	local pair routed

	bare_world
	write_conf <<<'client a { }
		client b { }
		client c { }'
	B config apply
	pair=$(client c server_ipv6)
	routed=$(client c 'routed[0]')
	write_conf <<<'client new { }
		client c { }'
	restart
	check "a client keeps its addresses over a restart" \
		test "$(client c server_ipv6)$(client c 'routed[0]')" = "$pair$routed"
	check "nothing to do" settled
	write_conf <<<"client taker { pair = $pair/127 }
		client c { }"
	check "unless another one is given them" B config apply
	check "which has them" test "$(client taker server_ipv6)" = "$pair"
	check "and it has others" test "$(client c server_ipv6)" != "$pair"
	restart
	check "also after a restart, whatever the order" settled
	sed -i 's/^pool 2001:db8:100::.*/pool 2001:db8:400::\/64 { pair = yes }/; /taker/d' "$conf"
	check "another pool" B config apply
	check "and other addresses" test "$(client c server_ipv6)" = 2001:db8:400::2
	check "nothing to do" settled
}

test_pools()
{
	bare_world
	one_and_two
	B config apply
	sed -i 's/routed = 64 }/routed = 56 }/; s/2001:db8:200:1::.64/2001:db8:200:100::\/56/' "$conf"
	check "a pool is cut otherwise" B config apply
	check "clients have what fits" test "$(client one 'routed[0]')" = 2001:db8:200:100::/56
	ip -n s -6 route del 2001:db8:100::/64 proto 66
	ip -n s -6 route add 2001:db8:999::/64 via fe80::1 dev broker0 proto 66
	check "routes that are lost, and those of no pool" diff_is \
		"ip -6 route del 2001:db8:999::/64 dev broker0 proto 66" \
		"link set broker0 up"
	check "are mended" B config apply
	check "nothing to do" settled
	B link set broker0 down
	check "a link that is down" diff_is "link set broker0 up"
	B config apply
	check "is set up, with its routes" test "$(ip -n s -6 route show proto 66 | wc -l)" = 2
	echo 'down = yes' >>"$conf"
	check "and down, where the file says so" B config apply
	check "it is" test "$(B -j link show | jq '.[0].up')" = false
	check "nothing to do" settled
	restart
	check "nor after a restart" settled
}

# An uplink that answers otherwise is the same one.
test_uplinks()
{
	bare_world
	write_conf <<<'ndp eth1 { rate = 7 }
		client one { endpoint = 203.0.113.11 }'
	B config apply
	in_ns r "$here/ndp.py" lan "$(client one client_ipv6)" >/dev/null
	check "it has answered" test "$(uplink answered)" -ge 1
	# becomes WORDS COMMAND : apply does it by that
	becomes()
	{
		sed -i "s/^ndp eth1.*/ndp eth1 { $1 }/" "$conf"
		check "ndp eth1 { $1 }" diff_is "$2"
		B config apply
		check "it is so" settled
		check "and goes on counting" test "$(uplink answered)" -ge 1
	}
	becomes "rate = 7 router = off" "ndp set eth1 router off dev broker0"
	becomes "source = link-local" "ndp set eth1 source link-local router on rate 1000 dev broker0"
	becomes "source = 2001:db8:1::1 rate = 0" "ndp set eth1 source 2001:db8:1::1 rate 0 dev broker0"
	becomes "source = 2001:db8:1::2 rate = 0" "ndp set eth1 source 2001:db8:1::2 dev broker0"
	becomes "" "ndp set eth1 source target rate 1000 dev broker0"
	sed -i 's/^ndp eth1/ndp eth0/' "$conf"
	check "another device is another uplink" diff_is "ndp del eth1 dev broker0" "ndp add eth0 dev broker0"
}

test_sysctls()
{
	bare_world
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth0.accept_ra=1 \
		net.ipv6.conf.eth1.accept_ra=1
	write_conf <<<'ndp eth1 { }'
	sed -i '/^accept-ra/d' "$conf"
	check "what forwarding would break comes first" eval \
		'[ "$(B config diff | head -n 2 | tr "\n" " ")" = "sysctl -w net.ipv6.conf.eth1.accept_ra=2 sysctl -w net.ipv6.conf.all.forwarding=1 " ]'
	check "apply" B config apply
	check "both are set, and nothing else" test "$(in_ns s sysctl -n net.ipv6.conf.all.forwarding \
		net.ipv6.conf.eth1.accept_ra net.ipv6.conf.eth0.accept_ra | tr '\n' ' ')" = "1 2 1 "
	check "nothing to do" settled
	in_ns s sysctl -qw net.ipv6.conf.eth1.accept_ra=0
	check "who listens to no router is left alone" settled
	echo 'accept-ra = {eth0, eth1}' >>"$conf"
	check "unless the file says so" diff_is "sysctl -w net.ipv6.conf.eth0.accept_ra=2" \
		"sysctl -w net.ipv6.conf.eth1.accept_ra=2"
	sed -i 's/^accept-ra.*/accept-ra = leave\nforwarding = leave/' "$conf"
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth1.accept_ra=1
	check "what is others' business is left alone" settled
	echo 'nonlocal-bind = leave' >>"$conf"
	check "UDP servers may be, too" settled
	sed -i 's/^nonlocal-bind.*/nonlocal-bind = on/' "$conf"
	check "or get what they need" diff_is "sysctl -w net.ipv6.ip_nonlocal_bind=1"
	check "apply it" B config apply
	check "it is set" test "$(in_ns s sysctl -n net.ipv6.ip_nonlocal_bind)" = 1
	check "nothing to do any more" settled
	check "it is saved" grep -qx 'nonlocal-bind = on' <(B config save)

	sed -i 's/^accept-ra.*/accept-ra = {eth1, nosuch}/' "$conf"
	refused "a device that is not there is refused with its line" 2 \
		"$conf:$(grep -n nosuch "$conf" | cut -d: -f1): sysctl net.ipv6.conf.nosuch.accept_ra=2" \
		brokertool -n s config apply
	in_ns s sysctl -qw net.ipv6.conf.eth1.accept_ra=1

	# One device's name within another's.
	ip -n s link add eth1.5 type dummy
	ip -n s link add weth1 type dummy
	in_ns s sysctl -qw net/ipv6/conf/eth1.5/accept_ra=1 net.ipv6.conf.weth1.accept_ra=1
	write_conf <<<'ndp eth1.5 { }
		ndp weth1 { }
		ndp eth1 { }'
	sed -i '/^accept-ra/d' "$conf"
	check "each device is one of its own" eval '[ "$(B config diff | grep sysctl)" = \
"sysctl -w net/ipv6/conf/eth1.5/accept_ra=2
sysctl -w net.ipv6.conf.weth1.accept_ra=2
sysctl -w net.ipv6.conf.eth1.accept_ra=2
sysctl -w net.ipv6.conf.all.forwarding=1" ]'
	write_conf <<<'ndp eth1 { }
		ndp eth1.5 { }
		ndp weth1 { }'
	sed -i '/^accept-ra/d' "$conf"
	check "whatever the order" test "$(B config diff | grep -c accept_ra=2)" = 3
	check "apply" B config apply
	check "all of them listen on" test "$(in_ns s sysctl -n net/ipv6/conf/eth1.5/accept_ra \
		net.ipv6.conf.weth1.accept_ra net.ipv6.conf.eth1.accept_ra | tr '\n' ' ')" = "2 2 2 "
}

# A server that learns its default route must not lose it for becoming a router.
test_learnt_route()
{
	bare_world
	ip -n s -6 route del default
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth1.accept_ra=1
	wait_for eval 'ip -n r -6 addr show dev lan scope link | grep -q fe80 &&
		! ip -n r -6 addr show dev lan | grep -q tentative'
	check "the default route is learnt" wait_for eval 'advertise; has_router'
	write_conf <<<''
	sed -i '/^accept-ra/d' "$conf"
	check "the device is no uplink, but has the route" eval \
		'[ "$(B config diff | head -n 1)" = "sysctl -w net.ipv6.conf.eth1.accept_ra=2" ]'
	echo 'ndp eth1 { }' >>"$conf"
	check "one that is both is told once" test "$(B config diff | grep -c accept_ra)" = 1
	check "apply" B config apply
	check "the route is still there" has_router
	ip -n s -6 route flush proto ra
	check "and is learnt again" wait_for eval 'advertise; has_router'

	# A boot at which no router was heard yet.
	sed -i '/^ndp/d' "$conf"
	B config apply
	B link del broker0
	ip -n s -6 route flush proto ra
	in_ns s sysctl -qw net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth1.accept_ra=1
	B config apply
	check "after a restart it is learnt, too" wait_for eval 'advertise; has_router'
}

test_lists()
{
	local before

	bare_world
	printf '2001:db8:dead::/48\n198.51.100.0/24\n' >"$etc/bad.cidr"
	write_conf <<-'EOF'
		filter bad { files = bad.cidr  attach = {inner, outer, "dev eth1 in"} }
		client one { endpoint = 203.0.113.11 }
		client two { endpoint = 203.0.113.12 }
	EOF
	echo 10.0.0.0/8 | B -q filter load mine -
	B filter attach mine dev eth0 out
	check "apply" B config apply
	check "the list is attached" test "$(B -j filter show bad | jq -c '[.[0].attached[] |
		.scope + .dev] | sort')" = '["ineth1","innerbroker0","outerbroker0"]'
	check "nothing to do" settled
	tunnel c1 one 203.0.113.11
	in_ns c1 ping -6 -n -q -c 1 -W 1 2001:db8:dead::1 >/dev/null
	check "it counts" test "$(B -j filter show bad | jq '.[0].hits')" = 1
	before=$(B -j filter show bad | jq -c '.[0] | [.hits, .generation]')
	sed -i '$aclient three { }' "$conf"
	B config apply
	check "and is not loaded again where it is the same" \
		test "$(B -j filter show bad | jq -c '.[0] | [.hits, .generation]')" = "$before"
	echo 192.0.2.0/24 >>"$etc/bad.cidr"
	check "a file with more in it" diff_is "filter load bad $etc/bad.cidr action drop"
	B config apply
	check "is loaded" test "$(B -j filter show bad | jq '.[0].ranges4')" = 2
	cp "$etc/bad.cidr" "$etc/it's all bad.cidr"
	sed -i "s/bad.cidr/\"it's all bad.cidr\"/" "$conf"
	echo 192.0.3.0/24 >>"$etc/it's all bad.cidr"
	check "a file's name is quoted" diff_is "filter load bad '$etc/it'\\''s all bad.cidr' action drop"
	check "so that it can be typed" eval "B -q $(B config diff)"
	check "nothing is left to do" settled
	sed -i "s/\"it's all bad.cidr\"/bad.cidr/" "$conf"
	B config apply
	sed -i 's/attach = {inner, outer, .*"}/action = reject attach = inner/' "$conf"
	check "another action, and elsewhere" B config apply
	check "it is there" test "$(B -j filter show bad | jq -c '[.[0].action, .[0].attached[].scope]')" = \
		'["reject","inner"]'
	check "nothing to do" settled
	B link del broker0
	B filter destroy bad
	mv "$etc/bad.cidr" "$etc/gone"
	check "a list that cannot be read" eval '! B config apply'
	check "keeps nobody off" test "$(B -j client show | jq length)" = 3
	refused "and is named" 1 "bad.cidr" brokertool -n s config apply
	mv "$etc/gone" "$etc/bad.cidr"
	B config apply
	sed -i '/^filter/d' "$conf"
	check "a list that the file no longer has" B config apply
	check "goes; others' lists do not" test "$(B -j filter show | jq -c '[.[] |
		.list, .attached[].dev]')" = '["mine","eth0"]'
	check "nothing to do" settled
}

# The bound of all lists.
test_memory()
{
	bare_world
	echo 2001:db8:dead::/48 >"$etc/bad.cidr"
	write_conf <<-'EOF'
		filter-memory = 64M
		filter bad { files = bad.cidr  attach = inner }
	EOF
	B config apply
	check "the bound is in force" test "$(B -j filter memory | jq '.[0].bytes_max')" = $((64 << 20))
	check "nothing to do" settled
	check "it is saved" grep -qx "filter-memory = $((64 << 20))" <(B config save)
	echo 2001:db8:beef::/48 >>"$etc/bad.cidr"
	B filter memory max "$(B -j filter memory | jq '.[0].bytes_used')"
	check "raised before lists are loaded" diff_is "filter memory max $((64 << 20))" \
		"filter load bad $etc/bad.cidr action drop"
	check "which need it" B config apply
	check "nothing to do any more" settled
	write_conf <<<'filter-memory = 1'
	check "lowered when those are gone that took more" diff_is "filter detach bad inner dev broker0" \
		"filter destroy bad" "filter memory max 1"
	check "apply does it" B config apply
	check "it is so" test "$(B -j filter memory | jq -c '.[0] | [.bytes_max, .lists]')" = '[1,0]'
	write_conf <<<''
	check "who does not say it leaves it" settled
	# memory WORD BYTES : there and back
	memory()
	{
		write_conf <<<"filter-memory = $1"
		check "$1" B config apply
		check "is $2" test "$(value bytes_max "$(B -j filter memory)")" = "$2"
		check "and is nothing to do" settled
		B config save >/run/saved
		cp /run/saved "$conf"
		check "what is saved is a configuration" B config check
		check "and says the same" settled
		B filter memory max 1M
		check "as applied by it" B config apply
		check "it is again $2" test "$(value bytes_max "$(B -j filter memory)")" = "$2"
	}
	memory 8G $((8 << 30))
	memory $(((5 << 30) + 1)) $(((5 << 30) + 1))
	memory 0x140000000 $((5 << 30))
	memory 0 0
	memory 9223372036854775807 9223372036854775807
	check "a command takes them, too" B filter memory max 4294967297
	check "it has" test "$(B -j filter memory | jq '.[0].bytes_max')" = 4294967297
	refused "more than there are" 1 'max "18014398509481984K" is no number of bytes' \
		brokertool -n s filter memory max 18014398509481984K
	B filter memory max 1
	write_conf <<<''
	echo 'filter-memory = 2K' >>"$conf"
	printf 'local = 203.0.113.1\nfilter-memory = 1M\n' >"$etc/broker1.conf"
	refused "two links have one" 1 "filter-memory is not the same in $conf:6 and in $etc/broker1.conf:2" \
		brokertool -n s config check
	rm "$etc/broker1.conf"
}
