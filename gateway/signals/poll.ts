import { readFileSync } from 'node:fs';
import { type JsonLimits, member, parseJson } from '@sallyport/core/model/json.ts';
import { outsideMillisMax, textWithin } from '../identity/outside.ts';
import type { SignalConfig } from './config.ts';
import type { Received } from './receiver.ts';

const answerBytesMax = 1024 * 1024;
const limits: JsonLimits = {
  charsMax: answerBytesMax,
  depthMax: 8,
  valuesMax: 10_000,
  numberCharsMax: 32,
  reservedMembers: 'keep',
};
const eventsMax = 50;

/**
 * Poll delivery (RFC 8936): asks for what is new and acknowledges what was acted on. An event that does not verify is told
 * as an error, so that the transmitter does not offer it for ever. Answers whether there is more.
 */
export function createPoll(
  poll: NonNullable<SignalConfig['poll']>,
  receive: (text: string) => Promise<Received>,
): () => Promise<boolean> {
  let acks: string[] = [];
  let errors: Record<string, { err: string; description: string }> = {};
  return async () => {
    const token = poll.tokenFile === undefined ? undefined : readFileSync(poll.tokenFile, 'utf8').trim();
    const answer = await fetch(poll.url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(outsideMillisMax),
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ maxEvents: eventsMax, returnImmediately: true, ack: acks, setErrs: errors }),
    });
    if (answer.status !== 200) throw new Error(`the transmitter answered with ${answer.status}`);
    const text = await textWithin(answer, answerBytesMax);
    if (text === undefined) throw new Error(`the transmitter's answer is larger than ${answerBytesMax} bytes`);
    const parsed = parseJson(text, limits);
    const sets = parsed.ok ? member(parsed.node, 'sets') : undefined;
    if (!parsed.ok || sets?.kind !== 'object')
      throw new Error('the transmitter answered with something else than events');
    [acks, errors] = [[], {}];
    for (const [jti, set] of sets.members) {
      const received = set.kind === 'string' ? await receive(set.value) : undefined;
      if (received?.ok) acks.push(jti);
      else errors[jti] = { err: 'invalid_request', description: 'the event was not taken' };
    }
    const more = member(parsed.node, 'moreAvailable');
    return more?.kind === 'boolean' && more.value;
  };
}

/** Asks again and again; a transmitter that does not answer is asked at the next turn. The answer ends it. */
export function keepPolling(
  signals: readonly SignalConfig[],
  receive: (text: string) => Promise<Received>,
  warn: (name: string, why: string) => void,
): () => void {
  const timers = signals.flatMap(({ name, poll }) => {
    if (poll === undefined) return [];
    const ask = createPoll(poll, receive);
    let asking = false;
    const turn = async (): Promise<void> => {
      if (asking) return;
      asking = true;
      try {
        while (await ask());
      } catch (thrown) {
        warn(name, thrown instanceof Error ? thrown.message : 'it could not be asked');
      } finally {
        asking = false;
      }
    };
    void turn();
    return [setInterval(() => void turn(), poll.everySeconds * 1000).unref()];
  });
  return () => timers.forEach(clearInterval);
}
