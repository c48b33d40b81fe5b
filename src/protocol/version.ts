/** Major version of the wire. A change that an old client cannot read raises it; unknown fields never do. */
export const protocolVersion = 1;
/** WebSocket path of the protocol. */
export const protocolPath = "/v1";
/** Binary frames, msgpack. */
export const subprotocolMsgpack = "crush.v1";
/** Text frames, the same messages as JSON; byte strings are base64. */
export const subprotocolJson = "crush.v1.json";
