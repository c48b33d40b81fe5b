import type { Store } from "../../contracts/store.ts";
import type { Planes } from "../../metrics/planes.ts";

/** The store, with the main thread's time of handing rows over charged to it. What its thread does is not the main thread's. */
export const chargedStore = (store: Store, planes: Pick<Planes, "charge">): Store => ({
  commit: (events) => planes.charge("store", () => store.commit(events)),
  stream: (text) => planes.charge("store", () => store.stream(text)),
  saveFile: (version) => planes.charge("store", () => store.saveFile(version)),
  recordRead: (session, path, time) => store.recordRead(session, path, time),
  saveKey: (key, method, answer) => planes.charge("store", () => store.saveKey(key, method, answer)),
  flush: () => store.flush(),
  close: () => store.close(),
});
