// SPDX-License-Identifier: GPL-2.0
/*
 * Solicited-node groups of the first clients' pairs, for switches that snoop
 * MLD: they send solicitations only to ports that joined the target's group,
 * whatever the device would take.
 *
 * Joining needs RTNL, which those who change clients do not hold, hence the
 * work. It only tries for RTNL: who cancels it holds that.
 */

#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "client.h"
#include "link.h"
#include "uplink.h"

#define SB_GROUP_DELAY	(HZ / 10)
#define SB_GROUP_RETRY	HZ

static struct in6_addr sb_group_address(u32 bits)
{
	struct in6_addr group = { { { 0xff, 0x02, [11] = 1, [12] = 0xff } } };

	group.s6_addr[13] = bits >> 16;
	group.s6_addr[14] = bits >> 8;
	group.s6_addr[15] = bits;
	return group;
}

static int sb_group_join(struct sb_uplink *uplink, u32 bits)
{
	struct in6_addr group = sb_group_address(bits);

	return ipv6_dev_mc_inc(uplink->dev, &group);
}

static void sb_group_leave(struct sb_uplink *uplink, u32 bits)
{
	struct in6_addr group = sb_group_address(bits);

	ipv6_dev_mc_dec(uplink->dev, &group);
}

static int sb_group_cmp(const void *a, const void *b)
{
	u32 left = *(const u32 *)a, right = *(const u32 *)b;

	return left < right ? -1 : left > right;
}

/* The groups that should be joined, ascending, without duplicates. */
static unsigned int sb_group_list(struct sb_link *link, u32 *groups)
{
	unsigned int n = 0, unique = 0, i;
	struct sb_client *client;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&link->clients, id, client) {
		if (!sb_client_is_live(client) || sb_client_is(client, SB_CLIENT_DISABLED))
			continue;
		if (n + 2 > SB_GROUPS_MAX)
			break;
		groups[n] = ntohl(client->server.s6_addr32[3]) & 0xffffff;
		groups[n + 1] = groups[n] | 1;
		n += 2;
	}
	rcu_read_unlock();

	sort(groups, n, sizeof(*groups), sb_group_cmp, NULL);
	for (i = 0; i < n; i++)
		if (!i || groups[i] != groups[unique - 1])
			groups[unique++] = groups[i];
	return unique;
}

/*
 * Join what is new, leave what is gone: both lists ascend. Only what was joined
 * is kept in @groups: others join the same groups, this host for its own
 * addresses, and to leave one for which we were not counted takes it from them.
 *
 * Return: were all joined?
 */
static bool sb_group_change(struct sb_uplink *uplink, u32 *groups, unsigned int n)
{
	unsigned int i = 0, j = 0, joined = 0;

	while (i < n || j < uplink->n_groups) {
		if (j == uplink->n_groups || (i < n && groups[i] < uplink->groups[j])) {
			if (!sb_group_join(uplink, groups[i]))
				groups[joined++] = groups[i];
			i++;
		} else if (i == n || groups[i] > uplink->groups[j]) {
			sb_group_leave(uplink, uplink->groups[j++]);
		} else {
			groups[joined++] = groups[i++];
			j++;
		}
	}
	if (joined)
		memcpy(uplink->groups, groups, joined * sizeof(*groups));
	WRITE_ONCE(uplink->n_groups, joined);
	return joined == n;
}

/*
 * While the MTU is too small for IPv6 the device has no IPv6 side, and a new one
 * afterwards: the groups went with the old one, and there is nothing to leave.
 *
 * Return: is there one?
 */
static bool sb_group_follow(struct sb_uplink *uplink)
{
	if (uplink->idev && READ_ONCE(uplink->idev->dead)) {
		in6_dev_put(uplink->idev);
		uplink->idev = NULL;
		WRITE_ONCE(uplink->n_groups, 0);
	}
	if (!uplink->idev)
		uplink->idev = in6_dev_get(uplink->dev);
	return uplink->idev;
}

static void sb_group_work(struct work_struct *work)
{
	struct sb_uplink *uplink = container_of(to_delayed_work(work), struct sb_uplink,
						group_work);
	u32 *groups;

	if (!rtnl_trylock()) {
		sb_group_update(uplink);
		return;
	}
	if (!sb_group_follow(uplink))
		goto unlock;
	groups = kmalloc_array(SB_GROUPS_MAX, sizeof(*groups), GFP_KERNEL);
	/* Short of memory: once more, later. */
	if (!groups || !sb_group_change(uplink, groups, sb_group_list(uplink->link, groups)))
		schedule_delayed_work(&uplink->group_work, SB_GROUP_RETRY);
	kfree(groups);
unlock:
	rtnl_unlock();
}

void sb_group_init(struct sb_uplink *uplink)
{
	INIT_DELAYED_WORK(&uplink->group_work, sb_group_work);
}

/* Clients have changed: soon, since more may. */
void sb_group_update(struct sb_uplink *uplink)
{
	schedule_delayed_work(&uplink->group_work, SB_GROUP_DELAY);
}

/* The uplink came up, or has another MTU, and may have lost its groups; the caller holds RTNL. */
void sb_group_renew(struct sb_uplink *uplink)
{
	ASSERT_RTNL();

	sb_group_follow(uplink);
	sb_group_update(uplink);
}

/* The caller holds RTNL. */
void sb_group_stop(struct sb_uplink *uplink)
{
	ASSERT_RTNL();

	cancel_delayed_work_sync(&uplink->group_work);
	if (!sb_group_follow(uplink))
		return;
	sb_group_change(uplink, NULL, 0);
	in6_dev_put(uplink->idev);
	uplink->idev = NULL;
}
