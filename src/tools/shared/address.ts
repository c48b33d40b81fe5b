import type { ToolContext, ToolIntent } from "../../contracts/tool.ts";
import { cut, visible } from "./text.ts";

const titleCharsMax = 300;

/** Calls whose question said that the address is private. Others may not connect to one, whatever the name resolves to by then. */
const privateShown = new WeakSet<object>();

export const allowsPrivate = (call: object) => privateShown.has(call);

/** The question for a call that connects somewhere: shows where a name leads when that is a private network. */
export async function addressIntent(
  action: "fetch" | "download",
  doing: string,
  call: { url: string },
  { http }: ToolContext,
): Promise<ToolIntent> {
  const title = `${doing} ${visible(cut(call.url, titleCharsMax))}`;
  let address: URL;
  try {
    address = new URL(call.url);
  } catch {
    return {
      action,
      title,
      url: call.url,
      refuse: `${visible(call.url)} is not an address. Give a full one, such as https://example.com/page.`,
    };
  }
  if (address.protocol !== "http:" && address.protocol !== "https:")
    return { action, title, url: call.url, refuse: `Only http and https addresses can be used, not ${address.protocol}` };
  if (address.username !== "" || address.password !== "")
    return { action, title, url: call.url, refuse: "Addresses with a user name or password in them are not used." };
  const found = await http.lookup(call.url);
  if (!found.private) return { action, title, url: address.href };
  privateShown.add(call);
  return { action, title: `${title} (${found.host} is ${found.addresses[0] ?? "unknown"}, a private address)`, url: address.href };
}
