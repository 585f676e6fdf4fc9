// SPDX-License-Identifier: GPL-2.0
/*
 * Client configurations, field by field: what each system wants to be told, in
 * its own words. Those that can run here are run by tests/functional/configs.sh.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../tools/brokertool/client-config.c"

/* The kernel takes no part in this. */
int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	(void)kernel;
	(void)socket;
	(void)msg;
	(void)receive;
	(void)arg;
	fail();
	return -1;
}

struct nl_msg *kernel_message(uint8_t command, int flags, size_t size)
{
	(void)command;
	(void)flags;
	(void)size;
	fail();
	return NULL;
}

int kernel_family(struct kernel *kernel)
{
	(void)kernel;
	return 0;
}

int link_info_get(struct broker *broker, uint32_t ifindex, struct link_info *link)
{
	(void)broker;
	(void)ifindex;
	(void)link;
	return -1;
}

#define LINES_MAX	48

/* Lines that must be there, whole and in this order; blanks at their beginning do not count. */
static const struct expected {
	const char *format;
	const char *lines[LINES_MAX];
} expected[] = {
	{ "iproute2", {
		"ip tunnel add tb6 mode sit remote 192.0.2.1 local 203.0.113.7 ttl 255",
		"ip link set tb6 up mtu 1472",
		"ip -6 addr add 2001:db8:1:0:8000::3/127 dev tb6",
		"ip -6 route add ::/0 dev tb6",
		"ip -6 route add unreachable 2001:db8:5::/48",
		"ip -6 route add unreachable 2001:db8:7::/64" } },
	{ "ifupdown", {
		"# /etc/network/interfaces.d/tb6",
		"auto tb6", "iface tb6 inet6 v4tunnel", "address 2001:db8:1:0:8000::3",
		"netmask 127", "endpoint 192.0.2.1", "local 203.0.113.7",
		"gateway 2001:db8:1:0:8000::2", "ttl 255", "mtu 1472",
		"up ip -6 route replace unreachable 2001:db8:5::/48",
		"down ip -6 route del unreachable 2001:db8:7::/64 || true" } },
	{ "ifupdown-ng", {
		"# /etc/network/interfaces.d/tb6",
		"auto tb6", "iface tb6", "use tunnel", "tunnel-mode sit",
		"tunnel-remote 192.0.2.1", "tunnel-local 203.0.113.7", "tunnel-ttl 255",
		"mtu 1472", "address 2001:db8:1:0:8000::3/127", "gateway 2001:db8:1:0:8000::2",
		"up ip -6 route replace unreachable 2001:db8:7::/64",
		"down ip -6 route del unreachable 2001:db8:7::/64 || true" } },
	{ "netplan", {
		"# /etc/netplan/60-tb6.yaml",
		"network:", "version: 2", "tunnels:", "tb6:", "mode: sit", "remote: 192.0.2.1",
		"local: 203.0.113.7", "ttl: 255", "mtu: 1472", "addresses:",
		"- \"2001:db8:1:0:8000::3/127\"", "routes:", "- to: default",
		"via: \"2001:db8:1:0:8000::2\"", "- to: \"2001:db8:5::/48\"",
		"type: unreachable", "- to: \"2001:db8:7::/64\"", "type: unreachable" } },
	{ "networkd", {
		"# /etc/systemd/network/60-tb6.netdev",
		"[NetDev]", "Name=tb6", "Kind=sit", "MTUBytes=1472", "[Tunnel]",
		"Local=203.0.113.7", "Remote=192.0.2.1", "TTL=255", "Independent=yes",
		"# /etc/systemd/network/60-tb6.network",
		"[Match]", "Name=tb6", "[Network]", "Address=2001:db8:1:0:8000::3/127",
		"Gateway=2001:db8:1:0:8000::2", "[Route]", "Destination=2001:db8:5::/48",
		"Type=unreachable", "[Route]", "Destination=2001:db8:7::/64",
		"Type=unreachable" } },
	{ "networkmanager", {
		"# /etc/NetworkManager/system-connections/tb6.nmconnection",
		"[connection]", "id=tb6", "type=ip-tunnel", "interface-name=tb6", "[ip-tunnel]",
		"mode=3", "local=203.0.113.7", "remote=192.0.2.1", "ttl=255", "mtu=1472",
		"[ipv4]", "method=disabled", "[ipv6]", "method=manual",
		"address1=2001:db8:1:0:8000::3/127,2001:db8:1:0:8000::2",
		"addr-gen-mode=stable-privacy",
		"route1=2001:db8:5::/48", "route1_options=type=unreachable",
		"route2=2001:db8:7::/64", "route2_options=type=unreachable" } },
	{ "openwrt", {
		"set network.tb6=interface", "set network.tb6.proto='6in4'",
		"set network.tb6.peeraddr='192.0.2.1'", "set network.tb6.tunlink='wan'",
		"set network.tb6.ip6addr='2001:db8:1:0:8000::3/127'",
		"set network.tb6.mtu='1472'", "set network.tb6.ttl='255'",
		"add_list network.tb6.ip6prefix='2001:db8:5::/48'",
		"add_list network.tb6.ip6prefix='2001:db8:7::/64'",
		"set firewall.tb6=zone", "set firewall.tb6.name='tb6'",
		"set firewall.tb6.network='tb6'", "set firewall.tb6.family='ipv6'",
		"set firewall.tb6.input='REJECT'", "set firewall.tb6.output='ACCEPT'",
		"set firewall.tb6.forward='REJECT'", "set firewall.tb6_lan=forwarding",
		"set firewall.tb6_lan.src='lan'", "set firewall.tb6_lan.dest='tb6'",
		"set firewall.tb6_41=rule", "set firewall.tb6_41.src='wan'",
		"set firewall.tb6_41.family='ipv4'", "set firewall.tb6_41.proto='41'",
		"set firewall.tb6_41.src_ip='192.0.2.1'", "set firewall.tb6_41.target='ACCEPT'",
		"set firewall.tb6_ping=rule", "set firewall.tb6_ping.src='tb6'",
		"set firewall.tb6_ping.family='ipv6'", "set firewall.tb6_ping.proto='icmp'",
		"set firewall.tb6_ping.target='ACCEPT'", "set firewall.tb6_ping_lan=rule",
		"set firewall.tb6_ping_lan.src='tb6'", "set firewall.tb6_ping_lan.dest='*'",
		"set firewall.tb6_ping_lan.family='ipv6'",
		"set firewall.tb6_ping_lan.proto='icmp'",
		"set firewall.tb6_ping_lan.target='ACCEPT'",
		"set network.lan.ip6assign='64'", "set dhcp.lan.ra='server'",
		"set dhcp.lan.dhcpv6='server'", "commit", "END",
		"service network reload", "service firewall restart",
		"service odhcpd restart" } },
	{ "windows", {
		"netsh interface teredo set state disabled",
		"netsh interface ipv6 add v6v4tunnel interface=IP6Tunnel localaddress=203.0.113.7 remoteaddress=192.0.2.1",
		"netsh interface ipv6 add address interface=IP6Tunnel address=2001:db8:1:0:8000::3",
		/* The next hop is the IPv6 one. */
		"netsh interface ipv6 add route ::/0 IP6Tunnel 2001:db8:1:0:8000::2",
		"netsh interface ipv6 set subinterface IP6Tunnel mtu=1472 store=persistent",
		"rem Windows has no unreachable routes: what is for unused parts of 2001:db8:7::/64 returns to the server, which drops it.",
		"netsh interface ipv6 set interface IP6Tunnel forwarding=enabled",
		"netsh interface ipv6 set interface \"Ethernet\" forwarding=enabled advertise=enabled",
		"netsh interface ipv6 add address interface=\"Ethernet\" address=2001:db8:5::1",
		"netsh interface ipv6 add route 2001:db8:5::/64 \"Ethernet\" publish=yes" } },
	{ "macos", {
		"sudo ifconfig gif0 tunnel 203.0.113.7 192.0.2.1",
		/* With a peer it must be 128, though the pair is a /127. */
		"sudo ifconfig gif0 inet6 2001:db8:1:0:8000::3 2001:db8:1:0:8000::2 prefixlen 128",
		"sudo ifconfig gif0 mtu 1472 up",
		"sudo route -n add -inet6 default 2001:db8:1:0:8000::2",
		"sudo route -n add -inet6 2001:db8:5::/48 ::1 -reject" } },
	{ "freebsd", {
		"# /etc/rc.conf",
		"cloned_interfaces=\"${cloned_interfaces} gif0\"",
		"create_args_gif0=\"tunnel 203.0.113.7 192.0.2.1\"", "ifconfig_gif0=\"mtu 1472\"",
		"ifconfig_gif0_ipv6=\"inet6 2001:db8:1:0:8000::3 2001:db8:1:0:8000::2 prefixlen 128\"",
		"ipv6_defaultrouter=\"2001:db8:1:0:8000::2\"",
		"ipv6_static_routes=\"${ipv6_static_routes} tb6_1\"",
		"ipv6_route_tb6_1=\"2001:db8:5::/48 ::1 -reject\"",
		"ipv6_static_routes=\"${ipv6_static_routes} tb6_2\"",
		"ipv6_route_tb6_2=\"2001:db8:7::/64 ::1 -reject\"",
		"ipv6_gateway_enable=\"YES\"",
		"ifconfig_em1_ipv6=\"inet6 2001:db8:5::1 prefixlen 64\"",
		"rtadvd_enable=\"YES\"", "rtadvd_interfaces=\"em1\"" } },
	{ "openbsd", {
		"# /etc/hostname.gif0",
		"tunnel 203.0.113.7 192.0.2.1",
		"inet6 alias 2001:db8:1:0:8000::3 2001:db8:1:0:8000::2 prefixlen 128",
		"mtu 1472", "up", "!route -n add -inet6 default 2001:db8:1:0:8000::2",
		"!route -n add -inet6 2001:db8:7::/64 ::1 -reject",
		"# /etc/pf.conf",
		"pass in quick inet proto 41 from 192.0.2.1 to any",
		"pass out quick inet proto 41 from any to 192.0.2.1" } },
	{ "netbsd", {
		"# /etc/ifconfig.gif0", "create",
		"tunnel 203.0.113.7 192.0.2.1",
		"inet6 2001:db8:1:0:8000::3 2001:db8:1:0:8000::2 prefixlen 128",
		"mtu 1472", "up", "!route -n add -inet6 default 2001:db8:1:0:8000::2",
		"!route -n add -inet6 2001:db8:5::/48 ::1 -reject" } },
	{ "mikrotik", {
		"/interface 6to4 add name=sit1 mtu=1472 local-address=203.0.113.7 remote-address=192.0.2.1 !keepalive disabled=no",
		"/ipv6 address add address=2001:db8:1:0:8000::3/127 interface=sit1 advertise=no eui-64=no",
		"/ipv6 route add dst-address=2000::/3 gateway=2001:db8:1:0:8000::2 distance=1",
		"/ipv6 route add dst-address=2001:db8:5::/48 blackhole distance=254",
		"/ipv6 route add dst-address=2001:db8:7::/64 blackhole distance=254",
		"/ip firewall filter add chain=input protocol=ipv6-encap src-address=192.0.2.1 action=accept",
		"/ipv6 address add address=2001:db8:5::1/64 interface=bridge advertise=yes" } },
	{ "cisco", {
		"ipv6 unicast-routing", "interface Tunnel0", "no ip address", "ipv6 enable",
		"ipv6 address 2001:db8:1:0:8000::3/127", "ipv6 mtu 1472",
		"ipv6 tcp adjust-mss 1412", "tunnel source 203.0.113.7",
		"tunnel destination 192.0.2.1", "tunnel mode ipv6ip",
		"exit", "ipv6 route ::/0 Tunnel0", "ipv6 route 2001:db8:5::/48 Null0 254",
		"interface GigabitEthernet0/1", "ipv6 address 2001:db8:5::1/64", "exit" } },
	{ "junos", {
		"# On MX and vMX first: set chassis fpc 0 pic 0 tunnel-services bandwidth 1g",
		"set interfaces ip-0/0/0 unit 0 tunnel source 203.0.113.7",
		"set interfaces ip-0/0/0 unit 0 tunnel destination 192.0.2.1",
		"set interfaces ip-0/0/0 unit 0 family inet6 mtu 1472",
		"set interfaces ip-0/0/0 unit 0 family inet6 address 2001:db8:1:0:8000::3/127",
		"set routing-options rib inet6.0 static route ::/0 next-hop 2001:db8:1:0:8000::2",
		"set routing-options rib inet6.0 static route 2001:db8:7::/64 discard",
		"set security forwarding-options family inet6 mode flow-based",
		"set security zones security-zone untrust interfaces ip-0/0/0.0",
		"set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8:5::1/64",
		"set protocols router-advertisement interface ge-0/0/1.0 prefix 2001:db8:5::/64"
		} },
	{ "vyos", {
		"set interfaces tunnel tun0 encapsulation sit",
		"set interfaces tunnel tun0 source-address 203.0.113.7",
		"set interfaces tunnel tun0 remote 192.0.2.1",
		"set interfaces tunnel tun0 address 2001:db8:1:0:8000::3/127",
		"set interfaces tunnel tun0 mtu 1472",
		"set protocols static route6 ::/0 interface tun0",
		"set protocols static route6 2001:db8:5::/48 blackhole distance 254",
		"set interfaces ethernet eth1 address 2001:db8:5::1/64",
		"set service router-advert interface eth1 prefix 2001:db8:5::/64" } },
	{ "edgeos", {
		"set interfaces tunnel tun0 encapsulation sit",
		"set interfaces tunnel tun0 local-ip 203.0.113.7",
		"set interfaces tunnel tun0 remote-ip 192.0.2.1",
		"set interfaces tunnel tun0 address 2001:db8:1:0:8000::3/127",
		"set interfaces tunnel tun0 multicast disable",
		"set interfaces tunnel tun0 mtu 1472",
		"set protocols static interface-route6 ::/0 next-hop-interface tun0",
		"set protocols static route6 2001:db8:7::/64 blackhole distance 254",
		"set interfaces ethernet eth1 address 2001:db8:5::1/64",
		"set interfaces ethernet eth1 ipv6 router-advert send-advert true",
		"set interfaces ethernet eth1 ipv6 router-advert prefix 2001:db8:5::/64" } },
	{ "fortigate", {
		"config system sit-tunnel", "edit \"tb6\"", "set source 203.0.113.7",
		"set destination 192.0.2.1", "set ip6 2001:db8:1:0:8000::3/127",
		"set interface \"wan1\"", "next", "end",
		"# The tunnel carries packets of 1472 bytes: set that as the MTU of \"tb6\" where this version can.",
		"config router static6", "edit 0", "set device \"tb6\"", "next", "edit 0",
		"set dst 2001:db8:5::/48", "set blackhole enable", "set distance 254", "next",
		"set dst 2001:db8:7::/64", "set blackhole enable", "set distance 254", "end",
		"config system interface", "edit \"internal\"", "config ipv6",
		"set ip6-address 2001:db8:5::1/64", "set ip6-send-adv enable",
		"config ip6-prefix-list", "edit 2001:db8:5::/64", "set autonomous-flag enable",
		"set onlink-flag enable" } },
	{ "keenetic", {
		"! The tunnel carries packets of 1472 bytes: set that as its MTU where this version can.",
		"interface TunnelSixInFour0", "tunnel destination 192.0.2.1",
		/* Without its length. */
		"ipv6 address 2001:db8:1:0:8000::3", "ipv6 prefix 2001:db8:5::/48",
		"ipv6 prefix 2001:db8:7::/64", "ipv6 force-default", "up", "exit",
		"ipv6 subnet Default", "bind Home", "number 0", "mode slaac", "exit",
		"system configuration save" } },
	{ "radvd", {
		"sysctl -w net.ipv6.conf.all.forwarding=1",
		"ip -6 addr add 2001:db8:5::1/64 dev eth1",
		"# /etc/radvd.conf",
		"interface eth1 {", "AdvSendAdvert on;", "AdvLinkMTU 1472;",
		"prefix 2001:db8:5::/64 {", "AdvOnLink on;", "AdvAutonomous on;" } },
	{ "dnsmasq", {
		"sysctl -w net.ipv6.conf.all.forwarding=1",
		"ip -6 addr add 2001:db8:5::1/64 dev eth1",
		"# /etc/dnsmasq.d/tb6.conf", "interface=eth1", "enable-ra",
		"dhcp-range=2001:db8:5::,ra-only,64", "ra-param=eth1,mtu:1472,0" } },
};

#define EXPECTED	(sizeof(expected) / sizeof(*expected))

/* A client as client_json() describes it. */
static json_t *client_new(const char *endpoint, json_t *routed)
{
	return json_pack("{s:s,s:s?,s:s,s:s,s:s,s:o,s:i,s:s}", "name", "home", "endpoint", endpoint,
			 "server_ipv4", "192.0.2.1", "server_ipv6", "2001:db8:1:0:8000::2",
			 "client_ipv6", "2001:db8:1:0:8000::3", "routed", routed, "mtu", 1472,
			 "link", "broker0");
}

static json_t *two_prefixes(void)
{
	return json_pack("[s,s]", "2001:db8:5::/48", "2001:db8:7::/64");
}

static const struct format *format_named(const char *name)
{
	const struct format *format;

	for (format = formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	fail_msg("there is no format %s", name);
	return NULL;
}

/* What a person gets to see, in static memory; "" where the form is not for this client. */
static const char *filled(const struct format *format, json_t *client, const char *local)
{
	static char text[16384];
	json_t *fields = client_fields(client, local), *files, *file;
	char *needs = format_word(format, "needs");
	size_t i, at = 0;

	*text = '\0';
	if (!needs || json_object_get(fields, needs)) {
		files = format_fill(format, fields);
		if (!files)
			fail_msg("%s has a field that nobody knows", format->name);
		json_array_foreach(files, i, file) {
			if (string(file, "path"))
				at += snprintf(text + at, sizeof(text) - at, "# %s\n",
					       string(file, "path"));
			at += snprintf(text + at, sizeof(text) - at, "%s", string(file, "text"));
		}
		assert_true(at < sizeof(text));
		json_decref(files);
	}
	free(needs);
	json_decref(fields);
	json_decref(client);
	return text;
}

/* What stands behind it, from the first to the last character that is no blank; or NULL. */
static const char *behind_line(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);
	bool found = false;

	while (!found && *text) {
		text += strspn(text, " \t");
		found = !strncmp(text, wanted, length) && (text[length] == '\n' || !text[length]);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return found ? text : NULL;
}

static unsigned int count_line(const char *text, const char *wanted)
{
	unsigned int count = 0;

	while ((text = behind_line(text, wanted)))
		count++;
	return count;
}

static void test_fields(void **state)
{
	const char *const *line;
	const char *text, *rest;
	size_t i;

	(void)state;
	for (i = 0; i < EXPECTED; i++) {
		text = filled(format_named(expected[i].format),
			      client_new("203.0.113.7", two_prefixes()), NULL);
		for (line = expected[i].lines, rest = text; *line; line++) {
			rest = behind_line(rest, *line);
			if (!rest)
				fail_msg("%s: no line \"%s\" behind those before it in\n%s",
					 expected[i].format, *line, text);
		}
		assert_null(expected[i].lines[LINES_MAX - 1]);
	}
}

static void test_every_form_is_tested(void **state)
{
	const struct format *format;
	char *about;
	size_t i;

	(void)state;
	for (format = formats; format->name; format++) {
		for (i = 0; i < EXPECTED && strcmp(expected[i].format, format->name); i++)
			;
		if (i == EXPECTED)
			fail_msg("nothing is expected of %s", format->name);
		about = format_word(format, "about");
		assert_non_null(about);
		free(about);
	}
}

/* Nothing of a form's own words is left over, whatever the client has. */
static void test_clean(void **state)
{
	const struct format *format;
	const char *text;
	unsigned int i;

	(void)state;
	for (format = formats; format->name; format++) {
		for (i = 0; i < 4; i++) {
			text = filled(format,
				      client_new(i & 1 ? "203.0.113.7" : NULL,
						 i & 2 ? two_prefixes() : json_array()), NULL);
			if (strchr(text, '@') || strstr(text, "(null)"))
				fail_msg("%s:\n%s", format->name, text);
		}
	}
}

/* Without a routed prefix nothing speaks of one, and who announces one has nothing to do. */
static void test_no_routed(void **state)
{
	static const char *const words[] = {
		"unreachable", "blackhole", "discard", "Null0", "reject", "ip6prefix", "[Route]",
		"route1", "LAN", "2001:db8:5:", "ipv6 prefix",
	};
	const struct format *format;
	const char *text;
	size_t i;

	(void)state;
	for (format = formats; format->name; format++) {
		text = filled(format, client_new("203.0.113.7", json_array()), NULL);
		if (!strcmp(format->name, "radvd") || !strcmp(format->name, "dnsmasq"))
			assert_string_equal(text, "");
		else
			assert_non_null(strstr(text, "192.0.2.1"));
		for (i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strstr(text, words[i]))
				fail_msg("%s speaks of %s:\n%s", format->name, words[i], text);
	}
}

/* A prefix that is longer than /64 is routed, but is no LAN; the first that is one counts. */
static void test_lan(void **state)
{
	const char *text;

	(void)state;
	text = filled(format_named("cisco"),
		      client_new("203.0.113.7", json_pack("[s]", "2001:db8:9::/112")), NULL);
	assert_int_equal(count_line(text, "ipv6 route 2001:db8:9::/112 Null0 254"), 1);
	assert_null(strstr(text, "GigabitEthernet"));
	text = filled(format_named("radvd"),
		      client_new("203.0.113.7",
				 json_pack("[s,s]", "2001:db8:9::/112", "2001:db8:a:b00::/56")),
		      NULL);
	assert_int_equal(count_line(text, "prefix 2001:db8:a:b00::/64 {"), 1);
	assert_int_equal(count_line(text, "ip -6 addr add 2001:db8:a:b00::1/64 dev eth1"), 1);
}

/* Who cannot be told the MTU hears of one that is smaller than all take it for. */
static void test_mtu(void **state)
{
	static const char *const silent[] = { "fortigate", "keenetic" };
	json_t *client;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(silent) / sizeof(*silent); i++) {
		client = client_new("203.0.113.7", two_prefixes());
		json_object_set_new(client, "mtu", json_integer(1480));
		assert_null(strstr(filled(format_named(silent[i]), client, NULL), "MTU"));
	}
}

static void test_addresses(void **state)
{
	const struct format *format;
	const char *text;

	(void)state;
	/* Keenetic and OpenWrt find the address by themselves. */
	for (format = formats; format->name; format++) {
		char *needs = format_word(format, "needs");
		bool asks = !needs && strcmp(format->name, "openwrt") &&
			    strcmp(format->name, "keenetic");

		free(needs);
		text = filled(format, client_new(NULL, json_array()), NULL);
		assert_int_equal(!!strstr(text, CLIENT_PLACEHOLDER), asks);
		text = filled(format, client_new("203.0.113.7", json_array()), "10.1.2.3");
		assert_int_equal(!!strstr(text, "10.1.2.3"),
				 asks || !strcmp(format->name, "openwrt"));
		assert_null(strstr(text, "203.0.113.7"));
	}
	text = filled(format_named("openwrt"), client_new("203.0.113.7", json_array()), NULL);
	assert_null(strstr(text, "ipaddr"));
}

/* A form with everything that a form can have. */
static void test_form(void **state)
{
	static const struct format form = {
		"form",
		"@# comment\n@about A form\n"
		"first @NAME@ a@b.example @ @@ @LIST\n"
		"@with LIST\n@N@: @LIST@ of @NAME@\n@end\n"
		"@with NAME\nfor @NAME@, @N@\n@end\n"
		"@with NOTHING\nnever @NOTHING@ @UNKNOWN@\n@end\n"
		"@file /etc/a\n@file /etc/b\n\tb\\\"\n@commands\nlast\n"
	};
	static const struct format bad = { "bad", "@UNKNOWN@\n" };
	json_t *fields = json_pack("{s:s,s:[s,s]}", "NAME", "x", "LIST", "one", "two");
	json_t *files = format_fill(&form, fields);

	(void)state;
	assert_int_equal(json_array_size(files), 3);
	assert_string_equal(string(json_array_get(files, 0), "text"),
			    "first x a@b.example @ @@ @LIST\n1: one of x\n2: two of x\nfor x, 1\n");
	assert_true(json_is_null(json_object_get(json_array_get(files, 0), "path")));
	assert_string_equal(string(json_array_get(files, 1), "path"), "/etc/b");
	assert_string_equal(string(json_array_get(files, 1), "text"), "\tb\\\"\n");
	assert_string_equal(string(json_array_get(files, 2), "text"), "last\n");
	json_decref(files);
	assert_null(format_fill(&bad, fields));
	json_decref(fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_every_form_is_tested),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_no_routed),
		cmocka_unit_test(test_lan),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests_name("client configurations", tests, NULL, NULL);
}
