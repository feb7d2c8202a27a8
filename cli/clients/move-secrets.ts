import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import { freeCredential } from './credential-name.ts';
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

/** `store`: where the secret of a credential is going to be kept. Comments and everything else stay as they are. */
export function moveSecrets(text: string, store: KeyStore): Moved {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new SyntaxError(fault.message.split('\n', 1)[0] ?? 'is not YAML');
  const secrets: MovedSecret[] = [];
  const left: string[] = [];
  for (const id of namesAt(document, ['servers'])) {
    const move = (path: readonly string[], name: string, value: string, more: object = {}): void => {
      const credential = freeCredential(document, `${id}-${name}`);
      const place = store(credential);
      document.setIn(['credentials', credential], document.createNode(place));
      document.setIn([...path, name], document.createNode({ credential, ...more }));
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
  return { after: secrets.length === 0 ? text : document.toString({ lineWidth: 0 }), secrets, left };
}

function namesAt(document: Document, path: readonly string[]): string[] {
  const node = document.getIn(path, true);
  return isMap(node) ? node.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}

function textAt(document: Document, path: readonly string[]): string | undefined {
  const value = document.getIn(path);
  return typeof value === 'string' ? value : undefined;
}
