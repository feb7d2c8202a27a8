import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isNode, isScalar, parseDocument } from 'yaml';
import { freeCredential } from './credential-name.ts';
import { addedTo, inPlaceOf, type Splice, spliced } from './edit/yaml-splice.ts';
import type { KeyPlace, KeyStore } from './key-store.ts';
import { isSecret } from './shape.ts';

/** A key that stands in the gateway's configuration in plain text, and what becomes of it. */
export interface MovedSecret {
  /** `servers.mail.env.MAIL_KEY` */
  readonly at: string;
  /** The credential that takes its place. */
  readonly credential: string;
  readonly place: KeyPlace;
  readonly secret: string;
}

export interface Moved {
  readonly after: string;
  readonly secrets: readonly MovedSecret[];
  /** Arguments that look like keys: whoever may list processes can read them, and only the server knows another way. */
  readonly left: readonly string[];
}

/**
 * `store`: where the secret of a credential is going to be kept. What is not changed stays as it is, to the byte. Throws `SyntaxError`
 * for what is no YAML, and for what cannot be changed without laying it out anew.
 */
export function moveSecrets(text: string, store: KeyStore): Moved {
  const written = parsed(text);
  /** What the text is to mean: a credential's name is taken once it stands here. */
  const document = parsed(text);
  if (document.get('credentials') === undefined) document.delete('credentials'); // where it stands with nothing in it
  const splices: Splice[] = [];
  const secrets: MovedSecret[] = [];
  const left: string[] = [];
  for (const id of namesAt(document, ['servers'])) {
    const move = (path: readonly string[], name: string, value: string, more: object = {}): void => {
      const credential = freeCredential(document, `${id}-${name}`);
      const place = store(credential);
      document.setIn(['credentials', credential], document.createNode(place));
      document.setIn([...path, name], document.createNode({ credential, ...more }));
      const node = written.getIn([...path, name], true);
      if (isNode(node)) splices.push(inPlaceOf(text, node, { credential, ...more }));
      secrets.push({ at: [...path, name].join('.'), credential, place, secret: value });
    };
    for (const name of namesAt(document, ['servers', id, 'env'])) {
      const value = textAt(document, ['servers', id, 'env', name]);
      if (value !== undefined && isSecret(name, value)) move(['servers', id, 'env'], name, value);
    }
    for (const name of namesAt(document, ['servers', id, 'headers'])) {
      const value = textAt(document, ['servers', id, 'headers', name, 'value']);
      const [, scheme, rest = value] = /^([A-Za-z][A-Za-z0-9-]{0,31}) +(\S.*)$/.exec(value ?? '') ?? [];
      if (rest === undefined || !(isSecret(name, rest) || /^authorization$/i.test(name))) continue;
      move(['servers', id, 'headers'], name, rest, scheme === undefined ? {} : { scheme });
    }
    const args: unknown = document.getIn(['servers', id, 'args']);
    const words = (args as { toJSON?: () => unknown } | undefined)?.toJSON?.();
    if (Array.isArray(words))
      for (const [index, word] of words.entries())
        if (typeof word === 'string' && isSecret('', word)) left.push(`servers.${id}.args[${index}]`);
  }
  if (secrets.length === 0) return { after: text, secrets, left };
  const places = Object.fromEntries(secrets.map(({ credential, place }) => [credential, place]));
  const after = spliced(text, [...splices, addedTo(text, written, 'credentials', places)]);
  if (!means(after, document))
    throw new SyntaxError('it is written in a way in which no key can be moved without laying it out anew');
  return { after, secrets, left };
}

function means(text: string, document: Document): boolean {
  try {
    return isDeepStrictEqual(parsed(text).toJS(), document.toJS());
  } catch {
    return false; // an alias of what was a key
  }
}

function parsed(text: string): Document {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new SyntaxError(fault.message.split('\n', 1)[0] ?? 'is not YAML');
  return document;
}

function namesAt(document: Document, path: readonly string[]): string[] {
  const node = document.getIn(path, true);
  return isMap(node) ? node.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

function textAt(document: Document, path: readonly string[]): string | undefined {
  const value = document.getIn(path);
  return typeof value === 'string' ? value : undefined;
}
