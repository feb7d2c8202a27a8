import type { Digest } from '../../model/action.ts';
import type { Label } from '../../model/label.ts';
import { isReadersLabel, mayRead, type Reader, type ReadersLabel } from '../../model/readers-label.ts';
import { stemsOf, type Words, wordSet, wordsOf } from '../../policy/classify/words.ts';
import type { Sink, Sinks } from '../call/sinks.ts';
import { readerNamed } from '../labels/people.ts';
import type { Leaving } from '../leaving/leaving.ts';
import { addressesIn, hostIn } from '../spelling/shape.ts';

/**
 * Whether a call would show something to somebody who is not among its readers. `none`; `task`: its task has read what they
 * may not see; `content`: some of that stands in the arguments.
 */
export type Outsiders = 'none' | 'task' | 'content';

export const outsidersLeastFirst: readonly Outsiders[] = ['none', 'task', 'content'];

/**
 * To whom a call would show what its task has read (`labels`) or holds in its arguments (`leaving`). Of a call that names nobody, or more
 * than are looked at, it is not known who gets to see it: then there are outsiders as soon as anything is for named readers alone.
 */
export function outsidersOf(
  labels: ReadonlySet<Label>,
  leaving: Leaving,
  { sinks, all }: Sinks,
  digest: Digest,
): Outsiders {
  let restricted = noReaders;
  for (const label of labels) if (isReadersLabel(label)) restricted = [...restricted, label];
  if (restricted.length === 0 && leaving.readers.length === 0) return 'none';
  const readers = sinks.flatMap(sink => readersIn(sink, digest));
  const isOut = (label: ReadersLabel): boolean =>
    !all || readers.length === 0 || readers.some(reader => !mayRead(label, reader));
  if (leaving.readers.some(isOut)) return 'content';
  return restricted.some(isOut) ? 'task' : 'none';
}

const noReaders: readonly ReadersLabel[] = [];

/** Names of arguments that hold whom something goes to, whatever that looks like. */
const people: Words = wordSet(
  `recipient to cc bcc attendee participant invitee guest payee beneficiary receiver destination channel room member
   collaborator audience subscriber addressee follower share user username handle person contact assignee reviewer`,
);
const readersOfOneMax = 50;

/** Whom one value of a call names. A link in a text is not where the text goes. */
function readersIn({ argument, role, value, folded, shape }: Sink, digest: Digest): Reader[] {
  if (argument.endsWith('(link)')) return [];
  if (role !== 'destination' && !(role === 'object' && namesPeople(argument))) return [];
  if (shape === 'url' || shape === 'host') return [readerNamed(hostIn(folded), digest)];
  const addresses = /[,;]/.test(value) ? addressesIn(value, readersOfOneMax + 1) : [];
  // A value that names more than are looked at names a stranger.
  const isWhole = addresses.length === 0 || addresses.length > readersOfOneMax;
  return (isWhole ? [value] : addresses).map(one => readerNamed(one, digest));
}

function namesPeople(argument: string): boolean {
  const name = /(?<![^.[\]])([^.[\]]+)(?:\[\d+\])*$/.exec(argument)?.[1] ?? argument;
  return wordsOf(name).some(word => stemsOf(word).some(stem => people.has(stem)));
}
