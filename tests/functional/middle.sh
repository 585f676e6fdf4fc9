# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The middle way in (kmod/outer-hook.c), which packets take while somebody listens to
# protocol 41: its conditions are those of the short way (early.sh). The world: lib.sh.

# shellcheck source=tests/functional/early.sh
. "$here/early.sh"

# world reads it
with_listener()
{
	heard=1 "$@"
	check "nothing took the short way" test "$(early)" = 0
}

# Spoofed sources are refused on the short way by spoofing.sh.
test_heard_client_spoofs()
{
	with_listener test_client_spoofs
}

test_heard_stranger()
{
	with_listener test_stranger
}

test_heard_outer_addresses()
{
	with_listener test_outer_addresses
}

test_heard_uplink_spoof()
{
	with_listener test_uplink_spoof
}

test_heard_headers()
{
	with_listener test_headers
}

# What the route says that a packet would be given is as much a condition of the middle way.
test_heard_last_chain()
{
	with_listener test_last_chain
}

test_heard_policy_routing()
{
	with_listener test_policy_routing
}

test_heard_local_routes()
{
	with_listener test_local_routes
}

test_heard_local_route_gone()
{
	with_listener test_local_route_gone
}

test_heard_realms()
{
	with_listener test_realms
}

test_heard_own_packets()
{
	with_listener test_own_packets
}

test_heard_assigned_socket()
{
	with_listener test_assigned_socket
}

test_heard_reverse_path()
{
	with_listener test_reverse_path
}

test_heard_default_routes()
{
	with_listener test_default_routes
}

test_heard_local_address_gone()
{
	with_listener test_local_address_gone
}

test_heard_own_endpoint()
{
	with_listener test_own_endpoint
}

test_heard_odd_packets()
{
	with_listener test_odd_packets
}

test_heard_bridge_netfilter()
{
	with_listener test_bridge_netfilter
}

test_heard_vrf()
{
	with_listener test_vrf
}

test_heard_ipvlan()
{
	with_listener test_ipvlan
}
