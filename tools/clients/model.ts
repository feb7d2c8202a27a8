import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Offered, offeredIn, type Takes } from './offered.ts';
import { anthropic } from './wire/anthropic.ts';
import { gemini } from './wire/gemini.ts';
import { chat, responses } from './wire/openai.ts';
import type { Asked, Say, Wire } from './wire/wire.ts';

/** A call that the model makes: the words of one of the client's own tools. */
export interface Step {
  /** A pattern stands for the first tool offered that fits: clients put a server's name into its tools' in ways of their own. */
  readonly name: string | RegExp;
  /** A function is given what came of the calls before. */
  readonly input: object | ((results: readonly string[]) => object);
}

/** What the model says to whoever's words hold `to`: these calls one after the other, then that it is done. */
export interface Part {
  readonly to: string;
  readonly steps: readonly Step[];
}

/** A model that says what is written down, in the protocol it is asked in. It never leaves this machine. */
export interface ScriptedModel extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** The parts of the next run; earlier requests are forgotten. */
  readonly play: (parts: readonly Part[]) => void;
  /** Everything that was asked since. */
  readonly asked: readonly Asked[];
  /** Every tool that it was offered, whenever. */
  readonly offered: Offered;
  /** Requests that no protocol of ours answers. */
  readonly strays: readonly string[];
}

const wires: readonly Wire[] = [anthropic, responses, chat, gemini];

export async function startModel(): Promise<ScriptedModel> {
  const asked: Asked[] = [];
  const strays: string[] = [];
  const offered = new Map<string, Takes>();
  let parts: readonly Part[] = [];
  const server = createServer((req, res) => void serve(req, res));
  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const wire = req.method === 'POST' ? wires.find(({ path }) => path.test(req.url ?? '')) : undefined;
    const body = await text(req);
    if (wire === undefined) {
      strays.push(`${req.method} ${req.url}`);
      res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not here"}}');
      return;
    }
    const parsed = JSON.parse(body);
    for (const [name, takes] of offeredIn(parsed.tools ?? [])) offered.set(name, takes);
    const request = wire.read(parsed);
    asked.push(request);
    const say = nextOf(request, parts);
    const streams = parsed.stream === true || /:stream/.test(req.url ?? '');
    if (!streams && wire.whole !== undefined) {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(wire.whole(say)));
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const { event, data } of wire.events(say, request))
      res.write(
        `${event === undefined ? '' : `event: ${event}\n`}data: ${data === '[DONE]' ? data : JSON.stringify(data)}\n\n`,
      );
    res.end();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ asked, offered, strays },
    play: next => {
      parts = next;
      asked.length = strays.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** How far a conversation is, is told by the results in it: the same request always has the same answer. */
function nextOf({ words, tools, results }: Asked, parts: readonly Part[]): Say {
  const part = tools.length === 0 ? undefined : parts.find(({ to }) => words.includes(to));
  const step = part?.steps[results.length];
  if (step === undefined) return { kind: 'text', text: 'Done.' };
  const { name, input } = step;
  const given = typeof input === 'function' ? input(results) : input;
  const called =
    typeof name === 'string' ? name : (tools.find(tool => name.test(tool)) ?? `no tool fits ${name.source}`);
  return { kind: 'call', id: `call_${results.length}_${part?.to.length}`, name: called, input: given };
}
