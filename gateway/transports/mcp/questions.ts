import { randomBytes } from 'node:crypto';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import type { Question } from '@sallyport/core/model/question.ts';
import { answerOnTheLine, isSent } from './answers.ts';
import { askedBy } from './asked-by.ts';
import type { McpCore } from './core.ts';
import type { Incoming } from './incoming.ts';
import type { ResponseMessage } from './wire/message.ts';
import { questionFault } from './wire/offers.ts';

/** Questions that were put to one client, on one session or connection, and that it has not answered yet. */
export class OpenQuestions {
  readonly #waiting = new Map<string, (answer: JsonObject | undefined) => void>();

  /** Resolves with the client's answer; undefined if it declined, or if `signal` was aborted first. */
  put(
    send: (messageText: string) => void,
    method: string,
    params: string,
    signal: CallSignal,
  ): Promise<JsonObject | undefined> {
    const id = JSON.stringify(`sallyport-${randomBytes(12).toString('base64url')}`);
    return new Promise(resolve => {
      const settle = (answer: JsonObject | undefined): void => {
        this.#waiting.delete(id);
        signal.removeEventListener('abort', give);
        resolve(answer);
      };
      const give = (): void => settle(undefined);
      if (signal.aborted) return settle(undefined);
      signal.addEventListener('abort', give, { once: true });
      this.#waiting.set(id, settle);
      send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
    });
  }

  /** False: nothing with this id was asked here. */
  settle({ id, result }: ResponseMessage): boolean {
    const waiting = this.#waiting.get(id ?? '');
    waiting?.(result);
    return waiting !== undefined;
  }
}

/**
 * Puts a question of a handshake-era server to the client in whose call it was asked. The answer is an action of its own,
 * egress to the server that asked: it is decided and recorded before a byte of it goes there.
 */
export async function relayQuestion(
  question: Question,
  server: ServerId,
  incoming: Incoming,
  core: McpCore,
): Promise<void> {
  const { outlet, caller } = incoming;
  const { method, params } = question;
  if (outlet.ask === undefined || questionFault(method, params, caller.offers, core.leadsHere) !== undefined)
    return question.refuse('unsupported');
  const answer = await outlet.ask(method, normalText(askedBy(server, method, params)));
  if (answer === undefined) return question.refuse('declined');
  const reply = await answerOnTheLine({ server, method, input: answer }, incoming, core, async result =>
    question.answer(result) ? sent : gone,
  );
  if (!isSent(reply)) question.refuse('refused');
}

const sent = { isSent: true } as const;
const gone = { isSent: false, why: 'the call in which it was asked is over' } as const;
