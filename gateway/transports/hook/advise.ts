import { mediate } from '@sallyport/core/mediate/line.ts';
import type { LinePorts, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import { type CallSignal, Cancellation } from '@sallyport/core/model/call-signal.ts';
import type { ApprovalTerms } from '@sallyport/core/model/decision.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import { type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import { type Refusal, refusalSentence, refused } from '@sallyport/core/model/refusal.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { quorumsOf } from '@sallyport/core/policy/terms.ts';
import type { Desk, Settle } from './desk.ts';
import type { Advice } from './event.ts';
import { type WorkspaceTool, workspace } from './tools.ts';

/** One action of a client, as the line will see it. */
export interface Asking {
  readonly client: string;
  readonly secret: string;
  readonly subagent: boolean;
  readonly taskToken: string;
  readonly tool: WorkspaceTool;
  readonly input: JsonObject;
  readonly bytes: number;
  /** The client can ask its user about this call. */
  readonly mayAsk: boolean;
}

/** What the line said, and what is still to come of it. */
export interface Advised {
  readonly advice: Advice;
  /** Undefined where the call never became an action. */
  readonly decided: Decided | undefined;
  /** Defined where the client was let go: called once, with what it says came of it. */
  readonly settle: Settle | undefined;
}

/**
 * An action goes down the same line as every other, with the client in the upstream's place: it is decided, recorded and
 * handed over, and its outcome is what the client reports. What the client does with our word is its own affair.
 */
export async function advise(asking: Asking, line: LinePorts, desk: Desk): Promise<Advised> {
  const heard: { decided: Decided | undefined } = { decided: undefined };
  const signal = new Cancellation();
  const { promise: letGo, resolve } = Promise.withResolvers<Settle>();
  const forget = desk.expect(signal, resolve);
  const reply = mediate(callOf(asking, line, signal), portsOf(asking, line, desk, heard));
  const first = await Promise.race([letGo, reply]);
  forget();
  if (typeof first === 'function') return { advice: letGoAdvice(heard.decided), decided: heard.decided, settle: first };
  return { advice: turnedAway(first, asking), decided: heard.decided, settle: undefined };
}

/** While nothing is enforced, nothing is said: the client asks its user what it always asked. */
function letGoAdvice(decided: Decided | undefined): Advice {
  return decided?.mode === 'enforce' && decided.answer === 'permit' ? { kind: 'allow' } : { kind: 'silent' };
}

function turnedAway(reply: Reply, { mayAsk }: Asking): Advice {
  if (reply.kind !== 'refusal') return { kind: 'deny', text: 'Refused: the gateway could not decide this.' };
  const { refusal, approval } = reply;
  const isAsked = refusal.code === 'needs-approval' && approval === undefined && mayAsk;
  return isAsked ? { kind: 'ask', text: questionText(refusal) } : { kind: 'deny', text: refusalSentence(refusal) };
}

/** What its user reads in the client's own question. */
function questionText({ why, reason, rule, decision }: Refusal): string {
  return `Sallyport asks: ${why}${reason === undefined ? '' : `. ${reason}`} (rule ${rule ?? 'policy'}, decision ${decision ?? 'unknown'})`;
}

function callOf(asking: Asking, line: LinePorts, signal: CallSignal): Call {
  const { client, secret, subagent, taskToken, tool, input, bytes } = asking;
  return {
    door: 'hook',
    receivedAt: line.now(),
    proof: { kind: 'hook', client, secret, subagent },
    taskToken,
    method: 'tools/call',
    server: workspace,
    name: tool,
    input,
    bytes,
    wantsProgress: false,
    signal,
    relay: () => {},
  };
}

function portsOf({ mayAsk }: Asking, line: LinePorts, desk: Desk, heard: { decided: Decided | undefined }): LinePorts {
  const { journal, approvals } = line;
  return {
    ...line,
    upstreams: desk,
    journal: {
      append: (draft, bodies) => journal.append(draft, bodies),
      record: async (draft, bodies) => {
        if (draft.kind === 'decided') heard.decided = draft;
        await journal.record(draft, bodies);
      },
    },
    approvals: {
      ...approvals,
      ask: async question => {
        if (!mayAsk || !isOrdinary(question.terms)) return await approvals.ask(question);
        const { server, tool } = question.action;
        return refused({ code: 'needs-approval', what: toolKey(server, tool.name), why: 'its client asks its user' });
      },
    },
  };
}

/** What the client's own user may answer in its window. What needs two people, or somebody else, is never asked there. */
function isOrdinary(terms: ApprovalTerms): boolean {
  const isOwn = (name: string): boolean => name === 'operator' || name === 'principal';
  return quorumsOf(terms).every(({ approvers, people = 1 }) => people === 1 && approvers.every(isOwn));
}

/** What the client says came of it, in the shape in which servers answer. */
export function reportOf(said: Parameters<typeof normalText>[0], failed: boolean): UpstreamReply {
  const text = said.kind === 'string' ? said.value : normalText(said);
  const result: JsonObject = {
    kind: 'object',
    members: new Map([
      [
        'content',
        {
          kind: 'array',
          items: [
            {
              kind: 'object',
              members: new Map([
                ['type', word('text')],
                ['text', word(text)],
              ]),
            },
          ],
        },
      ],
      ['isError', { kind: 'boolean', value: failed }],
    ]),
  };
  return { kind: 'result', result, bytes: Buffer.byteLength(text) };
}

function word(value: string): { readonly kind: 'string'; readonly value: string } {
  return { kind: 'string', value };
}
