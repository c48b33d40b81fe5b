import { BlockList, isIP } from "node:net";

const blocks = new BlockList();
const ranges: [string, number, "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"], // this network
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"], // carrier-grade NAT
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"], // link-local, cloud metadata
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"], // benchmarking
  ["224.0.0.0", 3, "ipv4"], // multicast, reserved, broadcast
  ["::", 128, "ipv6"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"], // unique local
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];
for (const [network, prefix, family] of ranges) blocks.addSubnet(network, prefix, family);

/** IPv6 forms that carry an IPv4 address: mapped, translated (64:ff9b::/96), 6to4 (2002::/16). */
const carriers = new BlockList();
carriers.addSubnet("64:ff9b::", 96, "ipv6");
carriers.addSubnet("2002::", 16, "ipv6");

/** True for loopback, link-local, private and reserved addresses, also inside of an IPv6 form. What is no address counts as private. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return blocks.check(address, "ipv4");
  if (family !== 6) return true;
  // BlockList judges ::ffff:a.b.c.d by its IPv4 rules itself.
  return blocks.check(address, "ipv6") || carriers.check(address, "ipv6");
}
