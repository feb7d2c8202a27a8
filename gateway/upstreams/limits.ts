/** Every wait, buffer and count of this room, with its unit in its name. */
export interface UpstreamLimits {
  /** From starting a child or opening a session until its tools are known. */
  readonly startMillisMax: number;
  /** How long a server may leave the probe for the modern era unanswered before it is greeted in the old way as well. */
  readonly probeMillisMax: number;
  /** How long a call waits for a connection that is busy, starting or slow to read. */
  readonly prepareMillisMax: number;
  /** From the first byte of a call to its answer. */
  readonly callMillisMax: number;
  /** From a server's question in the middle of a call to its answer: people are slow. */
  readonly questionMillisMax: number;
  /** Questions in the course of one call. */
  readonly questionsMax: number;
  /** For the gateway's own questions: one page of a list, a greeting. */
  readonly askMillisMax: number;
  readonly askBytesMax: number;
  readonly listPagesMax: number;
  readonly listItemsMax: number;
  /** A list is read again at most this often, however often the server says that it changed. */
  readonly relistMillisMin: number;
  /** News of resources that were subscribed to are told on at most this often, however often the server tells them. */
  readonly newsMillisMin: number;
  /** A list that is older than this is read again when the connection is used, whatever the server says. */
  readonly relistMillisMax: number;
  /** A line of a child's standard output. */
  readonly lineBytesMax: number;
  /** Progress and log messages of one call; what goes beyond is dropped. */
  readonly noticeBytesMax: number;
  /** What nobody asked for, between two answers; beyond this the connection is closed. */
  readonly strayBytesMax: number;
  /** What may wait to be read by a child. */
  readonly stdinBytesMax: number;
  readonly stderrLinesMax: number;
  readonly stderrLineBytesMax: number;
  /** A child that complains faster than this waits until the second is over. */
  readonly stderrBytesPerSecondMax: number;
  /** Between SIGTERM and SIGKILL. */
  readonly terminateMillisMax: number;
  readonly idleMillisMax: number;
  readonly connectionsMax: number;
  /** On one connection. */
  readonly callsInFlightMax: number;
  /** Resources that are subscribed to over one connection: for one more the oldest is no longer told of. */
  readonly subscribedMax: number;
  readonly backoffMillisMin: number;
  readonly backoffMillisMax: number;
  /** A child that lived this long has not crashed in a loop. */
  readonly healthyMillisMin: number;
  /** Shorter than the five seconds after which common servers hang up. */
  readonly socketIdleMillisMax: number;
  readonly connectMillisMax: number;
  readonly headBytesMax: number;
}

export const upstreamLimits: UpstreamLimits = {
  startMillisMax: 30_000,
  probeMillisMax: 1_500,
  prepareMillisMax: 30_000,
  callMillisMax: 120_000,
  questionMillisMax: 600_000,
  questionsMax: 16,
  askMillisMax: 15_000,
  askBytesMax: 8 * 1024 * 1024,
  listPagesMax: 64,
  listItemsMax: 2_000,
  relistMillisMin: 1_000,
  newsMillisMin: 250,
  relistMillisMax: 60_000,
  lineBytesMax: 24 * 1024 * 1024,
  noticeBytesMax: 1024 * 1024,
  strayBytesMax: 16 * 1024 * 1024,
  stdinBytesMax: 4 * 1024 * 1024,
  stderrLinesMax: 50,
  stderrLineBytesMax: 512,
  stderrBytesPerSecondMax: 1024 * 1024,
  terminateMillisMax: 2_000,
  idleMillisMax: 600_000,
  connectionsMax: 48,
  callsInFlightMax: 256,
  subscribedMax: 1_024,
  backoffMillisMin: 250,
  backoffMillisMax: 60_000,
  healthyMillisMin: 10_000,
  socketIdleMillisMax: 4_000,
  connectMillisMax: 5_000,
  headBytesMax: 32 * 1024,
};
