import { createHash } from 'node:crypto';
import type { Journal, World } from '@sallyport/core/mediate/ports.ts';
import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { FieldPath } from '@sallyport/core/model/field-path.ts';
import type { Instant, NewId } from '@sallyport/core/model/ids.ts';
import type { PeopleRules } from '@sallyport/core/model/labelling.ts';
import { type Catalogue, labellingOf, type Tool } from '@sallyport/core/model/tool.ts';
import type { PolicyEngine } from '@sallyport/core/policy/engine.ts';
import type { ModeTable } from '@sallyport/core/policy/mode.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import type { Loaded } from '../../engines/cedar/load.ts';
import type { LoadedPolicy } from '../../engines/cedar/policy.ts';
import type { PolicyProblem } from '../../engines/cedar/problem.ts';
import { readKinds } from '../../policies/kinds.ts';
import type { ActivePolicies, PolicySource, PolicyText } from '../../policies/policy-files.ts';

export interface WorldPorts {
  /** Those that kinds of tasks may name; undefined: not looked at. */
  readonly segments: () => ReadonlySet<string> | undefined;
  readonly load: (sources: readonly PolicySource[], catalogue: Catalogue) => Promise<Loaded>;
  readonly journal: Pick<Journal, 'record' | 'append'>;
  readonly newId: NewId;
  readonly now: () => Instant;
  readonly modes: () => ModeTable;
  readonly save: (active: ActivePolicies) => void;
  /** Before the record says that the first world is in force: whoever finds that there looks for what is kept of it. */
  readonly begin?: () => void;
  /** Keeps what receipts need of a world; answers with the commitment to it. */
  readonly keepEvidence: (world: World, policies: readonly LoadedPolicy[]) => string | undefined;
  /** After every swap: lists may have changed. */
  readonly onChange: () => void;
}

/** The policy set in force, as text and as what was read of it. */
export interface Active extends ActivePolicies {
  readonly policies: readonly LoadedPolicy[];
  readonly taskKinds: ReadonlyMap<string, TaskKindRule>;
}

export interface Worlds {
  readonly current: () => World;
  readonly active: () => Active;
  /** What is wrong with the active set since the catalogue changed; empty if nothing is. */
  readonly problems: () => readonly PolicyProblem[];
  /** Checks `text` against the catalogue in force and changes nothing. */
  readonly check: (text: PolicyText) => Promise<Loaded>;
  readonly activate: (text: PolicyText, acted: Acted) => Promise<Loaded>;
  /** The same by the gateway itself. Undefined, with nothing changed: `may` no longer holds when it would come into force. */
  readonly reload: (text: PolicyText, may: () => boolean) => Promise<Loaded | undefined>;
  readonly setCatalogue: (catalogue: Catalogue) => Promise<void>;
  /** Resolves when every change that was begun so far is in force, or was found not to fit. */
  readonly settled: () => Promise<void>;
  readonly setModes: () => void;
}

/** The world in force. Policies, schema, pins and classes are swapped together, under one digest, and only if they fit. */
export async function createWorlds(
  start: ActivePolicies,
  catalogue: Catalogue,
  ports: WorldPorts,
): Promise<Worlds | Extract<Loaded, { ok: false }>> {
  const first = await loaded(start, catalogue, ports);
  if (!first.ok) return first;
  let active: Active = { ...start, ...readOf(first, start) };
  let world = worldOf(first.engine, start, catalogue, ports);
  let problems: readonly PolicyProblem[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  ports.begin?.();
  await ports.journal.record(activated(world, active, byGateway, ports));

  /** One change after the other: what is checked is what is swapped in. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = queue.then(change);
    queue = done.catch(() => undefined);
    return done;
  }

  /** `acted`: who changed something; a changed tool or mode is nobody's activation. */
  function swap(next: World, acted: Acted = byGateway): void {
    const announced = next.digest !== world.digest;
    // Entries become durable in order, so whoever reads this digest has read what it stands for.
    if (announced) ports.journal.append(activated(next, active, acted, ports));
    world = next;
    ports.onChange();
  }

  async function activate(text: PolicyText, acted: Acted): Promise<Loaded> {
    const fit = await loaded(text, world.catalogue, ports);
    if (fit.ok) bringIn(fit, text, acted);
    return fit;
  }

  async function reload(text: PolicyText, may: () => boolean): Promise<Loaded | undefined> {
    const fit = await loaded(text, world.catalogue, ports);
    if (!may()) return undefined;
    if (fit.ok) bringIn(fit, text, byGateway);
    return fit;
  }

  function bringIn(fit: Extract<Loaded, { ok: true }>, text: PolicyText, acted: Acted): void {
    const { by } = acted;
    const next: Active = { ...text, activatedAt: ports.now(), by, ...readOf(fit, text) };
    const { digest, sources, kinds = [], activatedAt } = next;
    ports.save({ digest, sources, kinds, activatedAt, by });
    active = next;
    problems = [];
    swap(worldOf(fit.engine, next, world.catalogue, ports), acted);
  }

  /**
   * The new pins hold at once: a tool that changed is quarantined before anything is checked. If the policies do not fit
   * the new catalogue, the old engine stays and knows nothing of new tools, which is a deny.
   */
  function setCatalogue(next: Catalogue): Promise<void> {
    swap(worldOf(world.engine, active, next, ports));
    return inTurn(async () => {
      // A newer catalogue has come meanwhile: its own turn is next.
      if (world.catalogue !== next) return;
      const loaded = await ports.load(active.sources, next);
      problems = loaded.ok ? [] : loaded.problems;
      if (loaded.ok && world.catalogue === next) swap(worldOf(loaded.engine, active, next, ports));
    });
  }

  /** A turn that finds a newer catalogue leaves its work to a later one: that one is waited for as well. */
  async function settled(): Promise<void> {
    for (let last: unknown; last !== queue; ) {
      last = queue;
      await last;
    }
  }

  return {
    current: () => world,
    active: () => active,
    problems: () => problems,
    check: text => inTurn(() => loaded(text, world.catalogue, ports)),
    activate: (text, acted) => inTurn(() => activate(text, acted)),
    reload: (text, may) => inTurn(() => reload(text, may)),
    setCatalogue,
    settled,
    setModes: () => swap({ ...world, modes: ports.modes() }),
  };
}

/** Policies and kinds of tasks: all of it, or every reason why not. */
export async function loaded(
  text: PolicyText,
  catalogue: Catalogue,
  ports: Pick<WorldPorts, 'load' | 'segments'>,
): Promise<Loaded> {
  const policies = await ports.load(text.sources, catalogue);
  const { problems } = readKinds(text.kinds ?? [], ports.segments());
  if (problems.length === 0) return policies;
  const { warnings } = policies;
  return { ok: false, problems: [...(policies.ok ? [] : policies.problems), ...problems], warnings };
}

function readOf(fit: Extract<Loaded, { ok: true }>, text: PolicyText): Pick<Active, 'policies' | 'taskKinds'> {
  return { policies: fit.set.policies, taskKinds: readKinds(text.kinds ?? []).kinds };
}

function worldOf(engine: PolicyEngine, policies: PolicyText, catalogue: Catalogue, ports: WorldPorts): World {
  const digest = hash(`sallyport world v1\n${policies.digest}\n${catalogueDigest(catalogue)}`);
  return { digest, engine, catalogue, modes: ports.modes() };
}

function activated(world: World, active: Active, acted: Acted, ports: WorldPorts): Parameters<Journal['append']>[0] {
  const evidence = ports.keepEvidence(world, active.policies);
  return {
    kind: 'world.activated',
    id: ports.newId('e'),
    world: world.digest,
    policies: active.digest,
    catalogue: catalogueDigest(world.catalogue),
    ...acted,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

/** Everything about the tools that a decision can depend on. */
function catalogueDigest(catalogue: Catalogue): string {
  const lines = [...catalogue.servers.values()].flatMap(server =>
    [...server.tools.values()].map(tool =>
      JSON.stringify([tool.server, tool.name, tool.pin, tool.status.kind, tool.classes, tool.segment, labelText(tool)]),
    ),
  );
  return hash(lines.sort().join('\n'));
}

/** An operator's word about the results of a tool, with the text of each path. */
function labelText(tool: Tool): unknown {
  const labelling = labellingOf(tool);
  const { integrity, sensitivity, fields, resource, stores } = labelling;
  const marks = fields.map(field => [field.path.text, field.integrity, field.sensitivity, ...peopleText(field)]);
  return [integrity, sensitivity, marks, resource, stores, ...peopleText(labelling)];
}

/** Nothing where nothing is said: so most worlds keep the digest that they had. */
function peopleText({ tenant, readers, sender }: PeopleRules): unknown[] {
  if (tenant === undefined && readers === undefined && sender === undefined) return [];
  const text = (rule: string | FieldPath): unknown => (typeof rule === 'string' ? rule : { path: rule.text });
  const senders = sender === undefined ? undefined : [sender.path.text, [...sender.integrity]];
  return [[tenant === undefined ? undefined : text(tenant), readers?.map(text), senders]];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
