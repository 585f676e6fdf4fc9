// SPDX-License-Identifier: GPL-2.0
/* What pools are refused because of this host's routes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../tools/brokertool/route.c"

/* Routes that the kernel, played here, lists; via4: the IPv6 gateway of an IPv4 route. */
static struct listed {
	const char *to;
	const char *via[2];
	const char *via4;
	__u32 metric;
	int type;
	int protocol;
} routes[8];

/* How often the dump is interrupted. */
static unsigned int interruptions, n_dumps;
static char complaint[512];

static void list(const struct listed *listed, kernel_receive receive, void *arg)
{
	struct rtmsg route = { .rtm_family = listed->via4 ? AF_INET : AF_INET6,
			       .rtm_table = RT_TABLE_MAIN,
			       .rtm_type = listed->type ?: RTN_UNICAST,
			       .rtm_protocol = listed->protocol ?: RTPROT_STATIC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, 0);
	struct {
		__u16 family;
		struct in6_addr address;
	} __attribute__((packed)) via4 = { .family = AF_INET6 };
	struct rtnexthop path = { .rtnh_len = sizeof(path) + NLA_HDRLEN + 16 };
	struct in6_addr via[2] = { };
	struct prefix to = { };
	struct nlattr *paths;
	int i;

	assert_null(prefix_parse(listed->to, &to));
	for (i = 0; i < 2 && listed->via[i]; i++)
		assert_null(ipv6_parse(listed->via[i], &via[i]));
	route.rtm_dst_len = to.length;
	nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO);
	if (to.length)
		nla_put(msg, RTA_DST, 16, &to.address);
	if (i == 1)
		nla_put(msg, RTA_GATEWAY, 16, &via[0]);
	if (listed->metric)
		nla_put_u32(msg, RTA_PRIORITY, listed->metric);
	if (listed->via4) {
		assert_null(ipv6_parse(listed->via4, &via[0]));
		via4.address = via[0];
		nla_put(msg, RTA_VIA, sizeof(via4), &via4);
	}
	paths = i == 2 ? nla_nest_start(msg, RTA_MULTIPATH) : NULL;
	for (i = 0; paths && i < 2; i++) {
		nlmsg_append(msg, &path, sizeof(path), NLMSG_ALIGNTO);
		nla_put(msg, RTA_GATEWAY, 16, &via[i]);
	}
	if (paths)
		nla_nest_end(msg, paths);
	receive(msg, arg);
	nlmsg_free(msg);
}

int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	unsigned int i;

	struct rtmsg *wanted = nlmsg_data(nlmsg_hdr(msg));

	(void)kernel;
	(void)socket;
	n_dumps++;
	for (i = 0; nlmsg_hdr(msg)->nlmsg_type == RTM_GETROUTE && routes[i].to; i++)
		if (wanted->rtm_family == (routes[i].via4 ? AF_INET : AF_INET6))
			list(&routes[i], receive, arg);
	if (!interruptions)
		return 0;
	interruptions--;
	return -EINTR;
}

int refused(const struct broker *broker, const char *what)
{
	(void)broker;
	(void)what;
	return EXIT_REFUSED;
}

int refuse(struct broker *broker, int error, const char *format, ...)
{
	va_list args;

	(void)broker;
	(void)error;
	va_start(args, format);
	vsnprintf(complaint, sizeof(complaint), format, args);
	va_end(args);
	return EXIT_REFUSED;
}

int link_info_get(struct broker *broker, uint32_t ifindex, struct link_info *link)
{
	(void)broker;
	(void)ifindex;
	(void)link;
	return -ENODEV;
}

static int check(const char *pool)
{
	struct broker broker = { };
	struct prefix prefix;

	*complaint = '\0';
	n_dumps = 0;
	assert_null(prefix_parse(pool, &prefix));
	return route_check_pool(&broker, 0, &prefix);
}

static int setup(void **state)
{
	(void)state;
	memset(routes, 0, sizeof(routes));
	interruptions = 0;
	return 0;
}

static void a_gateway_is_not_given_away(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "::/0", .via = { "2001:db8:1::fe" } };
	assert_int_equal(check("2001:db8:1::f0/124"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "holds 2001:db8:1::fe, a gateway"));
	assert_int_equal(check("2001:db8:1::e0/124"), EXIT_OK);
}

static void nor_is_the_second_of_two(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:9::/48",
				      .via = { "2001:db8:1::1", "2001:db8:1::fe" } };
	assert_int_equal(check("2001:db8:1::f0/124"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "holds 2001:db8:1::fe, a gateway"));
	assert_int_equal(check("2001:db8:1::/124"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "holds 2001:db8:1::1, a gateway"));
}

static void an_onlink_prefix_must_be_larger(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:1::/64" };
	assert_int_equal(check("2001:db8:1::/64"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "all of 2001:db8:1::/64, which is on-link"));
	assert_int_equal(check("2001:db8::/32"), EXIT_REFUSED);
	assert_int_equal(check("2001:db8:1:0:8000::/80"), EXIT_OK);
	assert_int_equal(check("2001:db8:1::/80"), EXIT_OK);
	assert_int_equal(check("2001:db8:2::/64"), EXIT_OK);
}

/* Neither would survive, or ours would not count. */
static void the_route_of_somebody_else_stays(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:5::/48", .via = { "fe80::2" },
				      .metric = 100 };
	routes[1] = (struct listed) { .to = "2001:db8:6::/48", .type = RTN_UNREACHABLE,
				      .metric = 1024 };
	assert_int_equal(check("2001:db8:5::/48"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "ip -6 route del 2001:db8:5::/48"));
	assert_int_equal(check("2001:db8:6::/48"), EXIT_REFUSED);
	assert_int_equal(check("2001:db8:5::/56"), EXIT_OK);
}

/* The route of a pool, and one that counts only without it. */
static void other_routes_do_not_matter(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:7::/48", .protocol = RTPROT_SITBROKER };
	routes[1] = (struct listed) { .to = "2001:db8:8::/48", .type = RTN_UNREACHABLE,
				      .metric = 4278198272 };
	assert_int_equal(check("2001:db8:7::/48"), EXIT_OK);
	assert_int_equal(check("2001:db8:8::/48"), EXIT_OK);
}

static void so_is_one_of_an_ipv4_route(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "::/0", .via4 = "2001:db8:1::d0" };
	assert_int_equal(check("2001:db8:1::d0/124"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "holds 2001:db8:1::d0, a gateway"));
}

static void what_is_all_local_is_not_given_away(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:ee::/64", .type = RTN_LOCAL };
	assert_int_equal(check("2001:db8:ee::/48"), EXIT_REFUSED);
	assert_int_equal(check("2001:db8:ee:0:1::/80"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "all of which are this host's own"));
	assert_int_equal(check("2001:db8:ef::/64"), EXIT_OK);
}

static void nor_is_a_neighbour(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "2001:db8:1::e0/128" };
	assert_int_equal(check("2001:db8:1::e0/124"), EXIT_REFUSED);
	assert_non_null(strstr(complaint, "a neighbour of this host"));
}

static void changing_routes_do_not_keep_us_for_ever(void **state)
{
	(void)state;
	routes[0] = (struct listed) { .to = "::/0", .via = { "2001:db8:1::fe" } };
	interruptions = 2;
	assert_int_equal(check("2001:db8:2::/64"), EXIT_OK);
	/* And one of IPv4 routes, one of nexthop objects. */
	assert_int_equal(n_dumps, 3 + 2);
	interruptions = 1000;
	assert_int_equal(check("2001:db8:2::/64"), EXIT_OK);
	assert_int_equal(n_dumps, 3 * DUMP_TRIES);
	interruptions = 1000;
	assert_int_equal(check("2001:db8:1::f0/124"), EXIT_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_gateway_is_not_given_away, setup),
		cmocka_unit_test_setup(nor_is_the_second_of_two, setup),
		cmocka_unit_test_setup(an_onlink_prefix_must_be_larger, setup),
		cmocka_unit_test_setup(the_route_of_somebody_else_stays, setup),
		cmocka_unit_test_setup(other_routes_do_not_matter, setup),
		cmocka_unit_test_setup(so_is_one_of_an_ipv4_route, setup),
		cmocka_unit_test_setup(what_is_all_local_is_not_given_away, setup),
		cmocka_unit_test_setup(nor_is_a_neighbour, setup),
		cmocka_unit_test_setup(changing_routes_do_not_keep_us_for_ever, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
