export interface McpLimits {
  /** One message: an HTTP body or a stdio line. */
  readonly callBytesMax: number;
  /** Requests under way on one stdio connection or legacy session. */
  readonly callsInFlightMax: number;
  /** Requests of one agent under way, all doors and connections together. */
  readonly callsPerAgentMax: number;
  /** Their bytes. */
  readonly callBytesPerAgentMax: number;
  /** Answers to it that nobody has read. Beyond it the connection is cut whose answer has waited longest. */
  readonly unreadBytesPerAgentMax: number;
  readonly sessionsMax: number;
  readonly sessionsPerAgentMax: number;
  readonly sessionIdleMillisMax: number;
  /** Open streams of one agent (GET, `subscriptions/listen`). */
  readonly streamsPerAgentMax: number;
  /** Notices for a reader that is slower than this are dropped; answers never are. */
  readonly unsentBytesMax: number;
  readonly subscriptionsMax: number;
  /** Between two signs of life on an open stream; each checks the agent's standing again. */
  readonly heartbeatMillis: number;
}

export const mcpLimits: McpLimits = {
  callBytesMax: 4 * 1024 * 1024,
  callsInFlightMax: 256,
  callsPerAgentMax: 256,
  callBytesPerAgentMax: 32 * 1024 * 1024,
  unreadBytesPerAgentMax: 128 * 1024 * 1024,
  sessionsMax: 10_000,
  sessionsPerAgentMax: 256,
  sessionIdleMillisMax: 30 * 60_000,
  streamsPerAgentMax: 64,
  unsentBytesMax: 1024 * 1024,
  subscriptionsMax: 64,
  heartbeatMillis: 20_000,
};
