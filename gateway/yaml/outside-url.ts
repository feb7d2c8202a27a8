import { staysOnThisMachine } from '@sallyport/core/facts/url.ts';

export const outsideUrlRule = 'must be an https address (http only on this machine), without user, query or fragment';

/** Where keys come from, and where secrets go to: nobody on the way may answer instead. */
export function isOutsideUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const local = staysOnThisMachine(url.hostname);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || (url.protocol === 'http:' && local));
}
