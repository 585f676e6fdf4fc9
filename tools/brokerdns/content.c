// SPDX-License-Identifier: GPL-2.0
/* Content networks: each of their addresses is that of many names. */

#include <stddef.h>

#include "content.h"
#include "name.h"

/* What the networks publish about themselves; none is longer than a /24 or a /48. */
static const struct {
	const char *name;
	const char *networks[32];
} content[] = {
	{ "Cloudflare", {
		"103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "104.16.0.0/13",
		"104.24.0.0/14", "108.162.192.0/18", "131.0.72.0/22", "141.101.64.0/18",
		"162.158.0.0/15", "172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20",
		"190.93.240.0/20", "197.234.240.0/22", "198.41.128.0/17", "2400:cb00::/32",
		"2405:8100::/32", "2405:b500::/32", "2606:4700::/32", "2803:f800::/32",
		"2a06:98c0::/29", "2c0f:f248::/32",
	} },
	{ "Fastly", {
		"23.235.32.0/20", "43.249.72.0/22", "103.244.50.0/24", "103.245.222.0/23",
		"103.245.224.0/24", "104.156.80.0/20", "140.248.64.0/18", "140.248.128.0/17",
		"146.75.0.0/17", "151.101.0.0/16", "157.52.64.0/18", "167.82.0.0/17",
		"167.82.128.0/20", "167.82.160.0/20", "167.82.224.0/20", "172.111.64.0/18",
		"185.31.16.0/22", "199.27.72.0/21", "199.232.0.0/16", "2a04:4e40::/32",
		"2a04:4e42::/32",
	} },
	{ "CloudFront", {
		"3.160.0.0/14", "13.32.0.0/15", "13.35.0.0/16", "13.224.0.0/14",
		"13.249.0.0/16", "18.64.0.0/14", "18.154.0.0/15", "18.160.0.0/15",
		"18.164.0.0/15", "18.172.0.0/15", "18.238.0.0/15", "18.244.0.0/15",
		"52.84.0.0/15", "52.222.128.0/17", "54.182.0.0/16", "54.192.0.0/16",
		"54.230.0.0/16", "54.239.128.0/18", "64.252.64.0/18", "65.8.0.0/16",
		"65.9.0.0/16", "99.84.0.0/16", "99.86.0.0/16", "108.138.0.0/15",
		"108.156.0.0/14", "130.176.0.0/16", "143.204.0.0/16", "144.220.0.0/16",
		"204.246.164.0/22", "205.251.192.0/19", "2600:9000::/28",
	} },
	{ "GitHub Pages", { "185.199.108.0/22", "2606:50c0::/32" } },
	{ "Netlify", { "75.2.60.0/24", "99.83.190.0/24" } },
	{ "Vercel", { "76.76.21.0/24" } },
	{ "Shopify", { "23.227.38.0/24", "2620:127:f00f::/48" } },
	{ "WordPress.com", { "192.0.64.0/18" } },
	{ "Squarespace", { "198.49.23.0/24", "198.185.159.0/24" } },
};

/* Domains in which they name their places, not those of their own pages. */
static const struct {
	const char *domain;
	const char *name;
} places[] = {
	{ "akamaitechnologies.com", "Akamai" },
	{ "akamaiedge.net", "Akamai" },
	{ "akamaized.net", "Akamai" },
	{ "akamai.net", "Akamai" },
	{ "edgekey.net", "Akamai" },
	{ "edgesuite.net", "Akamai" },
	{ "azureedge.net", "Azure" },
	{ "azurefd.net", "Azure" },
	{ "b-cdn.net", "bunny.net" },
	{ "cdn77.com", "CDN77" },
	{ "cdn77.org", "CDN77" },
	{ "cdn.cloudflare.net", "Cloudflare" },
	{ "cloudfront.net", "CloudFront" },
	{ "edgecastcdn.net", "Edgio" },
	{ "fastly.net", "Fastly" },
	{ "fastlylb.net", "Fastly" },
	{ "gcdn.co", "Gcore" },
	{ "1e100.net", "Google" },
	{ "incapdns.net", "Imperva" },
	{ "netlifyglobalcdn.com", "Netlify" },
	{ "sucuri.net", "Sucuri" },
};

const char *content_place(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (name_below(name, places[i].domain))
			return places[i].name;
	return NULL;
}

const char *content_network(const struct ip *ip)
{
	struct network network;
	size_t i, k;

	for (i = 0; i < sizeof(content) / sizeof(*content); i++)
		for (k = 0; content[i].networks[k]; k++)
			if (!network_parse(content[i].networks[k], &network) &&
			    network_holds(&network, ip))
				return content[i].name;
	return NULL;
}
