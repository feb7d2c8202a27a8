import type { Acted } from '@sallyport/core/model/acted.ts';
import { safeLine } from './safe.ts';

/** Who did it, with what stands behind the name: a name can be given to somebody else. */
export function actedText({ by, proof, person }: Acted): string {
  const behind = person === undefined ? proof : `subject ${person.subject} at ${person.issuer}`;
  return safeLine(behind === undefined ? by : `${by} (${behind})`);
}
