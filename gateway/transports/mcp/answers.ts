import { mediate } from '@sallyport/core/mediate/line.ts';
import type { LinePorts, Ready, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { emptyObject, type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import type { QuestionMethod } from '@sallyport/core/model/question.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import { callOf } from './call-of.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';

/** What an agent's client answered to one question of one server. */
export interface ClientAnswer {
  readonly server: ServerId;
  readonly method: QuestionMethod;
  readonly input: JsonObject;
}

/** Carries an answer, in normal form, to the server that asked. Handed over before it returns where there is a wire. */
export type Carry = (
  result: string,
) => Promise<{ readonly isSent: true } | { readonly isSent: false; readonly why: string }>;

/**
 * An answer is a call on the line like any other (`mcp:elicitation/create` and its like, of class egress), but for its way:
 * it goes where the question came from, and nowhere else.
 */
export function answerOnTheLine(
  { server, method, input }: ClientAnswer,
  incoming: Incoming,
  core: McpCore,
  carry: Carry,
): Promise<Reply> {
  const bytes = Buffer.byteLength(normalText(input));
  const call = { ...callOf(method, { server, name: `mcp:${method}`, input }, incoming, core), bytes, nested: true };
  const upstreams: LinePorts['upstreams'] = { prepare: async action => passed(carrier(action.params, carry)) };
  return mediate(call, { ...core.ports, upstreams });
}

function carrier(params: string, carry: Carry): Ready {
  return {
    abandon: () => {},
    perform: async (): Promise<UpstreamReply> => {
      const carried = await carry(params);
      if (carried.isSent) return { kind: 'result', result: emptyObject, bytes: 0 };
      return { kind: 'lost', sent: false, code: 'cancelled', why: carried.why };
    },
  };
}

/** Whether something of a call may have reached its server. */
export function isSent(reply: Reply): boolean {
  return reply.kind !== 'refusal' || reply.refusal.code === 'indeterminate' || reply.refusal.code === 'withheld';
}
