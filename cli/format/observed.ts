import type { ObservedView } from '@sallyport/gateway/api/view/status.ts';
import { counted } from './counted.ts';

/** What enforcing would have done since yesterday, for people. */
export function observedText({ calls, asked, refused }: ObservedView): string {
  return `of ${counted(calls, 'call')} since yesterday, enforcing would have asked ${asked} and refused ${refused}: sallyport report`;
}
