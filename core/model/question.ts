import type { JsonObject } from './json.ts';

/** What a server may ask of an agent's client (MCP: sampling, elicitation, roots), in either era. */
export type QuestionMethod = 'elicitation/create' | 'sampling/createMessage' | 'roots/list';

const questionMethods: readonly QuestionMethod[] = ['elicitation/create', 'sampling/createMessage', 'roots/list'];

export function isQuestionMethod(method: string): method is QuestionMethod {
  return questionMethods.some(known => known === method);
}

/** What an agent's client says that it can be asked, and take. A fact about software, and none of its words. */
export type ClientOffer = 'elicitation-form' | 'elicitation-url' | 'sampling' | 'sampling-tools' | 'roots' | 'tasks';

/** What a server of the handshake era asks in the middle of a call. It is answered or refused once; later words do nothing. */
export interface Question {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
  /** Hands the answer, the normal form of an object, over before it returns. False: nobody waits for it any more. */
  readonly answer: (result: string) => boolean;
  /** Tells the server in our own words that there will be no answer. */
  readonly refuse: (why: QuestionRefusal) => void;
}

/** `unsupported`: the client cannot be asked; `declined`: it would not answer; `refused`: we did not let it pass. */
export type QuestionRefusal = 'unsupported' | 'declined' | 'refused';

/**
 * The second and later rounds of a request (MCP 2026-07-28, Multi Round-Trip Requests): what the server asked for, and its
 * own state as it gave it. Part of the action: both are hashed and decided on with the rest.
 */
export interface Round {
  readonly inputResponses: JsonObject;
  readonly requestState: string | undefined;
}
