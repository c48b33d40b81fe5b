import type { ServerMetrics } from "./options.ts";

const names = {
  connections: "server_connections_total",
  refused: "server_refused_total",
  authFailures: "server_auth_failures_total",
  helloTimeouts: "server_hello_timeouts_total",
  framesReceived: "server_frames_received_total",
  framesSent: "server_frames_sent_total",
  bytesSent: "server_bytes_sent_total",
  framesDropped: "server_frames_dropped_total",
  slowClients: "server_slow_clients_closed_total",
  malformed: "server_malformed_frames_total",
  requests: "server_requests_total",
  requestErrors: "server_request_errors_total",
} as const;

export type Counts = Record<keyof typeof names, { value: number }>;

/** All counters of a server, so that hot paths add to a field. */
export function makeCounts(metrics: ServerMetrics | undefined): Counts {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, metrics?.counter(name) ?? { value: 0 }])) as Counts;
}
