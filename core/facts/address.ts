/** Mail addresses in an action's arguments, those inside longer text included. */
export interface AddressFacts {
  readonly present: boolean;
  /** Lower case. */
  readonly all: readonly string[];
  readonly domains: readonly string[];
}

const addressesMax = 256;
/** RFC 5321 `Local-part@Domain` as people write it; letters of every script, for addresses that only look alike. */
const address =
  /[\p{L}\p{N}.!#$%&*+/=?^_{|}~-]{1,64}@((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.)+[\p{L}\p{N}-]{2,63})/giu;

export function readAddresses(texts: Iterable<string>): AddressFacts {
  const all = new Set<string>();
  const domains = new Set<string>();
  for (const text of texts)
    for (const [whole, domain = ''] of text.matchAll(address)) {
      if (all.size >= addressesMax) break;
      all.add(whole.toLowerCase());
      domains.add(domain.toLowerCase());
    }
  return { present: all.size > 0, all: [...all], domains: [...domains] };
}
