import type { Field, ResultIndex } from './index.ts';

const charsMin = 6;
const charsMax = 4_096;

const secretNames =
  /(?:^|[._\]-])(?:[\w]*_)?(?:password|passwd|passphrase|secret|api_?key|access_?key|private_?key|signing_?key|credentials?|otp|recovery_?codes?)(?:\[\d+\])?$/i;

/** Members of a secret's record that are none themselves. */
const aboutIt = /(?:name|id|version|type|status|owner|scope|created|updated|expires|rotated|_at|date)$/i;

/**
 * The values of a result that are handed out as secrets, folded: fields that are called so, and of a tool that reads secrets
 * (`all`) whatever it returns.
 */
export function handedOutIn(all: boolean, index: ResultIndex): readonly string[] {
  const found: string[] = [];
  const isHandedOut = ({ path }: Field): boolean => secretNames.test(path) || (all && !aboutIt.test(path));
  for (const [value, fields] of index.fields) if (isLong(value) && fields.some(isHandedOut)) found.push(value);
  if (all) for (const { folded } of index.texts) if (isLong(folded) && !folded.includes(' ')) found.push(folded);
  return found;
}

function isLong(value: string): boolean {
  return value.length >= charsMin && value.length <= charsMax;
}
