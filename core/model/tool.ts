import type { Cost } from './cost.ts';
import type { ServerId } from './ids.ts';
import type { JsonObject } from './json.ts';
import { type Labelling, unlabelled } from './labelling.ts';

/** What an action can do; a tool is in one or more. Cedar action groups of the same names. */
export type ActionClass = 'read' | 'write' | 'money' | 'destructive' | 'egress' | 'code' | 'message' | 'admin';

export const actionClasses: readonly ActionClass[] = [
  'read',
  'write',
  'money',
  'destructive',
  'egress',
  'code',
  'message',
  'admin',
];

/**
 * Something callable. The protocol's own reading methods are tools too, named `mcp:<method>`
 * (a colon cannot stand in a tool's name, so the two never meet).
 */
export interface Tool {
  readonly server: ServerId;
  /** Exact name on its server, `[A-Za-z0-9_./-]{1,128}`, or `mcp:resources/read`. */
  readonly name: string;
  /** The definition as the server sent it: what is pinned, listed and typed. */
  readonly definition: JsonObject;
  /** SHA-256 of the definition's sorted normal form, base64url. */
  readonly pin: string;
  readonly status: ToolStatus;
  readonly classes: readonly ActionClass[];
  readonly segment: string;
  /** True where the catalogue vouches that nobody but the house itself writes what it returns. */
  readonly trustedResult: boolean;
  /** All that an operator says about what it returns; absent: what `trustedResult` says, and nothing more. */
  readonly labelling?: Labelling;
  /** What a call of it costs its task; absent: nothing. */
  readonly cost?: Cost;
}

export function labellingOf({ labelling, trustedResult }: Pick<Tool, 'labelling' | 'trustedResult'>): Labelling {
  return labelling ?? (trustedResult ? vouchedFor : unlabelled);
}

const vouchedFor: Labelling = { ...unlabelled, integrity: 'first_party' };

export type ToolStatus =
  | { readonly kind: 'pinned' }
  /** Unusable until an operator accepts it. `why` is for people. */
  | { readonly kind: 'quarantined'; readonly why: string };

/** `"<server>/<exact tool name>"`: the Cedar action and the Cedar id of the tool. */
export function toolKey(server: ServerId, name: string): string {
  return `${server}/${name}`;
}

export interface CatalogueServer {
  readonly id: ServerId;
  readonly segment: string;
  /** By exact name, protocol methods included. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** Pinned like tools. Each node is one item of the server's own list. */
  readonly prompts: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  readonly instructions: string | undefined;
  /** The `capabilities` object the server declared. */
  readonly capabilities: JsonObject;
  /** Its tools are performed by whoever asks about them: no call reaches them through an enforcing door. */
  readonly advising?: true;
}

/** Every server that is configured and has been reached, by id. A value: a change makes a new catalogue. */
export interface Catalogue {
  readonly servers: ReadonlyMap<ServerId, CatalogueServer>;
  /** Those that are configured and were never reached: what they offer is not known. */
  readonly unmet?: ReadonlySet<ServerId>;
}

export function findTool(catalogue: Catalogue, server: ServerId, name: string): Tool | undefined {
  return catalogue.servers.get(server)?.tools.get(name);
}
