import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServerTerms } from '@sallyport/core/catalogue/build.ts';
import { type KeySet, readKeySet } from '@sallyport/core/identity/key-set.ts';
import { serverIdPattern } from '@sallyport/core/model/ids.ts';
import type { Fields } from '../../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../../yaml/outside-url.ts';
import type { HttpLaunch } from '../config.ts';
import { marksOf } from '../label-terms.ts';
import { headersOf, overridesOf } from '../server-section.ts';

/** Another agent that speaks A2A, behind the gateway. */
export interface PeerConfig extends ServerTerms {
  /** Its card lies below it, at `/.well-known/agent-card.json`, and its endpoint in the same origin. */
  readonly url: string;
  readonly headers: HttpLaunch['headers'];
  /** Keys with one of which its card has to be signed; undefined: an unsigned card counts. */
  readonly keys: KeySet | undefined;
  /** Beginnings of addresses to which it may be told to report tasks. */
  readonly push: readonly string[];
  /** The agent of this installation that it is: what it is asked to do, it does in a task below the one that asked. */
  readonly agent: string | undefined;
}

/** The section `a2a`: agents by name. Throws `ConfigError` naming file, line and field. */
export function peersOf(section: Fields, folder: string): PeerConfig[] {
  return section.each(id => {
    if (!serverIdPattern.test(id))
      throw section.wrong(id, 'is no name of an agent: lower-case letters, digits and `-`, at most 24');
    const fields = section.fields(id);
    const peer: PeerConfig = {
      id,
      segment: fields.string('segment') ?? id,
      ...marksOf(fields),
      tools: overridesOf(fields.fields('tools')),
      url: urlOf(fields),
      headers: headersOf(fields.fields('headers'), folder),
      keys: keysOf(fields, folder),
      push: pushOf(fields),
      agent: fields.string('agent'),
    };
    fields.done();
    return peer;
  });
}

function urlOf(fields: Fields): string {
  const url = fields.required('url').replace(/\/$/, '');
  if (!isOutsideUrl(url)) throw fields.wrong('url', outsideUrlRule);
  return url;
}

function keysOf(fields: Fields, folder: string): KeySet | undefined {
  const file = fields.string('keys');
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(resolve(folder, file), 'utf8');
  } catch {
    throw fields.wrong('keys', 'names a file that cannot be read');
  }
  const keys = readKeySet(text, 'sig');
  if (!keys.ok || keys.value.keys.length === 0) throw fields.wrong('keys', 'must be a JWK set with a public key');
  return keys.value;
}

/** A beginning that stops inside a host's name would allow other hosts as well. */
function pushOf(fields: Fields): readonly string[] {
  const beginnings = fields.strings('push') ?? [];
  const odd = beginnings.find(text => URL.parse(text)?.protocol !== 'https:' || !/^https:\/\/[^/@?#]+\//.test(text));
  if (odd === undefined) return beginnings;
  throw fields.wrong('push', 'must hold https addresses with a path, such as https://hooks.example.org/');
}
