import type { JsonNode } from '../../model/json.ts';
import type { Argument } from './arguments.ts';
import type { ClassReason } from './reason.ts';
import { takesText } from './signs.ts';
import { wordsOf } from './words.ts';

/**
 * What looks things up on the web is told what it looks for, and some of it opens the address that it is given instead. Neither name nor
 * description has to call an argument an address for that.
 */
export function classesOfWeb(title: string, description: string, all: readonly Argument[]): ClassReason[] {
  if (!all.some(takesText)) return [];
  const name = onTheWeb.exec(wordsOf(title).join(' '));
  if (name !== null) return [{ class: 'egress', from: 'name', word: name[0] }];
  const said = onTheWeb.exec(description.slice(0, charsMax));
  return said === null ? [] : [{ class: 'egress', from: 'description', word: said[0].toLowerCase() }];
}

const charsMax = 1_024;

/** Not the user interface, the shop or the servers that are called so. */
const onTheWeb =
  /\b(?:web|internet) ?(?:search|research|quer|crawl|scrap|brows)\p{L}*|\b(?:search|brows|crawl|scrap)\p{L}* (?:the )?(?:web|internet)\b|\b(?:from|on|over|im|aus dem|sur|en la|na|nel|op het) (?:the )?(?:web|internet)\b(?! ?-?(?:app|ui|interface|console|client|server|site|shop|store|portal|connection))|\bonline (?:content|sources)\b|\bweb ?pages\b/iu;

/** It reads what stands at the addresses that it takes, whatever else its verb may mean. */
export function readsFromAddress(description: string): boolean {
  return fetching.test(description.slice(0, charsMax));
}

const fetching = /\b(?:retriev|fetch|download|crawl|scrap)\p{L}*|\bweb ?(?:pages?|sites?)\b|\bhttps?:/iu;

/** Some text of a call holds an address, or something that may be one. */
export function holdsAddress(node: JsonNode): boolean {
  switch (node.kind) {
    case 'string':
      return address.test(node.value);
    case 'array':
      return node.items.some(holdsAddress);
    case 'object':
      return [...node.members].some(([name, value]) => address.test(name) || holdsAddress(value));
    default:
      return false;
  }
}

const address = /:\/\/|\p{L}:\d|@|[\p{L}\p{N}][.。．｡%][\p{L}\p{N}]/u;
