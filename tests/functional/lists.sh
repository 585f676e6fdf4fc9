# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# brokertool filter: files become lists, lists become files. No traffic: the world has one namespace.

bare()
{
	modprobe sitbroker
	ip netns add s
	ip -n s link set lo up
	mkdir -p /tmp/lists
}

# saved LIST : its lines but the first
saved()	{ B filter save "$1" | tail -n +2; }

# holds LIST TEXT LINE… : the list is just that
holds()
{
	local list=$1 text=$2
	shift 2
	check "$text" test "$(saved "$list")" = "$(printf '%s\n' "$@")"
}

test_formats()
{
	local dir=/tmp/lists

	bare
	printf '// mine\n0.0.0.0-0.255.255.255\n1.2.3.4\n[2001:db8::]/127\n[::1]\n' >$dir/utorrent
	check "uTorrent" B -q filter load l $dir/utorrent
	holds l "its ranges" 0.0.0.0-0.255.255.255 1.2.3.4 '[::1]' '[2001:db8::]-[2001:db8::1]'

	printf '%s\n' 1.0.0.0-1.0.0.256 1.0.0.0-1.0.0.9 1.0.0.20-1.0.0.5 // // // // // // // // // // >$dir/alike
	check "an octet above 255, ends the wrong way round" B -q filter load l $dir/alike max-errors 50
	holds l "what is left" 1.0.0.0-1.0.0.20

	printf '\xef\xbb\xbf001.002.003.004 - 001.002.003.009 , 000 , Some, company\r\n' >$dir/guarding.p2p
	printf '010.0.0.8 - 010.0.0.8 , 127 , allowed\r\n011.0.0.8 - 011.0.0.8 , 126 , M\xfcller\r\n' \
		>>$dir/guarding.p2p
	check "eMule, whatever its name" B -q filter load l $dir/guarding.p2p
	holds l "its ranges" "1.2.3.4-1.2.3.9 , 000 , Some, company" "11.0.0.8 , 000 , Müller"
	check "another level" B -q filter load l $dir/guarding.p2p --level 128
	holds l "one more" "1.2.3.4-1.2.3.9 , 000 , Some, company" "10.0.0.8 , 000 , allowed" \
		"11.0.0.8 , 000 , Müller"

	printf 'a:b - c:1.2.3.0-1.2.3.255\nv6:ad:2001:db8::1-2001:db8::2\n' >$dir/p2p.dat
	gzip -k $dir/p2p.dat
	mv $dir/p2p.dat.gz $dir/ipfilter.dat
	check "PeerGuardian in gzip, whatever its name" B -q filter load l $dir/ipfilter.dat
	holds l "its ranges" "1.2.3.0-1.2.3.255 , 000 , a:b - c" \
		"[2001:db8::1]-[2001:db8::2] , 000 , v6:ad"

	printf 'DE:2a00:1450::-2a00:1450:ffff::\nDE:2a01:4f8::-2a01:4f9:ffff::\n' >$dir/countries
	check "PeerGuardian, whatever the labels" B -q filter load l $dir/countries
	holds l "its ranges" "[2a00:1450::]-[2a00:1450:ffff::] , 000 , DE" \
		"[2a01:4f8::]-[2a01:4f9:ffff::] , 000 , DE"
	printf '::ffff:012.0.0.1\n' >$dir/padded
	check "octets in an IPv6 address" B -q filter load l $dir/padded
	holds l "they are decimal, too" "[::ffff:12.0.0.1]"

	printf '\xff\xff\xff\xffP2B\2x\0\1\2\3\4\1\2\3\5' >$dir/p2b
	(cd $dir && zip -q all.zip p2b p2p.dat)
	check "two files in zip, from standard input" eval "B -q filter load l - <$dir/all.zip"
	echo "Thank you for reading." >$dir/readme.txt
	(cd $dir && zip -q readme.zip readme.txt p2p.dat)
	check "what is no list in zip is passed over" eval \
		"B filter load l $dir/readme.zip 2>$dir/said | grep -q ', 1 files passed over; in force'"
	check "and named" grep -q "readme.zip/readme.txt holds no range" $dir/said
	check "also with -q" eval \
		"B -q filter load l $dir/readme.zip 2>&1 | grep -q 'readme.zip/readme.txt holds no range'"
	(cd $dir && for i in 1 2 3 4 5 6 7; do echo "Part $i" >none$i; done && zip -q many.zip none? p2p.dat)
	check "the first five, and how many" test "$(B -q filter load l $dir/many.zip 2>&1 |
		grep -cE 'holds no range|7 files hold no range and')" = 6
	holds l "both: what begins first keeps its label" "1.2.3.0-1.2.3.255 , 000 , a:b - c" \
		"[2001:db8::1]-[2001:db8::2] , 000 , v6:ad"

	printf '1. Unpack it\nUpdated: 29.11.2026 10:30:00\nSee facade::x or 192.0.2.1\n' >$dir/readme.txt
	(cd $dir && zip -q numbers.zip readme.txt p2p.dat)
	check "nor is a text with numbers a list" eval \
		"B filter load l $dir/numbers.zip 2>/dev/null | grep -q ', 1 files passed over; in force'"
	seq -f '1.2.3.%g' 300 600 >$dir/octets
	sed 's/^/Some: /; s/ 1/1/; s/$/-1.2.3.9/' $dir/octets >$dir/labels
	sed 's/^1.2.3./2001:db8:::/' $dir/octets >$dir/groups
	printf '\xff\xff\xff\xffP2B\3\0\0\0\1x\0\0\0\0\1\0\0\0\7\1\2\3\4\1\2\3\5' >$dir/names
	for what in octets labels groups names; do
		(cd $dir && zip -q $what.zip $what p2p.dat)
		check "what looks like a list, but cannot be read, is not passed over: $what" eval \
			"! B -q filter load l $dir/$what.zip >$dir/said 2>&1 &&
			grep -qE 'was not loaded: .*$what.zip/$what: ([0-9]+) of \\1 lines' $dir/said"
	done
	holds l "what was there" "1.2.3.0-1.2.3.255 , 000 , a:b - c" "[2001:db8::1]-[2001:db8::2] , 000 , v6:ad"
	check "unless it may be: it is counted" test "$(B -j filter load l $dir/octets.zip max-errors 100 2>/dev/null |
		jq -c '[.[0].unreadable, (.[0].samples | length)]')" = '[301,5]'

	printf '\376\377\0001\0.\0002' >$dir/utf16
	printf '7z\274\257\047\034' >$dir/part.7z
	(cd $dir && zip -q packed.zip utf16 part.7z p2p.dat)
	check "also UTF-16, and what is packed" test "$(B -q filter load l $dir/packed.zip 2>&1 |
		grep -c 'packed.zip/\(utf16\|part.7z\) holds no range')" = 2
	tar -C $dir -czf $dir/list.tgz p2p.dat
	refused "a tar archive" 1 "this is a tar archive; unpack it first" \
		brokertool -n s filter load l $dir/list.tgz
	printf '\xef\xbb\xbf1.2.3.4\n' >$dir/mark
	check "marks in front of several files" eval "cat $dir/mark $dir/mark | B -q filter load l -"
	printf 'x:1.2.3.4\ny:1.2.3.6\n2a00:1450::/32\n' >$dir/bare
	check "no label" B -q filter load l $dir/bare
	holds l "the whole prefix" "1.2.3.4 , 000 , x" "1.2.3.6 , 000 , y" \
		"[2a00:1450::]-[2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff]"

	printf '; x\n192.0.2.0/24 ; SBL1\n# y\n255.255.255.255\n2001:db8::/32\n' >$dir/cidr
	check "CIDR and uTorrent" B -q filter load l $dir/cidr $dir/utorrent
	holds l "both" 0.0.0.0-0.255.255.255 1.2.3.4 192.0.2.0-192.0.2.255 255.255.255.255 '[::1]' \
		'[2001:db8::]-[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]'
	check "everything" eval "printf '0.0.0.0-255.255.255.255\n[::]/0\n' | B -q filter load l -"
	holds l "all of it" 0.0.0.0-255.255.255.255 '[::]-[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]'
}

# What was saved is the same list again, through the kernel, with labels.
test_round_trip()
{
	bare
	awk 'BEGIN {
		srand(7)
		for (i = 0; i < 20000; i++) {
			a = int(rand() * 4294900000); b = a + int(rand() * 60000)
			printf "label %d: - x:%d.%d.%d.%d-%d.%d.%d.%d\n", rand() * 500,
				a / 16777216, a / 65536 % 256, a / 256 % 256, a % 256,
				b / 16777216, b / 65536 % 256, b / 256 % 256, b % 256
			printf "v6:2001:db8:%x::%x-2001:db8:%x::%x\n", i, rand() * 9, i, 9 + rand() * 9
		}
	}' >/tmp/lists/random
	check "loaded" B filter load l /tmp/lists/random
	B filter save l /tmp/lists/once
	check "loaded again" B -q filter load other /tmp/lists/once
	B filter save other /tmp/lists/twice
	check "the same" cmp <(tail -n +2 /tmp/lists/once) <(tail -n +2 /tmp/lists/twice)
	check "not little" test "$(wc -l </tmp/lists/once)" -gt 20000
	# Somebody else's opinion of the IPv4 part. It writes single addresses as ranges.
	check "iprange merges alike" cmp \
		<(sed -E 's/.*:([^:]*)$/\1/' <(grep '^label' /tmp/lists/random) | iprange --optimize --print-ranges -) \
		<(B filter load plain <(sed -nE 's/^label.*:([^:]*)$/\1/p' /tmp/lists/random) >/dev/null
		  saved plain | sed -E '/-/!s/(.*)/\1-\1/')
}

test_add_and_del()
{
	bare
	refused "no list is made by adding" 2 'no filter list "l"' brokertool -n s filter add l 1.2.3.4
	printf '10.0.0.0-10.0.0.9 , 0 , ten\n' | B -q filter load l -
	check "added" B filter add l 9.255.255.255-10.0.0.12 '[2001:db8::]/127' 1.2.3.4
	holds l "with their labels" 1.2.3.4 9.255.255.255 "10.0.0.0-10.0.0.9 , 000 , ten" 10.0.0.10-10.0.0.12 \
		'[2001:db8::]-[2001:db8::1]'
	check "taken out" B filter del l 10.0.0.1-10.0.0.8 2001:db8::1
	holds l "the rest" 1.2.3.4 9.255.255.255 "10.0.0.0 , 000 , ten" "10.0.0.9 , 000 , ten" \
		10.0.0.10-10.0.0.12 '[2001:db8::]'
	refused "what is not there is not deleted" 2 "nothing of 9.9.9.9 (1 of 2 ranges)" \
		brokertool -n s filter del l 9.9.9.9 1.2.3.4
	refused "a range that is none" 1 "octet above 255" brokertool -n s filter add l 1.2.3.256
	check "nothing changed" test "$(saved l | head -n 1)" = 1.2.3.4
	check "the last ones" B filter del l 0.0.0.0/0 ::/0
	check "an empty list" test "$(B -j filter show l | jq '.[0].ranges4 + .[0].ranges6')" = 0
	check "flushed again" B filter flush l
	check "destroyed" B filter destroy l
	refused "and gone" 3 'no filter list "l"' brokertool -n s filter show l
}

# Two who add all the time: nothing is lost. The list is long, so that they meet.
test_racing_adds()
{
	local i

	bare
	seq 50000 | awk '{ printf "1.%d.%d.%d\n", $1 / 16384, $1 / 128 % 128, $1 % 128 * 2 }' |
		B -q filter load l -
	for ((i = 0; i < 10; i++)); do B filter add l 10.0.$i.1 || echo failed; done >/tmp/lists/a 2>&1 &
	for ((i = 0; i < 10; i++)); do B filter add l 11.0.$i.1 || echo failed; done >/tmp/lists/b 2>&1
	wait $!
	check "nobody failed" test ! -s /tmp/lists/a -a ! -s /tmp/lists/b
	check "all are there" test "$(B -j filter show l | jq '.[0].ranges4')" = 50020
}

test_reports()
{
	local i status output generation library

	bare
	echo 1.2.3.0/24 >/tmp/lists/cidr
	echo 9.9.9.9 | B -q filter load l -
	generation=$(B -j filter show l | jq '.[0].generation')
	for ((i = 0; i < 93; i++)); do echo "1.2.3.$i"; done >/tmp/lists/bad
	printf '1.2.3.256\nx\n1.2.3\n[::1\n1.2.3.4/33\n1.2.3.4 x\nx y\n' >>/tmp/lists/bad
	output=$(B filter load l /tmp/lists/bad 2>&1)
	status=$?
	check "7 of 100 are too many" test $status = 1
	check "S20: file, line, column, reason" grep -qF \
		'brokertool: /tmp/lists/bad:94:7: octet above 255: "1.2.3.256"' <<<"$output"
	check "five of them" test "$(grep -c '^brokertool: /tmp/lists/bad:[0-9]*:' <<<"$output")" = 5
	check "S20: all counted" grep -qF "brokertool: 7 unreadable: 2 no address; 1 octet above 255;" \
		<<<"$output"
	check "why it is refused" grep -q '"l" was not loaded: .* 7 of 100 lines' <<<"$output"
	check "the old one stays" test "$(B -j filter show l | jq '.[0].generation')" = "$generation"
	check "5 of 98 are too many, too" eval '! head -n 98 /tmp/lists/bad | B -q filter load l - 2>/dev/null'
	check "not with max-errors" B -q filter load l /tmp/lists/bad max-errors 7
	check "ranges in force" test "$(B -j filter show l | jq '.[0].ranges4')" = 1
	generation=$(B -j filter show l | jq '.[0].generation')
	printf '<!DOCTYPE html>\n<html>not found</html>\n' >/tmp/lists/html
	refused "a web page" 1 "web page" brokertool -n s filter load l /tmp/lists/html
	gzip -c /tmp/lists/bad | head -c 200 >/tmp/lists/short
	refused "a file cut short" 1 "cut short" brokertool -n s filter load l /tmp/lists/short
	refused "an empty one" 1 "no range" brokertool -n s filter load l /dev/null
	: >/tmp/lists/empty
	refused "one of two is empty" 1 "/tmp/lists/empty is empty; leave it out" brokertool -n s \
		filter load l /tmp/lists/cidr /tmp/lists/empty
	(cd /tmp/lists && zip -q empty.zip cidr empty)
	refused "in zip, too" 1 "empty.zip/empty is empty; leave it out" \
		brokertool -n s filter load l /tmp/lists/empty.zip
	printf '# to be filled\n' >/tmp/lists/comments
	output=$(B filter load other /tmp/lists/comments /tmp/lists/cidr 2>&1)
	check "comments only are a note" grep -q "lists/comments has lines, but no range" <<<"$output"
	check "and counted" grep -q ", 1 files without a range; in force: 1 IPv4" <<<"$output"
	check "not with -q" test -z "$(B -q filter load other /tmp/lists/comments /tmp/lists/cidr 2>&1)"
	check "in JSON" test "$(B -j filter load other /tmp/lists/comments /tmp/lists/cidr 2>/dev/null |
		jq -c '.[0].without_range')" = '["/tmp/lists/comments"]'
	printf '1.2.3.4 , 127 , a\n1.2.3.6 , 200 , b\n' >/tmp/lists/allowed
	refused "all are allowed" 1 "2 ranges are allowed by their level, 127 or above, and" \
		brokertool -n s filter load l /tmp/lists/allowed
	refused "a directory" 1 "/tmp/lists is a directory; give the files in it" \
		brokertool -n s filter load l /tmp/lists
	# Whole up to the directory behind the files.
	(cd /tmp/lists && zip -q0 stored.zip cidr &&
		head -c "$(grep -abo 'PK'$'\001\002' stored.zip | cut -d: -f1)" stored.zip >cut.zip)
	refused "a zip file that ends between files" 1 "cut short: it ends too early; get it again" \
		brokertool -n s filter load l /tmp/lists/cut.zip
	(cd /tmp/lists && zip -q one.zip cidr)
	library=$(/sbin/ldconfig -p | awk '$1 == "libarchive.so.13" { print $NF; exit }')
	refused "zip, and nothing to read it with" 1 "libarchive is not installed" unshare -m sh -c \
		"mount --bind /dev/null $library && exec brokertool -n s filter load l /tmp/lists/one.zip"
	refused "one of two is bad" 1 "No such file" brokertool -n s filter load l /tmp/lists/cidr \
		/nonexistent
	check "the old one stays" test "$(B -j filter show l | jq '.[0].generation')" = "$generation"
}

# Every command prints one array, in every state.
test_filter_json()
{
	local command

	bare
	valid()	{ B -j "$@" 2>/dev/null | jq -e 'type == "array"' >/dev/null; }
	check "no list" valid filter show
	check "in no list" valid filter test 1.2.3.4
	printf 'a\\"b:1.2.3.4-1.2.3.5\nbad\n' >/tmp/lists/json
	check "loaded" valid filter load l /tmp/lists/json max-errors 50
	check "its label" test "$(B -j filter test 1.2.3.4 | jq -r '.[0].matches[0].label')" = 'a\"b'
	B filter attach l dev lo in
	for command in "show" "show l" "show l top 5" "show top 5" "show none" "test 1.2.3.4" \
			"test ::ffff:1.2.3.4" "test 9.9.9.9" "memory"; do
		# shellcheck disable=SC2086 # words
		check "filter $command" valid filter $command
	done
	check "where it is" test "$(B -j filter show l | jq -c '.[0].attached')" = \
		'[{"scope":"in","dev":"lo"}]'
	check "an error is an object" eval 'B -j filter load l /nonexistent 2>&1 >/dev/null | tail -n 1 |
		jq -e ".error.msg" >/dev/null'
}

test_test()
{
	local status

	bare
	code()	{ B filter test "$1" >/dev/null; status=$?; test "$status" = "$2"; }
	printf 'evil:1.2.3.0-1.2.3.255\n' | B -q filter load block -
	check "not attached" code 1.2.3.4 0
	check "but found" eval 'B filter test 1.2.3.4 | grep -q "1.2.3.0-1.2.3.255 *evil *nowhere *no"'
	B filter attach block dev lo in
	check "attached" code 1.2.3.4 3
	check "in an IPv6 address" code ::ffff:1.2.3.4 3
	check "in no list" code 9.9.9.9 0
	check "as lists write addresses: decimal" code 1.2.003.010 3
	check "in brackets" code '[::ffff:1.2.3.4]' 3
	check "nothing was hit" test "$(B filter show block top 3)" = "no label was hit"
	check "in JSON" test "$(B -j filter show block top 3 | jq -c '.[0].top')" = "[]"
	echo 1.2.3.4 | B -q filter load friends - action allow
	B filter attach friends dev lo in
	check "allowed" code 1.2.3.4 0
	check "the neighbour is not" code 1.2.3.5 3
	check "both lists are shown" test "$(B -j filter test 1.2.3.4 | jq length)" = 2
	echo 1.2.3.0/24 | B -q filter load counters - action count
	B filter detach block dev lo in
	B filter attach counters dev lo in
	check "counted only" code 1.2.3.5 0
}

# A terminal sees how far it is; nobody else does.
test_progress()
{
	bare
	slowly()
	{
		local i

		for ((i = 0; i < 8; i++)); do
			echo "10.0.0.$i"
			head -c 300000 /dev/zero | tr '\0' '\n'
			sleep 0.1
		done
	}
	export -f slowly
	SHELL=/bin/bash script -qec 'slowly | brokertool -n s filter load l -' /dev/null >/tmp/lists/seen
	check "on a terminal" grep -q $'\rl: .* MB read, [0-9]* ranges' /tmp/lists/seen
	check "and at last the result" grep -q "l: utorrent: 8 ranges" /tmp/lists/seen
	SHELL=/bin/bash script -qec 'slowly | brokertool -q -n s filter load l -' /dev/null >/tmp/lists/seen
	check "not with -quiet" test ! -s /tmp/lists/seen
	slowly | B filter load l - 2>/tmp/lists/seen >/dev/null
	check "nor without a terminal" test ! -s /tmp/lists/seen
}

test_filter_batch()
{
	bare
	echo 1.2.3.4 >/tmp/lists/one
	check "a batch" B -q -batch - <<-'EOF'
		filter load l /tmp/lists/one action count	# a comment
		filter add l 1.2.3.5
		fil attach l dev lo out
		filter detach l dev lo out
	EOF
	holds l "as if typed" 1.2.3.4-1.2.3.5
	refused "standard input is one thing" 1 "standard input is the batch" eval \
		'printf "filter load l -\n1.2.3.4\n" | brokertool -n s -batch - 2>&1'
	refused "its errors have a line" 2 '-:2: there is no filter list "x"' eval \
		'printf "filter show l\nfilter flush x\n" | brokertool -q -n s -batch - 2>&1 >/dev/null'
}

test_filter_events()
{
	bare
	listen /tmp/lists/events
	echo 1.2.3.4 >/tmp/lists/one
	check "seen: a list" wait_for eval 'B -q filter load l /tmp/lists/one;
		grep -q "^filter list l action drop" /tmp/lists/events'
	B filter destroy l
	check "seen: none" wait_for grep -q "^deleted filter list l$" /tmp/lists/events
	kill $!
}
