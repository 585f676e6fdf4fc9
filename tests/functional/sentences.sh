# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Refusals that no other test is about; tests/errors looks whether all were seen. The world: lib.sh.

# says STATUS SENTENCE WORD… : brokertool refuses the words so
says()
{
	refused "${*:3}" "$1" "$2" B "${@:3}"
}

# A link with the smallest of pools.
small_link()
{
	local i

	ip -n s addr add 203.0.113.9/24 dev eth0
	B link add small local 203.0.113.9
	says 2 "has no pair pool" client add a dev small
	B pool add 2001:db8:7::/127 pair dev small
	B pool add 2001:db8:8::/64 routed 64 dev small
	B -q client add a dev small
	says 2 "no free pair" client add b dev small
	B pool add 2001:db8:7:1::/127 pair dev small
	says 2 "no free routed prefix" client add b dev small
	# As many as all links can have.
	for ((i = 0; i < 1019; i++)); do
		printf 'pool add 2001:db8:f000:%x::/64 pair dev broker0\n' $i
	done | B -batch -
	says 2 "there are 1024 pools, the most there can be" pool add 2001:db8:f001::/64 pair dev small
	B link del small
}

test_sentences_clients()
{
	local many

	world onlink
	small_link
	B -q client add one endpoint 203.0.113.11
	mapfile -t many < <(seq -f 'routed 2001:db8:1:0:9000:0:%g:0/112' 1000 1256 | tr ' ' '\n')
	says 1 "one routed prefix too many" client add many "${many[@]}"
	mapfile -t many < <(seq -f 'n%g' 20000)
	says 1 "is one too many for one message" client del "${many[@]}"
	says 1 "client del needs a name" client del
	says 1 "needs what to change" client set one
	says 1 "would be taken for a word" client add dev
	says 1 "is no name of 1 to 31" client del "$(printf 'n%.0s' {1..40})"
	says 1 "stands behind the command" client show -j
	says 1 "pool 2001:db8::1/128 is one address" pool add 2001:db8::1/128 pair
	says 1 "ndp del takes no rate" ndp del eth1 rate 5
	says 1 "is no name of 1 to 15" link add a/b local 203.0.113.1
	says 1 "is neither allow nor deny" link set broker0 client-to-client maybe
	says 1 "needs what to change" link set broker0
	says 2 "is up and needs its local address" link set broker0 "local" 0.0.0.0
	refused "an unknown option" 1 "unknown option \"-nonsense\"" brokertool -nonsense client
	refused "a namespace that is none" 2 "cannot be entered" brokertool -n nowhere client show
	refused "a command and a batch" 1 "and a batch" brokertool -batch - client show
	refused "an option that getopt would speak of" 1 "unknown option \"-xyz\"; see" brokertool -q -xyz client
	refused "an option without its value" 1 "option \"-netns\" needs a value behind it" brokertool -q -netns
	refused "a full disk" 2 "the output cannot be written: No space" \
		in_ns s sh -c 'brokertool link show >/dev/full'
	refused "a batch that is none" 1 "give a file that you may read, or -" brokertool -batch /none
	B link set broker0 down
	check "the route to a pool comes later, and it is said when" grep -q \
		"broker0 is down; link set broker0 up will install the route to 2001:db8:77::/64" \
		<<<"$(B pool add 2001:db8:77::/64 pair 2>&1)"
	check "the link loses its address" B link set broker0 "local" 0.0.0.0
	check "clients are told what is missing" grep -q \
		"link broker0 has no local address: it belongs where .* brokertool link set broker0 local ADDRESS" \
		<<<"$(B client config one 2>&1 >/dev/null)"
	printf 'x %.0s' {1..2000} >/tmp/long
	check "a line of too many words" eval 'B -batch /tmp/long 2>&1 | grep -q "the line has more than"'
	check "no hardware address" eval '! in_ns s ip link add hard address 02:00:00:00:00:01 type sitbroker'
	"$here/sentences.py" >/dev/null 2>&1	# it is compiled
	while read -r line; do
		check "${line#ok }" test "${line%% *}" = ok
	done < <(in_ns s "$here/sentences.py")
}

test_sentences_filter()
{
	local i

	world onlink
	printf '198.51.100.0/24\n' >/tmp/list
	B -q filter load l /tmp/list
	says 1 "needs a range behind it" filter add l
	says 1 "is no percentage" filter load l /tmp/list max-errors 200
	says 1 "a file is ./" filter load l --wrod
	says 1 "needs a file" filter load l
	says 1 "is no address" filter test nobody
	says 1 "needs the name of a list" filter flush
	says 1 "would be taken for a word" filter load top /tmp/list
	says 1 "where?" filter attach l
	says 1 "needs a direction" filter attach l dev eth1
	says 1 '"in" stands behind a device; write dev IF in, or for tunnels inner' filter attach l in
	says 1 '"out" stands behind a device; write dev IF out, or for tunnels outer' \
		filter attach l out
	says 1 "write dev IF in" filter detach l in
	says 1 "is no number of bytes" filter memory max lots
	says 2 "cannot be written to /none/x" filter save l /none/x
	printf '\376\377\0001\0.\0002' >/tmp/utf16
	says 1 "this is UTF-16" filter load l /tmp/utf16
	printf 'BZh91AY&SY' >/tmp/bz2
	says 1 "this is packed with" filter load l /tmp/bz2
	printf '\377\377\377\377P2B\011xxxxxxxx' >/tmp/p2b
	says 1 "P2B version 9 is unknown" filter load l /tmp/p2b
	says 1 "this is no P2B file" filter load l /tmp/list format p2b
	{ printf '\377\377\377\377P2B\001'; head -c 70000 /dev/zero | tr '\0' x; } >/tmp/p2b
	says 1 "is longer than 65536 bytes" filter load l /tmp/p2b
	printf '\377\377\377\377P2B\001one\0\001\002' >/tmp/p2b
	says 1 "cut short in entry 1" filter load l /tmp/p2b
	printf '\377\377\377\377P2B\003\0\0\0\001a\0\0\0\0\002\0\0\0\0\001\002\003\004\001\002\003\005' >/tmp/p2b
	says 1 "1 ranges are missing" filter load l /tmp/p2b
	printf '\377\377\377\377P2B\003\004\0\0\001' >/tmp/p2b
	says 1 "more than 67108864 labels are announced" filter load l /tmp/p2b
	gzip -c /tmp/list | head -c 20 >/tmp/cut.gz
	says 1 "the gzip file is" filter load l /tmp/cut.gz
	{ gzip -c /tmp/list | head -c -8; printf '12345678'; } >/tmp/bad.gz
	says 1 "the gzip file is damaged" filter load l /tmp/bad.gz
	(cd /tmp && zip -q -P word locked.zip list)
	says 1 "wants a password" filter load l /tmp/locked.zip
	zip -q - /tmp/list | head -c 40 >/tmp/cut.zip
	says 1 "the zip file is damaged" filter load l /tmp/cut.zip
	cp /tmp/list /tmp/nested
	for i in 1 2 3 4 5 6 7 8; do
		(cd /tmp && rm -f nested.zip && zip -q nested.zip nested && mv nested.zip nested)
	done
	says 1 "too many archives around it" filter load l /tmp/nested

	for i in $(seq 128); do
		echo "link add d$i type dummy"
	done | ip -n s -batch -
	seq -f 'filter attach l dev d%g in' 128 | B -batch -
	says 2 "is attached to 128 places" filter attach l dev eth1 in
	for i in $(seq 64); do
		echo "filter load m$i /tmp/list"
		echo "filter attach m$i inner"
	done | B -q -batch -
	B filter detach l dev d1 in
	says 2 "64 lists are attached to broker0, inner" filter attach l inner
}

# conf LINE SENTENCE : a configuration with this line is refused so
conf()
{
	printf 'local = 203.0.113.1\n%s\n' "$1" >/etc/netns/s/sitbroker/broker0.conf
	says 1 "$2" config check broker0
}

test_sentences_config()
{
	local directory=/etc/netns/s/sitbroker i

	world onlink
	mkdir -p $directory
	rm -rf ${directory:?}/*
	says 2 "there is no configuration LINK.conf" config check
	says 1 "config needs what to do" config
	says 1 "is neither the name of a link nor a file's" config check -x
	conf 'pools-max = 1
		pool 2001:db8:5::/64 { pair = yes }
		pool 2001:db8:6::/64 { pair = yes }' "more than pools-max 1"
	conf 'pool 2001:db8:5::/64 { routed = 48 }' "cannot be cut into /48"
	conf 'filter bad { attach = {inner, inner} }' "is attached twice"
	conf 'nonsense = yes' "unknown word \"nonsense\""
	conf 'client one { disable = perhaps }' "is neither yes nor no"
	conf 'nonlocal-bind = 1' "is neither on nor leave"
	conf 'accept-ra = {waytoolongforadevice}' "is no name of 1 to 15"
	conf 'pool 2001:db8:5::/64 { pair = yes routed = 64 }' "is both for pairs and routed"
	conf '}' "sitbroker.conf(5)"
	conf 'client one { routed = {' "see sitbroker.conf(5)"
	printf 'local = 1\0' >$directory/broker0.conf
	says 1 "this is no text" config check broker0
	rm $directory/broker0.conf
	mkdir $directory/broker0.conf
	says 2 "cannot be read" config check broker0
	rmdir $directory/broker0.conf
	printf 'local = 203.0.113.1\n' >$directory/broker0.conf
	touch $directory/broker0.conf.d
	says 2 "the parts of the configuration" config check broker0
	rm $directory/broker0.conf.d
	mkdir -p /tmp/two
	cp $directory/broker0.conf /tmp/two/
	says 1 "has two configurations" config check broker0 /tmp/two/broker0.conf
	printf 'filter f { files = /tmp/list }\n' | tee -a $directory/broker0.conf >$directory/other.conf
	sed -i '1i local = 203.0.113.9' $directory/other.conf
	says 1 "leave them out of one" config check broker0 other
	printf 'local = 203.0.113.1\n' >$directory/eth1.conf
	says 2 "is another kind of network device" config diff eth1
	mkdir -p /etc/sitbroker
	printf 'local = 203.0.113.1\n' >/etc/sitbroker/broker0.conf
	refused "the lock" 2 "/run/sitbroker.lock cannot be had" \
		in_ns s setpriv --reuid 65534 --clear-groups brokertool config apply broker0
	rm /etc/sitbroker/broker0.conf
	mkdir -p /var/lib/sitbroker/netns/s
	echo '[]' >/var/lib/sitbroker/netns/s/broker0.endpoints
	check "a memory that is none" eval 'B config diff broker0 2>&1 | grep -q "no object"'
	for i in 1 2 3 4 5 6 7 8 9 a b c d e f; do
		echo "addr add 2001:db8:1:0:${i}000::5/64 dev eth1"
	done | ip -n s -batch -
	says 2 "no two parts of 2001:db8:1::/64 are free" init
	rm -rf ${directory:?}/*
}
