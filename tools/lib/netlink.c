// SPDX-License-Identifier: GPL-2.0
/* Requests to the kernel, and the sentence with which it refuses one. */

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sitbroker.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "module.h"
#include "netlink.h"

/* A dump message holds up to 32 KB. */
#define RECEIVE_SIZE	(64 * 1024)

static int kernel_refuse(struct kernel *kernel, int error, const char *text)
{
	struct refusal *refusal = &kernel->refusal;

	*refusal = (struct refusal) { .error = error };
	snprintf(refusal->text, sizeof(refusal->text), "%s", text);
	return -error;
}

/* Without a sentence, as other parts of the kernel refuse: what the number means, and a way out. */
static void kernel_refuse_bare(struct kernel *kernel, int error)
{
	const char *way = "the kernel's log may say why, see dmesg";
	char text[256];

	if (error == EPERM) {
		kernel_refuse(kernel, EPERM,
			      "not permitted; it needs root (CAP_NET_ADMIN in this network namespace)");
		return;
	}
	if (error == ENOMEM || error == ENOBUFS)
		way = "try again when there is more memory";
	snprintf(text, sizeof(text), "%s; %s", strerror(error), way);
	kernel_refuse(kernel, error, text);
	kernel->refusal.bare = true;
}

static struct nl_sock *kernel_socket(int protocol)
{
	struct nl_sock *socket = nl_socket_alloc();
	int on = 1;

	if (!socket)
		return NULL;
	if (nl_connect(socket, protocol) < 0) {
		nl_socket_free(socket);
		return NULL;
	}
	/* Best effort: without them an old kernel still says its error number. */
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl_socket_set_msg_buf_size(socket, RECEIVE_SIZE);
	/* libnl's default takes no message of more than 64 KB. */
	nl_socket_set_buffer_size(socket, 4 * RECEIVE_SIZE, 2 * REQUEST_MAX);
	return socket;
}

int kernel_open(struct kernel *kernel)
{
	*kernel = (struct kernel) {};
	kernel->generic = kernel_socket(NETLINK_GENERIC);
	kernel->route = kernel_socket(NETLINK_ROUTE);
	if (kernel->generic && kernel->route)
		return 0;
	kernel_close(kernel);
	return kernel_refuse(kernel, ENOTSUP, "no netlink socket could be opened");
}

void kernel_close(struct kernel *kernel)
{
	nl_socket_free(kernel->generic);
	nl_socket_free(kernel->route);
	kernel->generic = NULL;
	kernel->route = NULL;
}

/* Find the family, which loads the module where it is installed. */
int kernel_family(struct kernel *kernel)
{
	struct absence absence;

	if (kernel->family > 0)
		return 0;
	kernel->family = genl_ctrl_resolve(kernel->generic, SITBROKER_FAMILY_NAME);
	if (kernel->family > 0)
		return 0;
	kernel->family = 0;
	/* Not ENOENT, which stands for a client that does not exist. */
	module_absence(&absence);
	return kernel_refuse(kernel, EPROTONOSUPPORT, absence.text);
}

/* This reads all families: libnl has no shorter way to a version. */
int kernel_family_version(struct kernel *kernel, unsigned int *version)
{
	struct genl_family *found;
	struct nl_cache *families;
	int err;

	err = kernel_family(kernel);
	if (err)
		return err;
	if (genl_ctrl_alloc_cache(kernel->generic, &families))
		return kernel_refuse(kernel, ENOMEM, "out of memory");
	found = genl_ctrl_search_by_name(families, SITBROKER_FAMILY_NAME);
	*version = found ? genl_family_get_version(found) : 0;
	genl_family_put(found);
	nl_cache_free(families);
	return 0;
}

/*
 * Events of a group from now on. The group is looked for over sockets of its own:
 * on one that has events, those would be mixed up with the answers.
 */
int kernel_join(struct kernel *kernel, const char *group)
{
	struct kernel ask;
	int err, id = -1;

	err = kernel_open(&ask) ?: kernel_family(&ask);
	kernel->refusal = ask.refusal;
	kernel->family = ask.family;
	if (!err)
		id = genl_ctrl_resolve_grp(ask.generic, SITBROKER_FAMILY_NAME, group);
	kernel_close(&ask);
	if (err)
		return err;
	if (id < 0)
		return kernel_refuse(kernel, ENOENT,
				     "the module has no such events; it is older than this program");
	if (nl_socket_add_membership(kernel->generic, id) < 0)
		return kernel_refuse(kernel, EPERM,
				     "not permitted; it needs root (CAP_NET_ADMIN in this network namespace)");
	return 0;
}

/*
 * Be told when the family goes and comes: a group's members are forgotten with
 * it. Before kernel_join(), so that it cannot go unseen in between.
 */
int kernel_watch_family(struct kernel *kernel)
{
	int id = genl_ctrl_resolve_grp(kernel->generic, "nlctrl", "notify");

	if (id < 0 || nl_socket_add_membership(kernel->generic, id) < 0)
		return kernel_refuse(kernel, ENOTSUP, "no netlink socket could be opened");
	return 0;
}

/* Join a group of those that the family is announced with. */
static void kernel_join_announced(struct kernel *kernel, struct nlattr *groups, const char *group)
{
	struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1], *attr;
	int rest;

	if (!groups)
		return;
	nla_for_each_nested(attr, groups, rest)
		if (!nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, attr, NULL) &&
		    tb[CTRL_ATTR_MCAST_GRP_NAME] && tb[CTRL_ATTR_MCAST_GRP_ID] &&
		    !nla_strcmp(tb[CTRL_ATTR_MCAST_GRP_NAME], group))
			nl_socket_add_membership(kernel->generic,
						 nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]));
}

/**
 * kernel_family_event() - does a message say that the family went or came?
 * @kernel: the sockets it arrived at, with kernel_watch_family(); the id of the
 *	family is as the message says
 * @header: the message
 * @group: joined again when the family comes
 *
 * Return: FAMILY_SAME for every other message.
 */
enum family_event kernel_family_event(struct kernel *kernel, struct nlmsghdr *header,
				      const char *group)
{
	struct genlmsghdr *generic = nlmsg_data(header);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (header->nlmsg_type != GENL_ID_CTRL ||
	    genlmsg_parse(header, 0, tb, CTRL_ATTR_MAX, NULL) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_NAME] || !tb[CTRL_ATTR_FAMILY_ID] ||
	    nla_strcmp(tb[CTRL_ATTR_FAMILY_NAME], SITBROKER_FAMILY_NAME))
		return FAMILY_SAME;
	if (generic->cmd == CTRL_CMD_DELFAMILY) {
		kernel->family = 0;
		return FAMILY_GONE;
	}
	if (generic->cmd != CTRL_CMD_NEWFAMILY)
		return FAMILY_SAME;
	kernel->family = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	kernel_join_announced(kernel, tb[CTRL_ATTR_MCAST_GROUPS], group);
	return FAMILY_BACK;
}

/* A request of the family, whose id kernel_request() fills in. */
struct nl_msg *kernel_message(uint8_t command, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	if (msg)
		genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, 0, 0, NLM_F_REQUEST | flags, command,
			    SITBROKER_FAMILY_VERSION);
	return msg;
}

/* The sentence and the offset, where the kernel gave them, from the attributes at @skip. */
static void kernel_read_extack(struct kernel *kernel, struct nlmsghdr *header, size_t skip)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	struct refusal *refusal = &kernel->refusal;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse(header, skip, tb, NLMSGERR_ATTR_MAX, NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		kernel_refuse(kernel, refusal->error, nla_get_string(tb[NLMSGERR_ATTR_MSG]));
	if (tb[NLMSGERR_ATTR_OFFS]) {
		refusal->has_offset = true;
		refusal->offset = nla_get_u32(tb[NLMSGERR_ATTR_OFFS]);
	}
}

/* The error message's own header is in front of what libnl hands over. */
static int kernel_on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct kernel *kernel = arg;
	size_t skip = sizeof(*error);

	(void)from;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - NLMSG_HDRLEN;
	kernel_refuse_bare(kernel, -error->error);
	kernel_read_extack(kernel, header, skip);
	return NL_STOP;
}

struct kernel_transfer {
	struct kernel *kernel;
	kernel_receive receive;
	void *arg;
	bool done;
};

static int kernel_on_message(struct nl_msg *msg, void *arg)
{
	struct kernel_transfer *transfer = arg;

	return transfer->receive ? transfer->receive(msg, transfer->arg) : NL_OK;
}

static int kernel_on_end(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct kernel_transfer *transfer = arg;
	int error;

	transfer->done = true;
	/* A dump that is refused says so in its last message. */
	if (header->nlmsg_type == NLMSG_DONE && nlmsg_datalen(header) >= (int)sizeof(error)) {
		memcpy(&error, nlmsg_data(header), sizeof(error));
		if (error < 0) {
			kernel_refuse_bare(transfer->kernel, -error);
			kernel_read_extack(transfer->kernel, header, sizeof(error));
		}
	}
	return NL_STOP;
}

/**
 * kernel_request() - send a request, receive what answers it
 * @kernel: the sockets
 * @socket: one of them
 * @msg: the request; stays the caller's
 * @receive: called for each message of the answer, returns NL_OK; or NULL
 * @arg: for @receive
 *
 * Return: 0 or a negative errno, -EINTR where a dump was inconsistent and must
 * be repeated.
 */
int kernel_request(struct kernel *kernel, struct nl_sock *socket, struct nl_msg *msg,
		   kernel_receive receive, void *arg)
{
	struct kernel_transfer transfer = { .kernel = kernel, .receive = receive, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		return kernel_refuse(kernel, ENOMEM, "out of memory");
	kernel->refusal = (struct refusal) {};
	if (socket == kernel->generic) {
		err = kernel_family(kernel);
		if (err) {
			nl_cb_put(cb);
			return err;
		}
		nlmsg_hdr(msg)->nlmsg_type = kernel->family;
	}
	nl_cb_err(cb, NL_CB_CUSTOM, kernel_on_error, kernel);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, kernel_on_message, &transfer);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, kernel_on_end, &transfer);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, kernel_on_end, &transfer);

	/* Without a dump every request is acknowledged, after its answer. */
	if (!(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP))
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	err = nl_send_auto(socket, msg);
	while (err >= 0 && !transfer.done && !kernel->refusal.error)
		err = nl_recvmsgs(socket, cb);
	nl_cb_put(cb);

	if (kernel->refusal.error)
		return -kernel->refusal.error;
	if (err == -NLE_DUMP_INTR)
		return -EINTR;
	if (err < 0)
		return kernel_refuse(kernel, EIO, nl_geterror(err));
	return 0;
}
