import type { Digest } from '../../model/action.ts';
import { type FieldPath, isAt, type Place } from '../../model/field-path.ts';
import type { JsonNode } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import { type Integrity, integritiesBestFirst, type PeopleRules, type SenderRule } from '../../model/labelling.ts';
import { isReadersLabel, nobody, type Reader, readerOf, readersLabel } from '../../model/readers-label.ts';
import { manyTenants, tenantLabel } from '../../model/tenant-label.ts';
import { fold } from '../spelling/fold.ts';
import { bareAddress } from '../spelling/shape.ts';

/** Whom one part of a result concerns. */
export interface People {
  /** At most one of a tenant and one of readers. */
  readonly labels: readonly Label[];
  /** What its sender is believed to be; undefined where nothing is said of them. */
  readonly integrity: Integrity | undefined;
  /** As they stand there. */
  readonly senders: readonly string[];
}

export const nobodyNamed: People = { labels: [], integrity: undefined, senders: [] };

/** Of a part that these rules are for; what they leave open is as `around`. */
export function peopleAt(node: JsonNode, rules: PeopleRules, around: People, digest: Digest): People {
  const { tenant, readers, sender } = rules;
  if (tenant === undefined && readers === undefined && sender === undefined) return around;
  const [tenantAround, readersAround] = [around.labels.filter(isTenant), around.labels.filter(isReadersLabel)];
  const senders = sender === undefined ? around.senders : valuesAt(node, sender.path);
  return {
    labels: [
      ...(tenant === undefined ? tenantAround : [tenantOf(node, tenant)]),
      ...(readers === undefined ? readersAround : [readersOf(node, readers, digest)]),
    ],
    integrity: sender === undefined ? around.integrity : integrityOf(senders, sender),
    senders,
  };
}

/** What any part could be marked with that cannot be looked at. */
export function worstPeople({ tenant, readers }: PeopleRules): Label[] {
  return [
    ...(tenant === undefined ? [] : [typeof tenant === 'string' ? tenantLabel(tenant) : manyTenants]),
    ...(readers === undefined
      ? []
      : [
          readersLabel(
            readers.filter(rule => typeof rule === 'string'),
            [],
          ),
        ]),
  ];
}

function isTenant(label: Label): boolean {
  return label.startsWith('tenant:');
}

function tenantOf(node: JsonNode, tenant: string | FieldPath): Label {
  if (typeof tenant === 'string') return tenantLabel(tenant);
  const [only, ...others] = new Set(valuesAt(node, tenant));
  return only === undefined || others.length > 0 ? manyTenants : tenantLabel(only);
}

/** Where a path leads to nobody, nobody is named. */
function readersOf(node: JsonNode, rules: readonly (string | FieldPath)[], digest: Digest): Label {
  const patterns = rules.filter(rule => typeof rule === 'string');
  const named = rules.flatMap(rule => (typeof rule === 'string' ? [] : valuesAt(node, rule)));
  if (patterns.length + named.length === 0) return nobody;
  return readersLabel(
    patterns,
    named.map(text => readerNamed(text, digest)),
  );
}

/** `Ann Lee <Ann@example.org>` is the same reader as `ann@example.org`. */
export function readerNamed(text: string, digest: Digest): Reader {
  return readerOf(bareAddress(fold(text)), digest);
}

/** The worst of its senders; nobody of whom anything is said leaves it as it is. */
function integrityOf(senders: readonly string[], { integrity }: SenderRule): Integrity | undefined {
  const ranks = senders.map(sender => integritiesBestFirst.indexOf(saidOf(bareAddress(fold(sender)), integrity)));
  return senders.length === 0 ? undefined : integritiesBestFirst[Math.max(...ranks)];
}

/** Of several that fit, the one that says most. */
function saidOf(sender: string, said: SenderRule['integrity']): Integrity {
  const exact = said.get(sender);
  if (exact !== undefined) return exact;
  const ends = [...said.keys()].filter(pattern => pattern.startsWith('*') && sender.endsWith(pattern.slice(1)));
  const longest = ends.sort((a, b) => b.length - a.length)[0];
  return (longest === undefined ? undefined : said.get(longest)) ?? 'external';
}

function valuesAt(node: JsonNode, path: FieldPath): string[] {
  const found: string[] = [];
  const walk = (at: JsonNode, place: Place): void => {
    if (at.kind === 'array') for (const [index, item] of at.items.entries()) walk(item, [...place, index]);
    else if (at.kind === 'object') for (const [name, value] of at.members) walk(value, [...place, name]);
    else if ((at.kind === 'string' || at.kind === 'number') && isAt(path, place))
      found.push(at.kind === 'string' ? at.value : at.text);
  };
  walk(node, []);
  return found;
}
