export { createHttp } from "./http.ts";
export { isPrivateAddress } from "./private-address.ts";
