# SPDX-License-Identifier: GPL-2.0
#
# make help lists the targets. The module is built for the running kernel, or
# for KVER=…; tests bring their own kernels.

KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
PREFIX	?= /usr/local
DESTDIR	?=

export PREFIX DESTDIR

all: modules tools		## build the module and the tools

help:				## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

modules:			## build the module for the running kernel (KVER=… for another)
	@test -d "$(KDIR)" || { \
		echo "The headers of kernel $(KVER) are missing: apt-get install linux-headers-$(KVER)" >&2; \
		exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

tools:				## build brokertool and brokerdns
	@$(MAKE) --no-print-directory -C tools

pages	:= brokertool.8 brokerdns.8 sitbroker.conf.5 sitbroker.4

man: $(pages:%=build/man/%)	## build the manual pages

build/man/%: Documentation/man/%.scd
	@mkdir -p $(@D)
	scdoc <$< >$@

install: all man		## install module, tools and manual pages
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" INSTALL_MOD_DIR=updates \
		$(if $(DESTDIR),INSTALL_MOD_PATH="$(DESTDIR)") modules_install
	$(if $(DESTDIR),,depmod -a "$(KVER)")
	@$(MAKE) --no-print-directory -C tools install
	for section in $(sort $(patsubst .%,%,$(suffix $(pages)))); do \
		install -d "$(DESTDIR)$(PREFIX)/share/man/man$$section" && \
		install -m 644 build/man/*.$$section "$(DESTDIR)$(PREFIX)/share/man/man$$section" || exit; \
	done

# Made from a copy, beside which dpkg leaves what it makes. VERSION=… and DEBS=… are for tests.
DEBS	?= build/deb

deb:				## build Debian packages into build/deb; installs what that needs
	@dpkg-checkbuilddeps >/dev/null 2>&1 || apt-get -qq -y --no-install-recommends build-dep "$(CURDIR)"
	@rm -rf $(DEBS)
	@mkdir -p $(DEBS)/sitbroker
	@{ git ls-files -co --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print; } | \
		tar -c --ignore-failed-read -T - 2>/dev/null | tar -x -C $(DEBS)/sitbroker
	@$(if $(VERSION),sed -i '1s/(.*)/($(VERSION))/' $(DEBS)/sitbroker/debian/changelog)
	@cd $(DEBS)/sitbroker && DEB_BUILD_OPTIONS="$(or $(DEB_BUILD_OPTIONS),nocheck)" \
		dpkg-buildpackage -us -uc -b >../log 2>&1 || { tail -n 40 ../log; exit 1; }
	@ls $(DEBS)/*.deb

demo:				## show the main job on a stock Debian kernel
	@tests/demo/run

check:				## run the tests; installs what they need
	@tests/check

check-full:			## run them all, the long ones too
	@tests/check --full

breaks:				## break the code line by line: does a test notice each? (TEST=ndp for some)
	@tests/vm/packages
	@tests/breaks $(TEST)

fuzz:				## lists, packets and requests that are nearly right (SECONDS=60 each, SEED=, KERNEL=uml-debug)
	@tests/vm/packages
	@tests/fuzz/lists $(or $(SECONDS),60) $(SEED)
	@$(MAKE) --no-print-directory tools build/fuzz/packets
	TIMEOUT=$$((3 * $(or $(SECONDS),60) + 600)) tests/run-in $(or $(KERNEL),uml-debug) tests/fuzz/run \
		$(or $(SECONDS),60) $(SEED)

build/fuzz/packets: tests/fuzz/packets.c tests/fuzz/packet.c tests/fuzz/packet.h tests/fuzz/random.h
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -o $@ $(filter %.c,$^)

# What reads filter lists, with libFuzzer.
filter_code := $(wildcard tools/filter/*.[ch])

$(addprefix build/fuzz/,list-text list-p2b list-file range-word): build/fuzz/%: tests/fuzz/%.c \
		tests/fuzz/lists.h $(filter_code)
	@mkdir -p $(@D)
	clang -g -O1 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $(filter %.c,$^) -lz

bench:				## measure against sit, ip -6 route, proxy_ndp and others (ROWS=1,4 for some; KERNEL=debian-6.12: emulated)
	@tests/vm/packages
	@$(MAKE) --no-print-directory tools
	@tests/bench/run

lint:				## static checks
	@tests/vm/packages
	@tests/lint

regen:				## generate the uapi header and policies from the netlink specification
	@tests/vm/packages
	Documentation/netlink/regen "$$(tests/vm/kernel --source)"

shell:				## a prompt in a test kernel, KERNEL=uml, uml-smp, uml-debug, debian-6.1, debian-6.12
	@tests/vm/packages
	@$(MAKE) --no-print-directory tools
	@tests/run-in --shell $(or $(KERNEL),uml)

clean:				## remove what was built
	rm -rf build
	find kmod tests/kunit tests/bench/limit -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' | xargs rm -f
	rm -f modules.order kmod/modules.order tests/kunit/modules.order tests/bench/limit/modules.order Module.symvers \
		.modules.order.cmd .Module.symvers.cmd

.PHONY: all help modules tools man install deb demo check check-full breaks fuzz bench lint regen shell clean
