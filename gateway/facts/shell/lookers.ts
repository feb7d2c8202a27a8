import type { Spelled } from './word.ts';

/**
 * Looks at what a project runs on, through a program that its user has signed in: clusters, containers, plans, reviews. Such
 * a look runs nothing and changes nothing there, and where it goes is settled by that program's own set-up. So whatever would
 * lead it elsewhere (another address, another account), hand out secrets or environments, or run a text is not listed: a
 * sub-command, a kind of thing or an option that nobody knows makes it none.
 */
export function isLook(program: string, rest: readonly Spelled[]): boolean {
  const look = Object.hasOwn(looks, program) ? looks[program] : undefined;
  if (look === undefined || rest.some(({ pattern }) => pattern)) return false;
  const words = rest.map(({ text }) => text);
  return look.some(each => matches(each, words));
}

interface Look {
  /** Sub-commands, one set for each of the first words that are no options. */
  readonly subs: readonly ReadonlySet<string>[];
  /** Options without a value, and options with one: behind `=` or as the next word. */
  readonly plain: ReadonlySet<string>;
  readonly valued: ReadonlyMap<string, RegExp>;
  /** What any further word must be. */
  readonly word: RegExp;
}

function matches({ subs, plain, valued, word }: Look, words: readonly string[]): boolean {
  let at = 0;
  for (let index = 0; index < words.length; index++) {
    const text = words[index] ?? '';
    if (!text.startsWith('-')) {
      const sub = subs[at++];
      if (sub === undefined ? !word.test(text) : !sub.has(text)) return false;
      continue;
    }
    if (plain.has(text)) continue;
    const [name = '', ...behind] = text.split('=');
    const rule = valued.get(name);
    const value = behind.length > 0 ? behind.join('=') : words[++index];
    if (rule === undefined || value === undefined || !rule.test(value)) return false;
  }
  return at >= subs.length;
}

/** Names of things: no address, no file, nothing that another program would take for more. */
const name = /^[\w][\w.:-]*$/;
const number = /^-?\d+[a-z]*$/;
/** Labels, fields and filters: names with comparisons between them. */
const choice = /^[\w.,:=!()/ -]+$/;
/** A file or folder below this one. */
const below = /^(?!.*(?:^|\/)\.\.(?:\/|$))[\w.][\w./-]*$/;
const none = /^(?!)/;

function look(subs: readonly string[], plain: string, valued: Record<string, RegExp> = {}, word = none): Look {
  return {
    subs: subs.map(list),
    plain: list(plain),
    valued: new Map(Object.entries(valued).flatMap(([names, rule]) => names.split(' ').map(each => [each, rule]))),
    word,
  };
}

/** Kinds that hold no secrets and no settings. */
const kinds = `pods pod po deployments deployment deploy services service svc nodes node no namespaces namespace ns events
  event ev ingresses ingress ing replicasets replicaset rs statefulsets statefulset sts daemonsets daemonset ds jobs job
  cronjobs cronjob cj hpa endpoints ep pvc pv persistentvolumeclaims persistentvolumes storageclasses`;
const kubeNames = { '-n --namespace -l --selector': choice };
const kubectl = [
  look(
    ['get', kinds],
    '-A --all-namespaces --no-headers --show-labels -w --watch',
    { ...kubeNames, '-o --output': /^(?:wide|name)$/, '--sort-by --field-selector': choice },
    name,
  ),
  look(['describe', kinds], '-A --all-namespaces', kubeNames, name),
  look(
    ['logs'],
    '-f --follow -p --previous --timestamps --all-containers --prefix',
    { ...kubeNames, '-c --container --since': name, '--tail': number },
    /^(?:[a-z]+\/)?[\w.-]+$/,
  ),
  look(['top', 'pods pod po nodes node no'], '-A --all-namespaces --containers --no-headers', kubeNames, name),
  look(['rollout', 'status history', 'deployment deploy statefulset daemonset'], '', kubeNames, name),
  look(['rollout', 'status history'], '', kubeNames, /^[a-z]+\/[\w.-]+$/),
  look(['config', 'current-context get-contexts'], ''),
  look(['version api-resources cluster-info'], '--client'),
  look(['explain'], '--recursive', {}, /^[\w.]+$/),
];

const dockerLogs = ['-f --follow -t --timestamps --no-log-prefix', { '--tail -n --since --until': number }] as const;
const docker = [
  look(['ps images'], '-a --all -q --quiet --no-trunc -s --size'),
  look(['logs'], ...dockerLogs, name),
  look(['top port'], '', {}, name),
  look(['version info'], ''),
  look(['compose', 'ps ls images'], '-a --all -q --quiet', {}, name),
  look(['compose', 'logs'], ...dockerLogs, name),
  look(['compose', 'top port version'], '', {}, name),
];

const values = { '-f --values': below };
const helm = [
  look(['lint'], '--strict --quiet', values, below),
  look(
    ['template'],
    '',
    { ...values, '-n --namespace': name, '-s --show-only': below },
    /^(?!.*\.\.)(?:[\w-]+|(?:\.|charts?)(?:\/[\w./-]+)?)$/,
  ),
  look(['list ls'], '-A --all-namespaces -a --all', { '-n --namespace': name }),
  look(['status history'], '', { '-n --namespace': name }, name),
  look(['version'], '--short'),
];

const folder = { '-chdir': below };
const terraform = [
  look(['fmt'], '-check -diff -recursive -no-color', folder, below),
  look(['validate'], '-no-color -json', folder),
  look(['plan'], '-no-color -input=false -lock=false -compact-warnings -detailed-exitcode', {
    ...folder,
    '-var-file': below,
    '-target': /^[\w.-]+$/,
  }),
  look(['version providers'], '-json', folder),
];

const fields = {
  '--json': /^[\w,]+$/,
  '-L --limit': number,
  '-s --state -l --label -a --author --assignee -b --branch': name,
};
const gh = [
  look(['pr', 'view diff checks status list'], '--comments -c --name-only --patch --required --watch', fields, name),
  look(['issue', 'view status list'], '--comments -c', fields, name),
  look(
    ['run', 'view list watch'],
    '--log --log-failed --verbose -v --exit-status',
    { ...fields, '-j --job': number },
    name,
  ),
  look(['release workflow', 'view list'], '', fields, name),
];

/** Services whose descriptions hold no environments, parameters or keys of what runs there. */
const aws = [
  look(
    [
      'ec2',
      'describe-instances describe-instance-types describe-instance-status describe-vpcs describe-subnets describe-volumes describe-security-groups describe-availability-zones',
    ],
    '--no-cli-pager',
    { '--instance-types --instance-ids --region --output': name, '--query': /^[\w.,:[\]{}|* -]+$/ },
    name,
  ),
  look(['eks', 'list-clusters list-nodegroups describe-cluster describe-nodegroup'], '--no-cli-pager', {
    '--name --cluster-name --nodegroup-name --region --output': name,
    '--query': /^[\w.,:[\]{}|* -]+$/,
  }),
  look(['sts', 'get-caller-identity'], '--no-cli-pager', { '--region --output': name }),
];

const looks: Readonly<Record<string, readonly Look[]>> = {
  ...{ kubectl, docker, podman: docker, helm, terraform, tofu: terraform, gh, aws },
};

function list(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).filter(Boolean));
}
