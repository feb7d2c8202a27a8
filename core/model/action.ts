import type { ActingMethod, Call } from './call.ts';
import type { ServerId } from './ids.ts';
import { type JsonNode, type JsonObject, normalText } from './json.ts';
import type { Round } from './question.ts';
import type { Tool } from './tool.ts';

/** What a call would do: what is decided, hashed, approved and sent. */
export interface Action {
  readonly method: ActingMethod;
  readonly server: ServerId;
  readonly tool: Tool;
  readonly input: JsonObject;
  /** The `params` that the upstream will see, in normal form: the very bytes of which `digest` is the hash. */
  readonly params: string;
  /** HMAC-SHA256 over domain, method, server, tool and `params`, under a key of this installation; base64url. */
  readonly digest: string;
}

export type Sha256 = (text: string) => string;

/** Text → base64url; equal texts have equal digests. */
export type Digest = (text: string) => string;

/** What of a call makes its action. */
export type Addressed = Pick<Call, 'method' | 'server' | 'name' | 'input' | 'round'>;

/**
 * The one place where an action's bytes are made. `params` holds only members that the method defines;
 * `_meta`, ids and progress tokens are routing and are the gateway's own.
 */
export function makeAction(call: Addressed, tool: Tool, digest: Digest): Action {
  const own = call.method === 'tools/call' ? toolParams(call.name, call.input) : normalText(call.input);
  const params = call.round === undefined ? own : withRound(own, call.round);
  const text = `sallyport action v1\n${call.method}\n${call.server}\n${tool.name}\n${params}`;
  return { method: call.method, server: call.server, tool, input: call.input, params, digest: digest(text) };
}

function toolParams(name: string, input: JsonNode): string {
  return `{"name":${JSON.stringify(name)},"arguments":${normalText(input)}}`;
}

/** After the members of the method: answers first, then the server's state, each only where there is one. */
function withRound(params: string, { inputResponses, requestState }: Round): string {
  const state = requestState === undefined ? '' : `,"requestState":${JSON.stringify(requestState)}`;
  return `${params.slice(0, -1)},"inputResponses":${normalText(inputResponses)}${state}}`;
}
