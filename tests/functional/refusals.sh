# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What is refused: with a sentence, with a status, and nothing changes. The world: lib.sh.

# All tables, without what traffic changes.
tables()
{
	# All but counters; in one process and without jq, which cost an emulated machine much.
	printf '%s\n' "link show" "pool show" "client show" "ndp show" "filter show" | B -j -batch - | tr ',' '\n' |
		grep -vE 'packets|bytes|last_received|age_ms|drops|x-' |
		grep -vE 'solicitations|answered|malformed|unassigned|"disabled":|failed|limited|misrouted|announced|groups'
	ip -n s -6 route show proto 66
}

# [row=S16] no STATUS PATTERN COMMAND… : refused, and the tables are what they were
no()
{
	local before=${tables-$(tables)}

	refused "${row:+$row: }refused: ${*:3}" "$1" "$2" brokertool -n s "${@:3}"
	# Nothing changed, so what is there now was there before the next one.
	tables=$(tables)
	check "nothing changed" test "$tables" = "$before"
}

# One of each kind, for machines on which all that follow take too long.
test_basics()
{
	local tables

	world onlink
	B -q client add one endpoint 203.0.113.11
	check "the tables are read" test "$(tables | grep -cE '"name":"(broker0|one)"|"prefix":|"uplink":|^2001:db8:')" = 7
	no 2 "overlaps pair pool 2001:db8:1:0:8000::/80" pool add 2001:db8:1:0:8000::/96 pair
	no 2 "holds all of 2001:db8:1::/64, which is on-link" pool add 2001:db8:1::/64 pair
	no 2 "2001:db8:1::1, an address of this host on eth1" pool add 2001:db8:1::/121 pair
	no 2 "2001:db8:1::fe, a gateway of this host" pool add 2001:db8:1::f0/124 pair
	no 2 'by client "one"' pool del 2001:db8:1:0:8000::/80
	no 2 'client "one" exists on link broker0' client add one
	no 2 'belongs to client "one"' client add two pair 2001:db8:1:0:8000::/127
	no 2 "in no pair pool of link broker0" client add two pair 2001:db8:9::/127
	no 2 "in no routed pool of link broker0" client add two routed 2001:db8:9::/112
	no 2 "this server's own" client set one endpoint 203.0.113.1
	no 2 'no client "two"' client set two mtu 1400
	no 2 'endpoint of client "one"' link set broker0 "local" 203.0.113.11
	no 2 "belongs to link broker0" link add broker1 "local" 203.0.113.1
	no 2 "an uplink of link broker0 already" ndp add eth1
}

test_pools()
{
	local tables

	world onlink
	no 2 "overlaps pair pool 2001:db8:1:0:8000::/80 of link broker0" \
		pool add 2001:db8:1:0:8000::/96 pair
	no 2 "overlaps routed pool" pool add 2001:db8:1:0:9000::/80 pair
	no 2 "holds all of 2001:db8:1::/64, which is on-link" pool add 2001:db8:1::/64 pair
	row=S16 no 2 "2001:db8:1::1, an address of this host on eth1" pool add 2001:db8:1::/121 pair
	row=S16 no 2 "2001:db8:1::fe, a gateway of this host" pool add 2001:db8:1::f0/124 pair
	ip -n s route add 198.51.100.0/24 via inet6 2001:db8:1::d0
	row=S16 no 2 "2001:db8:1::d0, a gateway of this host" pool add 2001:db8:1::d0/124 pair
	ip -n s -6 route add local 2001:db8:ee::/64 dev lo
	no 2 "all of which are this host's own" pool add 2001:db8:ee::/64 pair
	ip -n s addr add 2001:db8:77::1 peer 2001:db8:1::e0 dev eth1 nodad
	no 2 "2001:db8:1::e0/128, a neighbour of this host" pool add 2001:db8:1::e0/124 pair
	ip -n s -6 route add unreachable 2001:db8:600::/48
	no 2 "there is a route to 2001:db8:600::/48 already" pool add 2001:db8:600::/48 routed 64
	ip -n s -6 nexthop add id 7 via 2001:db8:1::c0 dev eth1
	row=S16 no 2 "2001:db8:1::c0, a gateway of this host" pool add 2001:db8:1::c0/124 pair
	ip -n s addr add 2001:db8:78::1/128 dev lo
	row=S16 no 2 "2001:db8:78::1, an address of this host on lo" pool add 2001:db8:78::/64 pair
	# Whose such addresses are is not ours to say.
	row=S4 no 2 "holds 6to4 addresses" pool add 2002:a00:1::/64 pair
	row=S4 no 2 "holds NAT64 addresses" pool add 64:ff9b::a00:0/104 pair
	row=S4 no 2 "link-local" pool add fe80:1::/64 pair
	row=S4 no 2 "multicast" pool add ff0e::/64 pair
	no 2 "cut into /48, which is larger" pool add 2001:db8:5::/56 routed 48
	no 2 "more than 2^63" pool add 2001:db8:5::/48 pair
	no 1 "did you mean 2001:db8:5::/48" pool add 2001:db8:5:1::/48 routed 64
	no 1 "needs a use" pool add 2001:db8:5::/48
	no 1 "no number from 1 to 127" pool add 2001:db8:5::/48 routed 128
	no 1 "no IPv6 prefix" pool add 10.0.0.0/8 pair
	no 2 "has no pool 2001:db8:6::/64" pool del 2001:db8:6::/64
	B -q client add one
	unset tables
	no 2 'by client "one"' pool del 2001:db8:1:0:8000::/80
	check "an unused one goes, and its route" B pool add 2001:db8:7::/48 routed 64
	check "deleted" B pool del 2001:db8:7::/48
	check "the route, too" test -z "$(ip -n s -6 route show 2001:db8:7::/48)"
	B link set broker0 down
	ip -n s -6 route add unreachable 2001:db8:1:0:8000::/80
	refused "somebody else's route is not replaced" 2 "there is a route to 2001:db8:1:0:8000::/80" \
		brokertool -n s link set broker0 up
	check "it is still there" grep -q unreachable <<<"$(ip -n s -6 route show 2001:db8:1:0:8000::/80)"
}

test_clients_refused()
{
	local tables

	world onlink
	ip -n s addr add 203.0.113.77/32 dev lo
	B link set broker0 public 198.51.100.9
	B -q client add one endpoint 203.0.113.11
	no 2 'client "one" exists on link broker0' client add one
	no 2 'belongs to client "one"' client add two pair 2001:db8:1:0:8000::/127
	no 2 'belongs to client "one"' client add two routed 2001:db8:1:0:9000::/112
	no 2 "in no pair pool of link broker0" client add two pair 2001:db8:9::/127
	no 2 "in no routed pool of link broker0" client add two routed 2001:db8:9::/112
	no 2 "in no pair pool" client add two pair 2001:db8:1:0:9000::/127
	no 2 "is cut into /112" client add two routed 2001:db8:1:0:9000:1::/111
	no 1 "is no /127" client add two pair 2001:db8:1:0:8000::4/126
	no 1 "did you mean" client add two pair 2001:db8:1:0:8000::3/127
	no 2 "this server's own" client add two endpoint 203.0.113.1
	no 2 "no unicast address" client add two endpoint 224.0.0.1
	no 2 "no unicast address" client add two endpoint 255.255.255.255
	no 2 "no unicast address" client add two endpoint 127.0.0.1
	no 2 "this server's own" client add two endpoint 203.0.113.77
	no 2 "this server's own" client add two endpoint 198.51.100.9
	no 1 "no IPv4 address" client add two endpoint 10.0.0.256
	no 1 "1280 to 1480" client add two mtu 1279
	no 1 "1280 to 1480" client add two mtu 1481
	no 1 "1 to 31 characters" client add "$(printf 'n%.0s' {1..32})"
	no 2 "none of letters, digits" client add "a b"
	no 2 "none of letters, digits" client add "ä"
	no 1 "routed none and" client add two routed none routed 2001:db8:1:0:9000:0:5:0/112
	no 2 'no client "two"' client set two mtu 1400
	no 2 'no client "two"' client del one two
	no 3 'no client "two"' client show two
	no 1 "cannot be changed" client set one pair 2001:db8:1:0:8000::4/127
	no 1 'did you mean "endpoint"' client set one endpiont 203.0.113.11
	no 2 "does not exist" client add two dev nolink
	no 2 "interface eth0 is no sitbroker link" client add two dev eth0
}

test_links_refused()
{
	local tables

	world onlink
	B -q client add one endpoint 203.0.113.11
	no 2 'link "broker0" exists' link add broker0 local 203.0.113.5
	no 2 "belongs to link broker0" link add broker1 local 203.0.113.1
	no 2 'endpoint of client "one"' link add broker1 local 203.0.113.11
	no 2 "no unicast address" link add broker1 local 224.0.0.1
	no 2 "no unicast address" link add broker1 local 0.0.0.5
	no 2 "no unicast address" link add broker1 local 240.0.0.1
	no 2 "public 224.0.0.1 is no unicast address" link set broker0 public 224.0.0.1
	no 1 "needs local" link add broker1
	no 1 'link "all" is what the kernel calls the settings of all devices' \
		link add all local 203.0.113.5
	no 1 "from 1 to 255" link add broker1 local 203.0.113.5 ttl 0
	no 2 "ECN bits" link add broker1 local 203.0.113.5 tos 1
	no 1 "1280 to 1480" link add broker1 local 203.0.113.5 mtu 1500
	no 2 "no sitbroker link \"eth0\"" link del eth0
	no 2 "no sitbroker link \"nolink\"" link set nolink up
	no 3 "no sitbroker link \"nolink\"" link show nolink
	no 2 "an uplink of link broker0 already; change it with brokertool ndp set" ndp add eth1
	no 2 "no Ethernet device" ndp add lo
	no 2 "no Ethernet device" ndp add broker0
	no 2 "interface eth0 is no uplink" ndp del eth0
	no 2 "interface eth0 is no uplink" ndp set eth0 rate 5
	no 2 "does not exist" ndp set nodevice rate 5
	no 1 'ndp set "eth1" needs what to change' ndp set eth1
	no 1 "none of target, link-local" ndp set eth1 source here
	no 2 "no unicast address" ndp set eth1 source ff02::1 rate 5
	no 2 "does not exist" ndp add nodevice
	ip -n s link add brx type bridge
	ip -n s link add port1 type dummy
	ip -n s link set port1 master brx
	no 2 "port1 is a port of brx, which takes all that it receives; add brx instead" ndp add port1
	refused "an uplink becomes no port" 2 "eth1 is an uplink of link broker0, and as a port of brx" \
		ip -n s link set eth1 master brx
	check "and is none" test "$(ip -n s -j link show eth1 | jq '.[0].master')" = null
	check "it is an uplink still" test "$(uplink uplink)" = eth1
	check "a VRF's it may become" eval 'modprobe vrf 2>/dev/null; ip -n s link add v1 type vrf table 9 &&
		ip -n s link set eth1 master v1 && ip -n s link set eth1 nomaster && ip -n s link del v1'
	no 1 "none of target, link-local" ndp add eth0 source here
	no 2 "no unicast address" ndp add eth0 source ff02::1
	no 2 "no unicast address" ndp add eth0 source ::1

	check "a link without parameters" ip -n s link add b2 type sitbroker
	check "is refused to go up, with a sentence" eval \
		'ip -n s link set b2 up 2>&1 | grep -q "b2 has no local address; set one with"'
	check "S18: a link whose traffic is in another namespace is refused" eval \
		'ip link add b3 netns s type sitbroker 2>&1 | grep -q "in its own network namespace"'
	check "S18: a link stays where it is" eval '! ip -n s link set b2 netns c1 2>/dev/null'
}

test_words()
{
	world onlink
	refused "unknown object" 1 'did you mean "client"' brokertool clinet show
	refused "unknown verb" 1 'did you mean "show"' brokertool client shwo
	refused "ambiguous verb" 1 "ambiguous: set show" brokertool client s
	refused "a contradiction" 1 '"enable" and "disable" contradict' \
		brokertool client add two enable disable
	refused "a word said twice" 1 '"mtu" is said twice' \
		brokertool client add two mtu 1280 mtu 1300
	refused "no such device" 2 'dev "nolink" does not exist' brokertool client add two dev nolink
	refused "no such batch" 1 "cannot be read" brokertool -batch /nonexistent
	check "an abbreviation" B cl sh
	check "no object is client show -brief" test "$(B)" = "$(B -brief client show)"
	B -q client add one endpoint 203.0.113.11
	check "-json" jq -e '.[0].name == "one"' <<<"$(B -json client show)"
	check "--json" jq -e '.[0].name == "one"' <<<"$(B --json client show)"
	check "HE's words" eval 'for words in "Server IPv4 Address" "Server IPv6 Address" \
		"Client IPv4 Address" "Client IPv6 Address" "Routed /112"; do
			B client show one | grep -q "^$words:" || exit 1; done'
	check "a JSON error, too" jq -e '.error.name == "EEXIST"' \
		<<<"$(B -j client add one 2>&1 >/dev/null | tail -n 1)"
}

# Lines before a refused one take effect; a message of many is whole or nothing.
test_batch()
{
	world onlink
	printf 'client add a\nclient add b\nclient add a\nclient add c\n' >/tmp/batch
	refused "the line is named" 2 '/tmp/batch:3: client "a" exists' brokertool -n s -batch /tmp/batch
	check "those before it took effect" test "$(B -j client show | jq -c '[.[].name]')" = '["a","b"]'
	B client flush
	check "-force goes on" eval '! B -force -batch /tmp/batch 2>/dev/null'
	check "past it" test "$(B -j client show | jq -c '[.[].name]')" = '["a","b","c"]'
	check "a whole server in a batch" B -batch - <<-'EOF'
		# another link
		link add b9 local 203.0.113.9
		pool add 2001:db8:900::/64 pair dev b9
		client add x endpoint 203.0.113.99 dev b9
		client set x mtu 1300 dev b9
		client add y dev b9
		client del x dev b9
	EOF
	check "did what it says" test "$(B -j client show dev b9 | jq -c '[.[].name]')" = '["y"]' # dev
}

# each_line PROGRAM LEAST : each line that it prints is a test, and there are at least so many
each_line()
{
	local line n=0 status

	in_ns s "$here/$1" >/tmp/lines 2>&1
	status=$?
	while IFS= read -r line; do
		case $line in
		ok*)	report 0 "${line#ok }" ;;
		*)	report 1 "$line" ;;
		esac
		n=$((n + 1))
	done </tmp/lines
	check "$1 came to its end, after $n lines" eval "[ $status = 0 ] && [ $n -ge $2 ]"
}

# Malformed messages, straight to the kernel; they must change nothing.
test_malformed_netlink()
{
	local before

	world onlink
	B -q client add one endpoint 203.0.113.11
	before=$(tables)
	each_line malformed.py 90
	# One for each command, and two for links.
	each_line spoiled.py 24
	check "enough was tried" test "$(awk '/ requests are refused$/ { n += $3 } END { print n }' \
		/tmp/lines)" -ge 1400
	check "nothing changed" test "$(tables)" = "$before"
}

test_rights()
{
	local before nobody="unshare -Ur"

	world onlink
	B -q client add one endpoint 203.0.113.11
	before=$(tables)
	echo "local = 203.0.113.1" >/run/broker0.conf
	# Root in a user namespace of its own, in the server's network namespace.
	for command in "client show" "client add two" "client set one disable" "client flush" \
		       "pool add 2001:db8:9::/64 pair" "pool show" "ndp add eth0" "ndp show" \
		       "link show" "stats show" "link add b1 local 203.0.113.7" \
		       "link set broker0 down" "link del broker0" "config diff /run/broker0.conf" monitor; do
		# shellcheck disable=SC2086 # words
		refused "S18: without rights: $command" 2 "needs root (CAP_NET_ADMIN" \
			in_ns s $nobody brokertool $command
	done
	check "nothing changed" test "$(tables)" = "$before"
}

test_monitor()
{
	world onlink
	listen /tmp/events
	listen /tmp/events.json -j
	# It listens once it prints what happens.
	wait_for eval 'B -q client add probe; B client del probe; [ -s /tmp/events.json ] &&
		       [ -s /tmp/events ]'
	B -q client add one endpoint 203.0.113.11
	B client set one disable
	B pool add 2001:db8:9::/64 pair
	B pool del 2001:db8:9::/64
	B ndp del eth1
	B ndp add eth1
	B client del one
	B client flush
	check "all changes are announced" wait_for eval 'grep -q "^flushed clients" /tmp/events'
	check "in order" test "$(grep -v probe /tmp/events | sed -E 's/ (prefix|uplink|link|name).*//' |
		paste -sd,)" = "client,client,pool,deleted pool,deleted ndp,ndp,deleted client,flushed clients"
	check "links, too" eval 'B link set broker0 ttl 77; B link set broker0 down; B link set broker0 up
		wait_for grep -q "^link name broker0 .* ttl 77 .* up false" /tmp/events &&
		wait_for grep -q "^link name broker0 .* ttl 77 .* up true" /tmp/events'
	check "an uplink that goes away" eval 'ip -n s link del eth1
		wait_for test "$(grep -c "^deleted ndp" /tmp/events)" = 2'
	check "and a link" eval 'B link del broker0; wait_for grep -q "^deleted link name broker0" /tmp/events'
	check "with what they changed" grep -q 'name one .* state disabled' /tmp/events
	check "JSON, an object a line" jq -es 'map(.event) | index("flushed clients") != null' \
		/tmp/events.json
}

# The module is loaded again, as an upgrade does it: the family has another number by then.
test_monitor_reload()
{
	world onlink
	listen /tmp/events.json -j
	wait_for eval 'B -q client add probe; B client del probe; [ -s /tmp/events.json ]'
	B -q filter load bad - <<<198.51.100.0/24
	wait_for eval 'grep -q "\"filter\"" /tmp/events.json'
	check "the module can be removed under it" rmmod sitbroker
	check "it says so" wait_for eval 'grep -q "\"deleted module\"" /tmp/events.json'
	check "with the module goes what it had" wait_for eval 'grep -q "\"caught up\"" /tmp/events.json &&
		grep "\"deleted link\"" /tmp/events.json | grep -q broker0 &&
		grep "\"deleted filter\"" /tmp/events.json | grep -q bad'
	modprobe sitbroker
	check "that it is back, too" wait_for eval 'grep -q "\"event\": *\"module\"" /tmp/events.json'
	B link add broker0 local 203.0.113.1
	check "and events go on" wait_for eval \
		'sed -n "/\"module\"/,\$p" /tmp/events.json | grep "\"link\"" | grep -q broker0'
}

# Options as ip has them.
test_options()
{
	world onlink
	B -q client add one endpoint 203.0.113.11
	B -q client add off endpoint 203.0.113.12 disable
	check "-pretty is indented" grep -q '^    "name": "one",$' <<<"$(B -j -pretty client show)"
	check "and says the same" test "$(B -j -p client show | jq -cS 'map(del(.id))')" = \
		"$(B -j client show | jq -cS 'map(del(.id))')"
	check "-color marks who is disabled" grep -q $'\e\\[31m.*203.0.113.12' <<<"$(B -color client show)"
	check "and nobody else" test "$(B -c=always client show | grep -c $'\e\\[31m')" = 1
	check "-color=auto does not for a file" eval '! B -color=auto client show | grep -q $'"'\\e'"
	check "nor -color=never" eval '! B -color=never client show | grep -q $'"'\\e'"
	check "-V says the version of tool, module and family" grep -qE \
		"^brokertool [0-9.]+, module [0-9.]+, netlink family version [0-9]+$" <<<"$(B -V)"
	listen /tmp/stamped -ts
	listen /tmp/stamped.json -ts -j
	wait_for eval 'B client set one mtu 1400; B client set one mtu auto
		[ -s /tmp/stamped ] && [ -s /tmp/stamped.json ]'
	check "-ts: the time stands in front" grep -qE \
		"^\[$(date +%Y)-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}\] client name one " /tmp/stamped
	check "in JSON, too" jq -es --arg now "$(date +%s)" 'length > 0 and
		all(.time <= ($now | tonumber) and .time > ($now | tonumber) - 60)' /tmp/stamped.json
}

# What does not fit into one message of the kernel's.
test_many_messages()
{
	local n=1000

	world onlink
	listen /tmp/events.json -j
	wait_for eval 'B -q client add probe; B client del probe; [ -s /tmp/events.json ]'
	seq -f "client add c%g" $n >/tmp/add
	sed 's/add/del/' /tmp/add >/tmp/del
	B -batch /tmp/add
	check "a batch of $n is announced, each of them once" wait_for events client $n
	check "no event was lost" eval '! grep -q overrun /tmp/events.json'
	check "a dump of many messages has each of them once" test \
		"$(B -j client show | jq -r '.[].name' | sort -V)" = "$(seq -f "c%g" $n)"
	check "a dump that changes on its way says so" test "$(in_ns s "$here/dumps.py" changing \
		clients brokertool client set c1 mtu 1400)" = "told 0"
	check "one that does not is not said to" test "$(in_ns s "$here/dumps.py" changing \
		clients true)" = "not told 0"
	B -batch /tmp/del
	check "so are $n deleted ones" wait_for events "deleted client" $n
	check "a client with as many prefixes as it may have" eval \
		'B -q client add large $(seq -f "routed 2001:db8:1:0:9000:0:%g:0/112" 1000 1254)'
	check "is dumped as a whole" test "$(in_ns s "$here/dumps.py" large)" = 255
}

# fold FILE : clients, as who reads the events knows them
fold()
{
	jq -cSs 'reduce .[] as $e ({};
		if $e.event == "client" then .[$e.name] = ($e | [.id, .endpoint, .state, .routed])
		elif $e.event == "deleted client" then del(.[$e.name])
		elif $e.event == "flushed clients" then {} else . end)' "$1"
}

# Events that come faster than somebody reads them are lost: what they told is not.
test_monitor_slow()
{
	local n=4000 reader i

	world onlink
	B -q client add old endpoint 203.0.113.11
	B -q client add gone endpoint 203.0.113.12
	listen /tmp/events.json -j
	reader=$!
	listen /tmp/events
	wait_for eval 'B -q client add probe; B client del probe; [ -s /tmp/events.json ] &&
		       [ -s /tmp/events ]'
	B client set gone mtu 1300
	wait_for grep -q "gone.*1300" /tmp/events.json
	kill -STOP $reader $!
	B client set old endpoint 203.0.113.13
	# An event each, more than a socket holds.
	for ((i = 0; i < n; i++)); do
		echo "client set old mtu $((1280 + i % 100))"
	done | B -q -batch -
	seq -f "client add c%g" $n | B -q -batch -
	seq -f "client del c%g" 101 $n | B -q -batch -
	B client set old disable
	B client del gone
	B pool add 2001:db8:9::/64 pair
	B link set broker0 ttl 77
	B ndp del eth1
	printf '198.51.100.0/24\n' | B -q filter load late -
	B filter attach late inner
	kill -CONT $reader $!
	check "what was lost is told, with its end" wait_for grep -q '"event":"caught up"' /tmp/events.json
	check "and that it was" grep -q '"event":"overrun"' /tmp/events.json
	check "events were lost" test "$(jq -s '[.[] | select(.event == "client" and
		(.lost | not))] | length' /tmp/events.json)" -lt $n
	check "who reads them has all clients as they are" test "$(fold /tmp/events.json)" = "$(
		B -j client show | jq -cS '[.[] | {key: .name, value: [.id, .endpoint, .state, .routed]}] |
			from_entries')"
	check "there are as many changes as it says" jq -es '
		(map(select(.event == "caught up")) | map(.changes) | add) == (map(select(.lost == true)) | length)' \
		/tmp/events.json
	check "the client that has gone" jq -es 'any(.event == "deleted client" and .name == "gone")' \
		/tmp/events.json
	check "a pool, a link, an uplink and a list" jq -es '
		any(.event == "pool" and .prefix == "2001:db8:9::/64") and
		any(.event == "link" and .ttl == 77) and any(.event == "deleted ndp" and .uplink == "eth1") and
		any(.event == "filter" and .list == "late" and .attached[0].scope == "inner")' /tmp/events.json
	check "people are told, too" wait_for grep -q '^caught up changes [0-9]' /tmp/events
	check "in the same words" grep -q '^deleted client name gone .* lost true' /tmp/events
	B -q client add after
	check "then it goes on" wait_for grep -q '"name":"after"' /tmp/events.json
	check "as before" jq -es 'map(select(.name == "after")) | length == 1 and (.[0].lost | not)' \
		/tmp/events.json
}

events()	# WHAT NUMBER
{
	[ "$(jq -s --arg what "$1" '[.[] | select(.event == $what and (.name | startswith("c"))).name] |
		[length, (unique | length)] | join("/")' -r /tmp/events.json)" = "$2/$2" ]
}

test_generation()
{
	local before

	world onlink
	before=$(B -j link show | jq '.[0].generation')
	B -q client add one
	B client set one mtu 1400
	B client del one
	check "each change counts one up" test "$(B -j link show | jq '.[0].generation')" = $((before + 3))
	B client add one pair ::/127 2>/dev/null
	check "a refused one does not" test "$(B -j link show | jq '.[0].generation')" = $((before + 3))
}
