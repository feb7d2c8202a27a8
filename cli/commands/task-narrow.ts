import { type Command, type Given, list, text } from '../command.ts';
import { changeTask } from '../given/change-task.ts';
import { inFlags } from '../given/in-flags.ts';

export const taskNarrow: Command = {
  name: 'task narrow',
  group: 'Decide',
  args: '<id>',
  summary: 'expect less of a task, and of all below it, for good',
  about:
    'What it was expected to do and what is named here is left. What it turns out to need all the same is asked about.',
  examples: [['sallyport task narrow t_4c0v8m1r --tool files/read_file', 'whatever else it had been opened with']],
  options: [
    { flags: '--tool <server/name...>', text: 'expected tools, `server/*` for all of one; `none` for none' },
    { flags: '--resource <name...>', text: 'expected resources, exact or beginning: `file:///reports/*`' },
    { flags: '--destination <name...>', text: 'expected destinations, exact or ending: `*.example.org`' },
    { flags: '--why <text>', text: 'the reason, for the record' },
  ],
  run: given => inFlags(changeTask(given, 'narrow', narrower(given), 'narrowed'), narrowFlags, given),
};

const narrowFlags = { tools: 'tool', resources: 'resource', destinations: 'destination', why: 'why' };

function narrower(given: Given): object {
  const tools = list(given, 'tool');
  return {
    ...(tools === undefined ? {} : { tools: tools.filter(tool => tool !== 'none') }),
    resources: list(given, 'resource'),
    destinations: list(given, 'destination'),
    why: text(given, 'why') ?? '',
  };
}
