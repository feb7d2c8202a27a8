import { randomBytes } from 'node:crypto';
import { args } from './asks.ts';
import type { ToolDefinition } from './catalogue.ts';
import { answered, elicit, inputRequired } from './rounds.ts';
import { lacking, object, type Params, RpcError, said, tasksExtension, type Visit } from './visit.ts';

/** The tasks extension `io.modelcontextprotocol/tasks` (MCP 2026-07-28): calls that are answered with a task. */

const confirmation = { type: 'object', properties: { confirm: { type: 'boolean' } }, required: ['confirm'] };

interface Job {
  readonly taskId: string;
  readonly createdAt: string;
  readonly end: (job: Job) => object;
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
  lastUpdatedAt: string;
  inputRequests: Record<string, object>;
  inputs: Record<string, unknown>;
  outcome: object;
  timer: NodeJS.Timeout | undefined;
}

interface Plan {
  readonly millis: number;
  readonly asks?: Record<string, object>;
  /** The result; what it throws is the task's error. */
  readonly end: (job: Job) => object;
}

function planOf(visit: Visit): Plan | undefined {
  const { seconds, label, filename } = args(visit);
  switch (visit.params.name) {
    case 'slow_compute':
      return { millis: Number(seconds ?? 1) * 1000, end: () => said(`computed ${label ?? ''}`) };
    case 'failing_job':
      return { millis: 300, end: () => said('it failed', { isError: true }) };
    case 'protocol_error_job':
      return {
        millis: 300,
        end: () => {
          throw new RpcError(-32603, 'it broke');
        },
      };
    case 'confirm_delete':
      return {
        millis: 50,
        asks: { confirm: elicit(`Delete ${filename ?? 'it'}?`, confirmation) },
        end: job => said(`deleted: ${JSON.stringify(job.inputs.confirm)}`),
      };
    case 'multi_input':
      return {
        millis: 50,
        asks: { first: elicit('First?', confirmation), second: elicit('Second?', confirmation) },
        end: job => said(JSON.stringify(job.inputs)),
      };
    case 'test_tool_with_task':
      return { millis: 100, end: () => said(`Hello, ${nameIn(visit.params)}!`) };
    default:
      return undefined;
  }
}

export class Jobs {
  readonly #byId = new Map<string, Job>();

  /** The answer to a call of a tool that can be a task; undefined if it is no such tool. */
  async call(tool: ToolDefinition, visit: Visit): Promise<object | undefined> {
    if (tool.execution === undefined) return undefined;
    const speaks = visit.era === 'modern' && tasksExtension in object(visit.capabilities.extensions);
    if (!speaks && tool.execution.taskSupport === 'required') throw lacking({ extensions: { [tasksExtension]: {} } });
    const asked = tool.name === 'test_tool_with_task' ? askedFirst(visit) : undefined;
    const plan = planOf(visit);
    if (asked !== undefined || plan === undefined) return asked;
    if (speaks && plan.millis > 0) return { resultType: 'task', ...this.#shown(this.#begin(plan)) };
    await new Promise(resolve => setTimeout(resolve, plan.millis));
    return plan.end({ inputs: {} } as Job);
  }

  #begin({ millis, asks, end }: Plan): Job {
    const now = new Date().toISOString();
    const job: Job = {
      taskId: randomBytes(16).toString('hex'),
      createdAt: now,
      end,
      status: asks === undefined ? 'working' : 'input_required',
      lastUpdatedAt: now,
      inputRequests: { ...asks },
      inputs: {},
      outcome: {},
      timer: undefined,
    };
    this.#byId.set(job.taskId, job);
    if (asks === undefined) this.#run(job, millis);
    return job;
  }

  #run(job: Job, millis: number): void {
    job.status = 'working';
    job.timer = setTimeout(() => {
      try {
        job.outcome = { result: job.end(job) };
        job.status = 'completed';
      } catch (thrown) {
        const { code, message } = thrown as RpcError;
        job.outcome = { error: { code, message } };
        job.status = 'failed';
      }
      job.lastUpdatedAt = new Date().toISOString();
    }, millis);
    job.timer.unref();
  }

  #shown({ taskId, status, createdAt, lastUpdatedAt, inputRequests, outcome }: Job): object {
    const asked = status === 'input_required' ? { inputRequests } : {};
    return { taskId, status, createdAt, lastUpdatedAt, ttlMs: 60_000, pollIntervalMs: 100, ...asked, ...outcome };
  }

  #find({ params, capabilities }: Visit): Job {
    if (!(tasksExtension in object(capabilities.extensions))) throw lacking({ extensions: { [tasksExtension]: {} } });
    const job = this.#byId.get(String(params.taskId));
    if (job === undefined) throw new RpcError(-32602, 'There is no such task');
    return job;
  }

  get(visit: Visit): object {
    return this.#shown(this.#find(visit));
  }

  update(visit: Visit): object {
    const job = this.#find(visit);
    for (const [key, answer] of Object.entries(object(visit.params.inputResponses)))
      if (key in job.inputRequests) {
        delete job.inputRequests[key];
        job.inputs[key] = answer;
      }
    if (job.status === 'input_required' && Object.keys(job.inputRequests).length === 0) this.#run(job, 50);
    return {};
  }

  cancel(visit: Visit): object {
    const job = this.#find(visit);
    if (job.status === 'working' || job.status === 'input_required') {
      clearTimeout(job.timer);
      job.status = 'cancelled';
      job.lastUpdatedAt = new Date().toISOString();
    }
    return {};
  }
}

/** First a round trip, and then a task. */
function askedFirst({ params }: Visit): object | undefined {
  const name = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  if (typeof nameIn(params) === 'string') return undefined;
  return inputRequired({ user_name: elicit('What is your name?', name) });
}

function nameIn(params: Params): unknown {
  return object(answered(params, 'user_name', 'action')?.content).name;
}
