import type { TaskId } from '../../model/ids.ts';
import type { Label } from '../../model/label.ts';

/** A value that a task's agent has not seen: it was given a handle in its place. */
export interface HeldValue {
  /** `hv_` and 20 characters, 120 bits: keyed, so that nobody can make one, and another one in every task and result. */
  readonly handle: string;
  readonly value: string;
  /** Where it stood: `content[0].messages[2].body`. */
  readonly path: string;
  /** What the value is marked with: whoever uses it is decided on with these labels. */
  readonly labels: readonly Label[];
}

/** In an address or a link its form asks for, a handle stands with something around it that leads nowhere (RFC 6761 §6.4). */
const spelled = /(?:values:)?(hv_[A-Za-z0-9_-]{20})(?:@values\.invalid)?(?![A-Za-z0-9_-])/g;

export type HandleForm = 'plain' | 'email' | 'uri';

export function spell(handle: string, form: HandleForm): string {
  if (form === 'email') return `${handle}@values.invalid`;
  return form === 'uri' ? `values:${handle}` : handle;
}

/** The `index`th handle of one outcome. `digest` is keyed with the installation's own key. */
export function handleOf(task: TaskId, outcome: string, index: number, digest: (text: string) => string): string {
  return `hv_${digest(`sallyport handle v1\n${task}\n${outcome}\n${index}`).slice(0, 20)}`;
}

export interface Spelled {
  readonly handle: string;
  readonly from: number;
  readonly to: number;
}

/** Whatever looks like a handle, in the order in which it stands. */
export function handlesIn(text: string): Spelled[] {
  if (!text.includes('hv_')) return [];
  return [...text.matchAll(spelled)].map(found => ({
    handle: found[1] ?? '',
    from: found.index,
    to: found.index + found[0].length,
  }));
}
