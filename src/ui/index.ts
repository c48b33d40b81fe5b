import type { OpenView } from "../contracts/view.ts";
import { PlainView } from "./plain/view.ts";
import { UiView } from "./view.ts";

/** The built-in user interface: the first embedder of the protocol. */
export const openView: OpenView = (host, options) => (host.mode === "plain" ? new PlainView(host, options) : new UiView(host, options));

export { useLayout } from "./layout/wrap.ts";
