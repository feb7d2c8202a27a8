import type { Sink } from '../call/sinks.ts';
import type { Words } from './words.ts';

/**
 * `zone: harrow.example, host: status` of who said `status.harrow.example`: the domain says no more than where their host lies. By
 * itself it would be all that lies in it, and who names `ann.pages.example` or a shop of `.co.uk` has not named its neighbours.
 */
export function isAboveSaid({ argument, folded: domain }: Sink, sinks: readonly Sink[], words: Words): boolean {
  if (!/^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u.test(domain) || /^[\d.]+$/.test(domain)) return false;
  if (!/(?:^|[_.])(?:zone|domain|apex)(?:_?name|_?id)?$|(?:Zone|Domain)(?:Name|Id)?$/.test(argument)) return false;
  return sinks.some(({ argument: other, folded }) => {
    if (other === argument || folded === domain) return false;
    const host = folded.endsWith(`.${domain}`) ? folded : `${folded}.${domain}`;
    return /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+$/u.test(host) && words.say(host, true);
  });
}
