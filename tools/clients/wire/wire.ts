/** What a client asks a model, whichever protocol it speaks. */
export interface Asked {
  /** All that the user and the client say to the model, but for results of tools. */
  readonly words: string;
  /** Names of the tools that the model is offered; none where the client wants a title or a summary. */
  readonly tools: readonly string[];
  /** What came of each call that the model made so far, in order. */
  readonly results: readonly string[];
}

/** What the scripted model says next. */
export type Say =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly input: object };

/** One model API: how a request of it is read, and how an answer is written as its events. */
export interface Wire {
  readonly path: RegExp;
  readonly read: (body: Json) => Asked;
  /** Server-sent events, in order; `event` only where the protocol names them. */
  readonly events: (say: Say, asked: Asked) => readonly WireEvent[];
  /** The answer where the client does not want a stream; undefined: it always does. */
  readonly whole?: (say: Say) => object;
}

export interface WireEvent {
  readonly event?: string;
  readonly data: object | '[DONE]';
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of other programs, read by the few members that a script needs
export type Json = any;

/** All text in a part of a message, however it is nested. */
export function textIn(part: Json): string {
  if (typeof part === 'string') return part;
  if (Array.isArray(part)) return part.map(textIn).join('\n');
  if (part === null || typeof part !== 'object') return '';
  return [part.text, part.content, part.output, part.parts].map(textIn).filter(Boolean).join('\n');
}
