# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Watching a server: Prometheus, top. The world: lib.sh.

# shellcheck disable=SC2034 # tidy evaluates it
promtool=${SITBROKER_CACHE-}/unpacked/promtool/tree/usr/bin/promtool

# metric NAME{LABELS} : its value in what was printed last
metric()	{ name=$1 awk 'index($0, ENVIRON["name"] " ") == 1 { print $NF }' /tmp/metrics; }
scrape()	{ B stats prom "$@" >/tmp/metrics; }

# tidy TEXT : Prometheus takes it, and has nothing to say about it
tidy()
{
	check "$1" eval '[ -z "$("$promtool" check metrics </tmp/metrics 2>&1 | tee /dev/stderr)" ]'
}

test_prometheus()
{
	local reasons sum

	world onlink
	two_clients
	B -q client add three
	B client set two disable
	reaches c1 2001:db8:beef::2 -c 3 -i 0.2 >/dev/null
	reaches c2 2001:db8:beef::2 -W 1 >/dev/null
	printf '198.51.100.0/24\n2001:db8:bad::/48\n' | B -q filter load bad - action count
	B filter attach bad inner
	check "metrics are printed" scrape
	tidy "promtool has nothing to say"
	check "the module answers" test "$(metric sitbroker_up)" = 1
	check "clients are counted" test "$(metric 'sitbroker_clients{device="broker0"}')" = 3
	check "so are packets" test "$(metric 'sitbroker_receive_packets_total{device="broker0"}')" = \
		"$(B -j link show broker0 | jq '.[0].rx_packets')"
	check "those of a client, too" \
		test "$(metric 'sitbroker_client_receive_packets_total{device="broker0",client="one"}')" = \
			"$(client one rx_packets)" -a "$(client one rx_packets)" -ge 3
	check "and bytes" \
		test "$(metric 'sitbroker_client_transmit_bytes_total{device="broker0",client="one"}')" = \
			"$(client one tx_bytes)"
	sum=$(awk '/^sitbroker_client_receive_bytes_total/ { sum += $2 } END { print sum }' /tmp/metrics)
	check "clients' bytes are the link's" \
		test "$sum" = "$(metric 'sitbroker_receive_bytes_total{device="broker0"}')"
	check "who is disabled is" \
		test "$(metric 'sitbroker_client_enabled{device="broker0",client="two"}')" = 0
	check "who was heard of has a time" test "$(( $(date +%s) - \
		$(metric 'sitbroker_client_last_receive_timestamp_seconds{device="broker0",client="one"}' |
			cut -d. -f1) ))" -lt 60
	check "who never was has none" eval '! grep -q "last_receive.*three" /tmp/metrics'
	reasons=$(grep -c '^sitbroker_drops_total{device="broker0"' /tmp/metrics)
	check "every reason of a drop is there, 0 or not" test "$reasons" = \
		"$(sed -n '/name: drop-reason/,/^  -$/p' "$TOP/Documentation/netlink/specs/sitbroker.yaml" |
			grep -cE '^ +name: [rt]x-')"
	check "drops are counted" test "$(metric \
		'sitbroker_drops_total{device="broker0",direction="receive",reason="rx-disabled"}')" = \
		"$(link_drops rx-disabled)" -a "$(link_drops rx-disabled)" -ge 1
	check "pools have their use" test "$(metric \
		'sitbroker_pool_used{device="broker0",pool="2001:db8:1:0:8000::/80",kind="pair"}')" = 3
	check "solicitations are counted" test "$(metric \
		'sitbroker_ndp_solicitations_total{device="broker0",uplink="eth1"}')" = "$(uplink solicitations)"
	check "filter lists have ranges" test "$(metric 'sitbroker_filter_ranges{list="bad",family="ipv6"}')" = 1
	check "and memory" test "$(metric sitbroker_filter_memory_bytes)" -gt 0

	check "clients off" scrape clients off
	check "leaves clients out" eval '! grep -q sitbroker_client_ /tmp/metrics'
	check "but not their number" grep -q 'sitbroker_clients{device="broker0"} 3' /tmp/metrics
	refused "clients maybe" 1 "neither on nor off" B stats prom clients maybe
	refused "an unknown word" 1 "unknown word" B stats prom everything

	# A device may be called like this.
	ip -n s addr add 203.0.113.2/24 dev eth0
	# shellcheck disable=SC1003 # two characters
	B link add 'q"\' local 203.0.113.2
	check "names with quotes" scrape
	tidy "are quoted"
	check "and found" test "$(metric 'sitbroker_link_up{device="q\"\\"}')" = 1
}

test_prometheus_file()
{
	local file=/tmp/collector/sitbroker.prom inode modprobe

	world routed
	two_clients
	mkdir -p /tmp/collector
	check "a file is written" B stats prom file $file
	check "it is whole" test "$(tail -n 1 $file | cut -c1-9)" = sitbroker
	check "whoever likes may read it" test "$(stat -c %a $file)" = 644
	check "nothing else is there" test "$(ls /tmp/collector)" = sitbroker.prom
	inode=$(stat -c %i $file)
	B stats prom file $file
	check "a new one takes its place" test "$(stat -c %i $file)" != "$inode"
	refused "a directory that is not there" 2 "metrics cannot be written to /tmp/none/x.prom: No such" \
		B stats prom file /tmp/none/x.prom

	sed "s|@SBINDIR@|$TOP/build/bin|" "$TOP/tools/brokertool/systemd/sitbroker-prometheus.service" \
		>/tmp/sitbroker-prometheus.service
	cp "$TOP/tools/brokertool/systemd/sitbroker-prometheus.timer" /tmp/
	check "systemd takes the timer and its service" eval \
		'[ -z "$(systemd-analyze verify /tmp/sitbroker-prometheus.* 2>&1 | grep sitbroker | grep -v "man brokertool")" ]'
	rm $file
	check "what the service runs writes the file" eval \
		"METRICS_FILE=$file; in_ns s $(sed -n 's/^ExecStart=//p' /tmp/sitbroker-prometheus.service)"
	check "there" test -s $file

	end_world
	# Or it would be loaded.
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	brokertool stats prom file $file >/dev/null 2>&1
	check "without the module the status is 2" test $? = 2
	check "and the file says so, and nothing else" test "$(grep -v '^#' $file)" = "sitbroker_up 0"
	echo "$modprobe" >/proc/sys/kernel/modprobe
}

# order SORT : names, as top sorts them
order()	{ B -j top once sort "$1" | jq -r '[.[].name] | join(" ")'; }

test_top()
{
	world routed
	two_clients
	B -q client add three
	in_ns c1 ping -6 -n -q -i 0.2 -s 16 "$(client one server_ipv6)" >/dev/null &
	in_ns c2 ping -6 -n -q -i 0.1 -s 1000 "$(client two server_ipv6)" >/dev/null &
	wait_for eval '[ "$(client two rx_packets)" -gt 5 ]'
	check "who sends most is first" test "$(order rx)" = "two one three"
	check "who is sent most, too" test "$(order tx)" = "two one three"
	check "by name" test "$(order name)" = "one three two"
	check "whoever was never heard of is last" test "$(order heard | cut -d' ' -f3)" = three
	B client set one disable
	wait_for eval '[ "$(drops one rx-disabled)" -ge 2 ]'
	check "who has drops is first" test "$(order drops)" = "one three two"
	check "rates are those of now" jq -e '
		(.[] | select(.name == "two") | .rx_bytes_per_second > 2000 and .rx_bytes_per_second < 50000) and
		(.[] | select(.name == "one") | .rx_bytes_per_second == 0 and .rx_bytes > 0 and .drops_per_second > 0) and
		(.[] | select(.name == "three") | .last_received_ms == null and .endpoint == null)' \
		<<<"$(B -j top)"
	check "people see the same" grep -qE '^two +203.0.113.12 +[0-9.]+k +[0-9.]+k ' <<<"$(B top)"
	check "a longer time is waited for" eval 'began=$(date +%s%N); B top interval 2 >/dev/null
		[ $(($(date +%s%N) - began)) -ge 2000000000 ]'
	refused "an unknown order" 1 "unknown order \"age\"" B top sort age
	refused "no time at all" 1 "is no number from 1 to 3600" B top interval 0
	refused "no device" 2 "\"nothing\" does not exist" B top dev nothing
}

# On a terminal it goes on, does what keys say, and leaves the terminal as it was.
test_top_live()
{
	local keys

	world routed
	two_clients
	mkfifo /tmp/keys
	script -qefc "stty rows 24 cols 120; stty -a >/tmp/stty1; brokertool -n s top; echo status \$?
		stty -a >/tmp/stty2" /tmp/screen </tmp/keys >/dev/null 2>&1 &
	exec {keys}>/tmp/keys
	check "it begins with rx" wait_for grep -qs "Sorted by rx" /tmp/screen
	check "it goes on" wait_for eval '[ "$(grep -c "2 clients: " /tmp/screen)" -ge 2 ]'
	printf n >&"$keys"
	check "a key sorts by name" wait_for grep -q "Sorted by name" /tmp/screen
	printf d >&"$keys"
	check "another by drops" wait_for grep -q "Sorted by drops" /tmp/screen
	printf x >&"$keys"
	printf q >&"$keys"
	check "q ends it" wait_for grep -q "status 0" /tmp/screen
	exec {keys}>&-
	check "the terminal is as before" cmp /tmp/stty1 /tmp/stty2
	exec {keys}<>/tmp/keys
	script -qefc 'echo $$ >/tmp/top; exec brokertool -n s top' /tmp/screen2 <&"$keys" >/dev/null 2>&1 &
	wait_for grep -qs "Sorted by rx" /tmp/screen2
	kill "$(</tmp/top)"
	check "who is asked to end restores it, too" wait_for grep -q $'\033\\[?1049l' /tmp/screen2
	check "so is the screen" test "$(grep -c $'\033\\[?1049h' /tmp/screen)" = \
		"$(grep -c $'\033\\[?1049l' /tmp/screen)"
	exec {keys}>&-
}
