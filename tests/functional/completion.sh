# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What shells offer behind brokertool and brokerdns. The world: lib.sh.

# staged : as make install puts it there, but below /tmp
staged()
{
	# With their times, so that nothing is made anew; of what was built, what is installed.
	mkdir -p /tmp/installed/build
	cp -a "$TOP/tools" "$TOP/include" "$TOP/kmod" /tmp/installed/
	find "$TOP/build" -mindepth 1 -maxdepth 1 '(' -name bin -o -name tools -o -name man ')' \
		-exec cp -a -t /tmp/installed/build '{}' +
	make -s -C /tmp/installed/tools install DESTDIR=/tmp/staged PREFIX=/usr || return
	mkdir -p /usr/share/bash-completion
	cp -r /tmp/staged/usr/share/bash-completion/completions /usr/share/bash-completion/
}

# offered SHELL LINE : what it offers for the line, sorted. Bash itself keeps what stands in front of
# the last place where it breaks words.
offered()
{
	local program=${2%% *}

	case $1 in
	bash)	bash -c '. "/usr/share/bash-completion/completions/$1"
			read -ra COMP_WORDS <<<"$2"
			[[ $2 != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			COMP_LINE=$2 COMP_POINT=${#2} word=${2##* }
			"_$1" && printf "${word%"${word##*[@:=]}"}%s\n" "${COMPREPLY[@]}"' bash "$program" "$2" ;;
	fish)	fish --no-config -c "source /tmp/staged/usr/share/fish/vendor_completions.d/$program.fish
			complete -C '$2'" ;;
	zsh)	timeout 60 "$here/zsh-complete" /tmp/staged/usr/share/zsh/vendor-completions "$2" ;;
	esac | LC_ALL=C sort | paste -sd' '
}

test_completion()
{
	local shell line

	world onlink
	B -q client add zoe endpoint 203.0.113.11
	B -q client add zack
	B -q client add amy
	B -q client add home@lan
	printf '198.51.100.0/24\n' | B -q filter load bad -
	check "completions are installed" staged
	for shell in bash zsh fish; do
		check "$shell knows commands" test "$(offered $shell "brokertool c")" = "client config"
		check "$shell asks for clients" test "$(offered $shell "brokertool -n s client set z")" = "zack zoe"
		check "$shell completes a name with a sign" \
			test "$(offered $shell "brokertool -n s client set home@")" = home@lan
		check "$shell knows what endpoints are of" \
			test "$(offered $shell "brokertool -n s client endpoints ")" = dev
		check "$shell asks for lists" test "$(offered $shell "brokertool -n s filter attach ")" = bad
		check "$shell shows lists, and what hit" \
			test "$(offered $shell "brokertool -n s filter show ")" = "bad top"
		check "$shell has nothing behind top" test -z "$(offered $shell "brokertool -n s filter show top ")"
		check "$shell has options of filter load" \
			test "$(offered $shell "brokertool filter load bad - -")" = \
			"--action --format --level --max-errors"
		check "$shell has their values" \
			test "$(offered $shell "brokertool filter load bad - --action ")" = "allow count drop reject"
		check "$shell asks for links" test "$(offered $shell "brokertool -n s link set ")" = broker0
		check "$shell asks for devices of the namespace" \
			test "$(offered $shell "brokertool -n s ndp add e")" = "eth0 eth1"
		check "$shell does so for places" \
			test "$(offered $shell "brokertool -n s filter attach bad dev e")" = "eth0 eth1"
		check "$shell asks for pools" test "$(offered $shell "brokertool -n s pool del 2001:db8:1:0:9")" = \
			2001:db8:1:0:9000::/80
		check "$shell knows options of brokerdns" test "$(offered $shell "brokerdns steer --sub")" = --subnet
	done
	for line in "brokertool " "brokertool -" "brokertool client add x " "brokertool top " \
		    "brokertool client config x format " "brokerdns " "brokerdns hijack --"; do
		check "bash offers something behind \"$line\"" test -n "$(offered bash "$line")"
		for shell in zsh fish; do
			check "$shell offers the same" test "$(offered $shell "$line")" = "$(offered bash "$line")"
		done
	done
}

# known FILE WORD… : each is in the file, as a word
known()
{
	local file=$1 word status=0
	shift

	for word in "$@"; do
		grep -qE -- "(^|[^a-z-])$word([^a-z-]|\$)" "$file" ||
			{ echo "\"$word\" is not in it"; status=1; }
	done
	return $status
}

# All shells have bash's words, see above.
test_completion_words()
{
	local words

	mapfile -t words < <(brokertool -help | sed -n '/^  link/,/^$/p' | grep -oE '\b[a-z][a-z0-9-]+' | sort -u)
	check "the help of brokertool has words" test ${#words[@]} -gt 60
	check "each is known" known "$TOP/tools/completion/brokertool" "${words[@]}"
	mapfile -t words < <(brokertool -help | grep -oE '(^|, )-[A-Za-z]{3,}' | tr -d ', ' | sort -u)
	check "it has options" test ${#words[@]} -ge 10
	check "each is known" known "$TOP/tools/completion/brokertool" "${words[@]}"
	mapfile -t words < <(brokerdns --help | grep -oE -- '--[a-z][a-z-]+' | sort -u)
	check "the help of brokerdns has options" test ${#words[@]} -ge 12
	check "each is known" known "$TOP/tools/completion/brokerdns" "${words[@]}"
}
