import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { type AskedCall, askFromGateway } from './asked-back.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';
import { progressText } from './notices.ts';
import type { PeopleDoor } from './people-door.ts';
import { type PersonQuestion, pageQuestion, yesNoQuestion, yesOrNo } from './person-question.ts';
import type { Answer } from './render.ts';
import type { Retry } from './retry.ts';

/** How long a client that shows a question or a page to somebody is waited for. */
const shownSecondsMax = 300;
const progressMillis = 5_000;

/** What the line said in the end, or what the client is asked to show instead. */
export type Outcome = { readonly reply: Reply } | { readonly answer: Answer };

/** A call that a person is asked about, as it came and as it can be made again. */
export interface Held extends AskedCall {
  readonly retry: Retry;
  readonly again: () => Promise<Reply>;
}

/**
 * What becomes of a call that a person is asked about (or that builds on one): a client that can show something is given the
 * question's page, or the question itself where policy lets it answer; any other is held for a while. Whatever came of it, the call
 * is then decided anew in full. Who is not answered in time gets the refusal that names the question, so that the same call later
 * picks it up.
 */
export async function held(reply: Reply, call: Held, core: McpCore): Promise<Outcome> {
  const { people } = core;
  // Answers that left with a first round left once: such a call is not tried again by itself.
  if (people === undefined || call.retry.answers.length > 0) return { reply };
  if (reply.kind !== 'refusal' || reply.approval === undefined) return { reply };
  const { caller } = call.incoming;
  const question = questionFor(reply, reply.approval, call, people);
  if (question === undefined || call.retry.open?.by === 'gateway')
    return { reply: await waited(reply, reply.approval, call, people) };
  if (caller.era === 'modern') {
    const requests = { [questionKeys[question.mode]]: question };
    return { answer: await askFromGateway({ requests, approval: reply.approval, retry: call.retry }, call, core) };
  }
  return { reply: await shownMeanwhile(reply, reply.approval, question, call, people) };
}

/** The key says which was shown: whoever was given the page alone has answered nothing by a form. */
const questionKeys = { form: 'sallyport-answer', url: 'sallyport-approval' } as const;

/** Undefined where this client can show nothing that would help. */
function questionFor(
  reply: Extract<Reply, { kind: 'refusal' }>,
  approval: ApprovalId,
  { target, incoming: { caller, outlet } }: Held,
  people: PeopleDoor,
): PersonQuestion | undefined {
  if (caller.era === 'legacy' && outlet.ask === undefined) return undefined;
  if (reply.waits === 'asked' && caller.offers.has('elicitation-form') && people.isForClient(approval)) {
    const question = yesNoQuestion(target, reply.refusal);
    if (question !== undefined) return question;
  }
  if (!caller.offers.has('elicitation-url')) return undefined;
  return pageQuestion(reply.refusal, approval, people.pageOf(approval), caller.era);
}

/** The gateway's own question came back with this call. False: whoever was asked wants no more of it. */
export async function takenBack({ open, fromClient }: Retry, people: PeopleDoor | undefined): Promise<boolean> {
  if (open?.by !== 'gateway' || open.approval === undefined || people === undefined) return true;
  const mode = Object.hasOwn(open.asked, questionKeys.form) ? 'form' : 'url';
  const said = yesOrNo(fromClient?.members.get(questionKeys[mode]), mode);
  if (said.form !== undefined) await people.answeredByClient(open.approval, said.form);
  return said.goesOn;
}

/** 2025-11-25: the client shows it in the course of the call, which is held meanwhile. */
async function shownMeanwhile(
  reply: Reply,
  approval: ApprovalId,
  question: PersonQuestion,
  call: Held,
  people: PeopleDoor,
): Promise<Reply> {
  const { incoming } = call;
  const seconds = Math.max(shownSecondsMax, secondsFor(incoming, people));
  const declined = new AbortController();
  const shown = incoming.outlet.ask?.(question.method, question.params).then(async node => {
    const said = yesOrNo(node, question.mode);
    if (said.form !== undefined) await people.answeredByClient(approval, said.form);
    if (!said.goesOn) declined.abort();
  });
  const after = await waited(reply, approval, call, people, { seconds, until: declined.signal });
  if (question.elicitationId !== undefined) incoming.outlet.notify(completeText(question.elicitationId));
  void shown?.catch(() => undefined);
  return after;
}

/** MCP 2025-11-25, Elicitation, "Completion Notifications for URL Mode Elicitation". */
function completeText(elicitationId: string): string {
  const params = JSON.stringify({ elicitationId });
  return `{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":${params}}`;
}

function secondsFor({ request }: Incoming, { heldSecondsMax }: PeopleDoor): number {
  return request.progressToken === undefined ? heldSecondsMax.untold : heldSecondsMax.told;
}

/** `AbortSignal.any` takes those of the platform alone. */
function platformSignal(signal: CallSignal): AbortSignal {
  const controller = new AbortController();
  if (signal.aborted) controller.abort();
  else signal.addEventListener('abort', () => controller.abort());
  return controller.signal;
}

async function waited(
  reply: Reply,
  approval: ApprovalId,
  { incoming, again }: Held,
  people: PeopleDoor,
  { seconds = secondsFor(incoming, people), until }: { readonly seconds?: number; readonly until?: AbortSignal } = {},
): Promise<Reply> {
  if (seconds === 0) return reply;
  const { request, caller, outlet } = incoming;
  const ends = [
    platformSignal(outlet.signal),
    AbortSignal.timeout(seconds * 1_000),
    ...(until === undefined ? [] : [until]),
  ];
  const over = AbortSignal.any(ends);
  let told = 0;
  const tell = (): void => {
    told += 1;
    const text = progressText(told, 'waiting for a person to approve this', request, caller.era);
    if (text !== undefined) outlet.notify(text);
  };
  tell();
  const telling = setInterval(tell, progressMillis);
  try {
    await people.settled(approval, over);
  } finally {
    clearInterval(telling);
  }
  return over.aborted ? reply : await again();
}
