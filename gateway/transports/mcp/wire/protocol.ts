/** Protocol facts of MCP 2026-07-28 ("modern") and of the handshake versions up to 2025-11-25 ("legacy"). */

export type Era = 'modern' | 'legacy';

export const modernVersions: readonly string[] = ['2026-07-28'];
/** Latest first; an `initialize` that asks for any other is answered with the latest. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  /** Ours: a task token, where a client cannot set the header `Sallyport-Task`. */
  task: 'dev.sallyport/task',
  /** Ours: what a refusal says to machines. */
  refusal: 'dev.sallyport/refusal',
  /** Ours: what this step has made unreachable for the rest of the task. */
  cost: 'dev.sallyport/cost',
  /** Ours: servers that are missing from a merged list, and why. */
  refusals: 'dev.sallyport/refusals',
} as const;

/** Of every key in `_meta` that is ours. */
export const ownMetaPrefix = 'dev.sallyport/';

/** JSON-RPC 2.0 §5.1 and MCP 2026-07-28 basic/index "Error Codes". */
export const errorCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  headerMismatch: -32020,
  capabilityRequired: -32021,
  unsupportedVersion: -32022,
  /** Ours, for every refusal but that of `tools/call`: outside -32768…-32000, as application codes should be. */
  refused: 4030,
  /** Ours, from the shim: there is no gateway to ask. */
  unavailable: 5030,
} as const;

/** RFC 5424 severities, from the least: MCP `LoggingLevel`. */
export const logLevels: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** Lists of whose changes a client is told (`notifications/KIND/list_changed`). */
export type ListKind = 'tools' | 'prompts' | 'resources';

export const listKinds: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** How long a client may keep a filtered list: a revoked tool is gone from it within this time. */
export const listTtlMillis = 5_000;
