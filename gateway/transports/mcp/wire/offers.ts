import { tasksExtension } from '@sallyport/core/catalogue/protocol-tools.ts';
import { type TextFault, textConcerns } from '@sallyport/core/catalogue/text.ts';
import { type JsonNode, type JsonObject, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { ClientOffer, QuestionMethod } from '@sallyport/core/model/question.ts';

/** Cuts a client's capabilities down to what is known: whatever else stands there tells no server anything. */
export function offersOf(capabilities: JsonNode | undefined): ReadonlySet<ClientOffer> {
  if (capabilities === undefined) return noOffers;
  const offers = new Set<ClientOffer>();
  const has = (node: JsonNode | undefined, name: string): boolean => member(node, name)?.kind === 'object';
  const elicitation = member(capabilities, 'elicitation');
  if (elicitation?.kind === 'object') {
    // MCP 2025-11-25, Elicitation: an empty object means form mode alone.
    if (has(elicitation, 'form') || !has(elicitation, 'url')) offers.add('elicitation-form');
    if (has(elicitation, 'url')) offers.add('elicitation-url');
  }
  const sampling = member(capabilities, 'sampling');
  if (sampling?.kind === 'object') offers.add('sampling');
  if (has(sampling, 'tools')) offers.add('sampling-tools');
  if (has(capabilities, 'roots')) offers.add('roots');
  if (has(member(capabilities, 'extensions'), tasksExtension)) offers.add('tasks');
  return offers;
}

const noOffers: ReadonlySet<ClientOffer> = new Set();

/**
 * Why a question cannot be put to this client, or undefined. A page that somebody is sent to is one that a browser opens
 * (threats B-7: `javascript:` is none) and none of the gateway's, where people answer; and a client is asked only what it said
 * it can be asked.
 */
export function questionFault(
  method: QuestionMethod,
  params: JsonObject,
  offers: ReadonlySet<ClientOffer>,
  leadsHere: (url: URL) => boolean,
): string | undefined {
  if (method === 'roots/list') return offers.has('roots') ? undefined : 'the client has no roots';
  if (method === 'sampling/createMessage') {
    if (!offers.has('sampling')) return 'the client has no model to ask';
    return params.members.has('tools') && !offers.has('sampling-tools')
      ? 'the client’s model takes no tools'
      : undefined;
  }
  if (normalText(params).length > questionCharsMax) return 'what it asks is longer than anybody would read';
  if (holdsUnseen(params)) return 'what it asks holds characters that nobody sees';
  if (stringMember(params, 'mode') !== 'url')
    return offers.has('elicitation-form') ? undefined : 'the client shows no forms';
  if (!offers.has('elicitation-url')) return 'the client opens no pages';
  const url = URL.parse(stringMember(params, 'url') ?? '');
  const opens = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!opens) return 'it would send somebody to an address that is not a web page';
  return leadsHere(url) ? 'it would send somebody to a page of the gateway itself' : undefined;
}

/** Of a question to a person, its form included: room for a list of all countries, and none to put something out of sight. */
const questionCharsMax = 32 * 1024;

/** People answer what they see: in a question nothing may be hidden, or turn round what stands beside it. `_meta` is not shown. */
const unseen: ReadonlySet<TextFault> = new Set(['invisible', 'bidi', 'tags', 'terminal', 'control']);

function holdsUnseen(node: JsonNode): boolean {
  if (node.kind === 'string') return textConcerns(node.value).some(({ fault }) => unseen.has(fault));
  if (node.kind === 'array') return node.items.some(holdsUnseen);
  if (node.kind !== 'object') return false;
  return [...node.members].some(
    ([name, value]) => name !== '_meta' && (holdsUnseen({ kind: 'string', value: name }) || holdsUnseen(value)),
  );
}
