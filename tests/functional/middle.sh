# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The middle way in (kmod/outer-hook.c), which packets take behind a chain in INPUT: its
# conditions are those of the short way (early.sh) but for what INPUT is asked for. The
# world: lib.sh.

# shellcheck source=tests/functional/early.sh
. "$here/early.sh"

# world reads it
behind_input()
{
	input_chain=1 "$@"
	check "nothing took the short way" test "$(early)" = 0
}

# Spoofed sources are refused on the short way by spoofing.sh.
test_input_client_spoofs()
{
	behind_input test_client_spoofs
}

test_input_stranger()
{
	behind_input test_stranger
}

test_input_outer_addresses()
{
	behind_input test_outer_addresses
}

test_input_uplink_spoof()
{
	behind_input test_uplink_spoof
}

test_input_headers()
{
	behind_input test_headers
}

# What the route says that a packet would be given is as much a condition of the middle way.
test_input_last_chain()
{
	behind_input test_last_chain
}

test_input_policy_routing()
{
	behind_input test_policy_routing
}

test_input_local_routes()
{
	behind_input test_local_routes
}

test_input_local_route_gone()
{
	behind_input test_local_route_gone
}

test_input_realms()
{
	behind_input test_realms
}

test_input_own_packets()
{
	behind_input test_own_packets
}

test_input_assigned_socket()
{
	behind_input test_assigned_socket
}

test_input_reverse_path()
{
	behind_input test_reverse_path
}

test_input_default_routes()
{
	behind_input test_default_routes
}

test_input_local_address_gone()
{
	behind_input test_local_address_gone
}

test_input_odd_packets()
{
	behind_input test_odd_packets
}

test_input_bridge_netfilter()
{
	behind_input test_bridge_netfilter
}

test_input_vrf()
{
	behind_input test_vrf
}
