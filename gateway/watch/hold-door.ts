import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { httpFault } from '../transports/http/fault.ts';
import { sendFault, sendMethodNotAllowed } from '../transports/http/respond.ts';
import type { Exchange, Handler } from '../transports/http/router.ts';
import { headerNames, proofOf } from '../transports/mcp/http/head.ts';
import { beats } from './beats.ts';
import type { Holds } from './holds.ts';

/**
 * `POST /tasks/hold`: an agent holds its own task (that of its token, or of the `Sallyport-Task` header) for as long as
 * this one request goes on. Nothing is said about tasks to whoever has not proved who they are.
 */
export function createHoldDoor(holds: Holds, ports: Pick<LinePorts, 'authenticate' | 'tasks'>): Handler {
  return async exchange => {
    const { method, res, headers } = exchange;
    if (method !== 'POST') return sendMethodNotAllowed(res, 'POST');
    const agent = await ports.authenticate(proofOf(exchange));
    if (!agent.ok) return refuse(exchange, 401, agent.refusal);
    const task = await ports.tasks.require(agent.value, headers.get(headerNames.task));
    if (!task.ok) return refuse(exchange, 409, task.refusal);
    if (task.value.endsWith !== 'connection') return refuse(exchange, 409, hangsOnNone);
    const closed = new AbortController();
    res.once('close', () => closed.abort());
    const over = holds.hold(task.value.id, closed.signal);
    if (over === undefined) return refuse(exchange, 409, tooMany);
    res.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
    for await (const beat of beats(AbortSignal.any([over, closed.signal]))) res.write(beat);
    res.end();
  };
}

/** Where whoever refused the task did not say more. */
const anew = 'open a task, and hold it with its own token';
const hangsOnNone: Refusal = {
  code: 'malformed',
  what: 'task',
  why: 'this task does not hang on a connection',
  fix: 'go on without holding it',
};
const tooMany: Refusal = {
  code: 'overloaded',
  what: 'task',
  why: 'too many connections hold it already',
  fix: 'close one of them first',
};

function refuse({ res }: Exchange, status: 401 | 409, { code, what, why, fix = anew }: Refusal): void {
  sendFault(res, httpFault(status, code, what, why, fix), ['connection', 'close']);
}
