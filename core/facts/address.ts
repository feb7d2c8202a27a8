/** Mail addresses in an action's arguments, those inside longer text included. */
export interface AddressFacts {
  readonly present: boolean;
  /** Lower case. `unsearched` stands among them, and among the domains, where there are more than are looked at. */
  readonly all: readonly string[];
  readonly domains: readonly string[];
}

const unsearched = 'unsearched';
const addressesMax = 1_024;
/**
 * RFC 5321 `Local-part@Domain` as people write it; letters of every script, for addresses that only look alike. Found by its sign,
 * for else each letter of a text could be the first of an address.
 */
const address =
  /@(?<=([\p{L}\p{N}.!#$%&*+/=?^_{|}~-]{1,64})@)((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.)+[\p{L}\p{N}-]{2,63})/giu;

/** `complete`: these are all texts that there are. */
export function readAddresses(texts: Iterable<string>, complete = true): AddressFacts {
  const all = new Set<string>(complete ? [] : [unsearched]);
  const domains = new Set<string>(all);
  for (const text of texts)
    for (const [, local = '', domain = ''] of text.matchAll(address)) {
      const isMore = all.size >= addressesMax;
      all.add(isMore ? unsearched : `${local}@${domain}`.toLowerCase());
      domains.add(isMore ? unsearched : domain.toLowerCase());
      if (isMore) break;
    }
  return { present: all.size > 0, all: [...all], domains: [...domains] };
}
