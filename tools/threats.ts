/** The catalogue of attacks that this product is held against: id, what is tried, and where a row cannot have a test yet, why. */
export interface Threat {
  readonly id: string;
  readonly what: string;
  readonly notYet?: string;
}

const noEgress =
  'there is no door for HTTP egress yet: the gateway connects only to the servers that its configuration names';
const oneNode = 'there is one node; several, on one database, are not built yet';

export const threats: readonly Threat[] = [
  { id: 'A-1', what: 'a member in another case beside the right one' },
  { id: 'A-2', what: 'a member twice, also by an escape' },
  { id: 'A-3', what: 'a member spelt with a look-alike letter' },
  { id: 'A-4', what: 'a batch that hides a call' },
  { id: 'A-5', what: 'request ids that two clients share, or that are no ids' },
  { id: 'A-6', what: 'bytes that are not UTF-8' },
  { id: 'A-7', what: 'half a surrogate pair' },
  { id: 'A-8', what: 'depth, size, number of members, compressed bodies' },
  { id: 'A-9', what: 'numbers that parsers read differently' },
  { id: 'A-10', what: 'names that mean something to an object' },
  { id: 'A-11', what: 'members of the wrong type' },
  { id: 'A-12', what: 'HTTP headers that say other than the body' },
  { id: 'A-13', what: 'text in an answer that would be an event of its own' },
  { id: 'A-14', what: 'a stream or session of somebody else' },
  { id: 'A-15', what: 'lines that are too long, two in one, noise' },
  { id: 'A-16', what: 'request smuggling' },
  { id: 'A-17', what: 'paths that mean another path' },
  { id: 'A-18', what: 'arguments that become a segment, a header or a parameter' },
  { id: 'A-19', what: 'headers that only the inside may set' },
  { id: 'A-20', what: 'an endpoint that takes a command' },
  { id: 'A-21', what: 'patterns that take for ever' },
  { id: 'B-1', what: 'tools that look like another' },
  { id: 'B-2', what: 'descriptions with hidden text' },
  { id: 'B-3', what: 'a definition that changes after it was accepted' },
  { id: 'B-4', what: 'schemas that refer outside, or to themselves' },
  { id: 'B-5', what: 'a tool that is not listed, called by name; a list from before' },
  { id: 'B-6', what: 'annotations that lie' },
  { id: 'B-7', what: 'what a server says or asks of its own accord' },
  { id: 'C-1', what: 'addresses of the inside in disguise' },
  { id: 'C-2', what: 'a name that resolves differently the second time', notYet: noEgress },
  { id: 'C-3', what: 'redirects to the inside, or with the credential' },
  { id: 'C-4', what: 'proxies of the environment, sockets of another identity' },
  { id: 'C-5', what: 'OAuth metadata that leads elsewhere' },
  { id: 'C-6', what: 'redirect URIs and issuers that are not the ones' },
  { id: 'C-7', what: 'DNS rebinding against the gateway itself' },
  { id: 'C-8', what: 'file paths that climb out' },
  { id: 'C-9', what: 'compound commands' },
  { id: 'E-1', what: 'approve one action, execute another' },
  { id: 'E-2', what: 'one yes used twice, late, or somewhere else' },
  {
    id: 'E-3',
    what: 'an answer from somebody who may not give it, or from a page, a link or a key that was meant for something else',
  },
  { id: 'E-4', what: 'a question that reads otherwise than it is' },
  { id: 'E-5', what: 'a flood of questions' },
  { id: 'E-6', what: 'an agent that edits its own policy, configuration or approvals through a tool that it may use' },
  { id: 'E-7', what: 'a policy set that is half written, empty or changed under calls' },
  { id: 'E-8', what: 'facts that are missing or of another type' },
  { id: 'E-9', what: 'no policies at all' },
  { id: 'E-10', what: 'a stop or a revocation at any moment of a call' },
  { id: 'E-11', what: 'decisions of concurrent callers mixed up' },
  { id: 'E-12', what: 'a mode loosened by a header, a query or the environment' },
  { id: 'G-1', what: 'the record altered, cut, reordered, put back or forked' },
  { id: 'G-2', what: 'lines of a log that an argument wrote' },
  { id: 'G-3', what: 'a disk that is full, fails or is slow' },
  { id: 'G-4', what: 'secrets in whatever is written' },
  { id: 'G-5', what: 'child processes that misbehave' },
  { id: 'G-6', what: 'HTTP servers that misbehave' },
  { id: 'G-7', what: 'a crash between decision, call and outcome' },
  { id: 'G-8', what: 'two nodes and one approval', notYet: oneNode },
];
