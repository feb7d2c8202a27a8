import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthorizationAnswer, AuthorizationCall, EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import { parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import { parsePolicy } from '@sallyport/gateway/engines/cedar/examine.ts';
import { type Cedar, freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import { splitPolicies, withoutScope } from '@sallyport/gateway/engines/cedar/policy-text.ts';
import { matches, type Placed, readScope, type Scope, type Uid } from '@sallyport/gateway/engines/cedar/scope.ts';

/**
 * The public decision corpus of Cedar (`cedar-policy/cedar-integration-tests`, unpacked), decided through our own
 * cutting of files, reading of scopes and slicing, and compared with the decision, reasons and errors it states.
 */
export interface CorpusReport {
  /** Files that there are, and those that were compared. */
  readonly all: number;
  readonly files: number;
  readonly compared: number;
  /** Requests or entities with an integer beyond ±(2^53−1), which strict JSON refuses. */
  readonly refusedNumbers: number;
  /** Sets that we do not read at all: templates, deep nesting, large literals. By reason. */
  readonly refusedSets: ReadonlyMap<string, number>;
  readonly differences: readonly string[];
}

interface CorpusFile {
  readonly policies: string;
  readonly entities: string;
  readonly schema: string;
  readonly requests: readonly CorpusRequest[];
}

interface CorpusRequest extends Omit<AuthorizationCall, 'policies' | 'entities' | 'schema'> {
  readonly principal: Uid;
  readonly action: Uid;
  readonly resource: Uid;
  readonly decision: string;
  readonly reason: readonly string[];
  readonly errors: readonly string[];
}

/** Where the corpus lies, if `CEDAR_CORPUS_DIR` names a folder that holds it. */
export function corpusDir(): string | undefined {
  const dir = process.env.CEDAR_CORPUS_DIR;
  return dir !== undefined && existsSync(join(dir, 'tests')) ? dir : undefined;
}

/** Every `every`th file, for as long as `goesOn`. */
export function runCorpus(dir: string, every = 1, goesOn: (files: number) => boolean = () => true): CorpusReport {
  const files = ['tests/decimal', 'tests/example_use_cases', 'tests/ip', 'tests/multi', 'corpus-tests']
    .filter(folder => existsSync(join(dir, folder)))
    .flatMap(folder => readdirSync(join(dir, folder)).map(name => join(folder, name)))
    .filter(name => name.endsWith('.json') && !name.endsWith('.entities.json'))
    .sort()
    .filter((_, index) => index % every === 0);
  const report = {
    all: files.length,
    files: 0,
    compared: 0,
    refusedNumbers: 0,
    refusedSets: new Map<string, number>(),
    differences: [] as string[],
  };
  const cedar = freshCedar();
  for (const file of files) {
    if (!goesOn(report.files)) break;
    report.files++;
    runFile(dir, file, cedar, report);
  }
  return report;
}

type Tally = { compared: number; refusedNumbers: number; refusedSets: Map<string, number>; differences: string[] };

function runFile(dir: string, file: string, cedar: Cedar, tally: Tally): void {
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  const test = JSON.parse(read(file), keepNumbers) as CorpusFile;
  const set = readSet(read(test.policies), cedar);
  if (typeof set === 'string') {
    tally.refusedSets.set(set, (tally.refusedSets.get(set) ?? 0) + 1);
    return;
  }
  const entitiesText = read(test.entities);
  const entitiesFit = fitsStrictJson(entitiesText);
  const entities = JSON.parse(entitiesText) as EntityJson[];
  const schema = read(test.schema);
  const groups = groupsOf(entities, schema, cedar);
  for (const request of test.requests) {
    if (!entitiesFit || !fitsStrictJson(JSON.stringify(request))) {
      tally.refusedNumbers++;
      continue;
    }
    const difference = compare(request, set, { entities, schema }, groups, cedar);
    tally.compared++;
    if (difference !== undefined) tally.differences.push(`${file}: ${difference}`);
  }
}

/** Numbers keep their text, so that strict JSON sees what stood in the file. */
function keepNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
    ? (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(context.source)
    : value;
}

function fitsStrictJson(text: string): boolean {
  const parsed = parseJson(text, { ...resultJsonLimits, reservedMembers: 'keep' });
  if (parsed.ok) return true;
  if (parsed.fault.code === 'number-out-of-range') return false;
  throw new Error(`strict JSON refuses a part of the corpus: ${parsed.fault.message}`);
}

interface CorpusPolicy {
  readonly id: string;
  readonly scope: Scope;
  readonly unscoped: string;
}

/** The policies, or why we refuse to read them. */
function readSet(text: string, cedar: Cedar): readonly CorpusPolicy[] | string {
  const { policies, problems } = splitPolicies({ file: 'policies', text });
  if (problems[0] !== undefined) return problems[0].message.replace(/[0-9]+/g, 'N');
  const read: CorpusPolicy[] = [];
  for (const [index, place] of policies.entries()) {
    const unscoped = withoutScope(place);
    const { json, errors } = parsePolicy({ text: place.text, unscoped }, cedar);
    if (json === undefined) return errors[0]?.message ?? 'it does not parse';
    read.push({ id: `policy${index}`, scope: readScope(json), unscoped });
  }
  return read;
}

function compare(
  request: CorpusRequest,
  set: readonly CorpusPolicy[],
  world: { readonly entities: EntityJson[]; readonly schema: string },
  groups: ReadonlyMap<string, readonly Uid[]>,
  cedar: Cedar,
): string | undefined {
  const { principal, action, resource, context, decision, reason, errors } = request;
  const placed = (uid: Uid): Placed => ({ ...uid, ancestors: groups.get(keyOf(uid)) ?? [] });
  const slice = set.filter(
    ({ scope }) =>
      matches(scope.principal, placed(principal)) &&
      matches(scope.action, placed(action)) &&
      matches(scope.resource, placed(resource)),
  );
  const staticPolicies = Object.fromEntries(slice.map(({ id, unscoped }) => [id, unscoped]));
  const validateRequest = request.validateRequest ?? false;
  const answer = cedar.isAuthorized({
    principal,
    action,
    resource,
    context,
    validateRequest,
    ...world,
    policies: { staticPolicies },
  });
  const got = essence(answer);
  const wanted = JSON.stringify([decision, [...reason].sort(), [...errors].sort()]);
  return got === wanted ? undefined : `got ${got}, wanted ${wanted}`;
}

function essence(answer: AuthorizationAnswer): string {
  if (answer.type !== 'success') return answer.errors[0]?.message ?? 'failure';
  const { decision, diagnostics } = answer.response;
  return JSON.stringify([
    decision,
    [...diagnostics.reason].sort(),
    diagnostics.errors.map(({ policyId }) => policyId).sort(),
  ]);
}

/** Of every entity and action, all that it is in. */
function groupsOf(entities: readonly EntityJson[], schema: string, cedar: Cedar): ReadonlyMap<string, readonly Uid[]> {
  const parents = new Map(entities.map(({ uid, parents: own }) => [keyOf(plain(uid)), own.map(plain)]));
  const read = cedar.schemaToJson(schema);
  if (read.type === 'success')
    for (const [space, { actions }] of Object.entries(read.json))
      for (const [id, { memberOf }] of Object.entries(actions)) {
        const type = space === '' ? 'Action' : `${space}::Action`;
        parents.set(
          keyOf({ type, id }),
          (memberOf ?? []).map(group => ({ type: group.type ?? type, id: group.id })),
        );
      }
  return new Map([...parents.keys()].map(key => [key, closure(key, parents)]));
}

function closure(key: string, parents: ReadonlyMap<string, readonly Uid[]>): Uid[] {
  const found = new Map<string, Uid>();
  const queue = [...(parents.get(key) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(keyOf(next))) continue;
    found.set(keyOf(next), next);
    queue.push(...(parents.get(keyOf(next)) ?? []));
  }
  return [...found.values()];
}

function plain(uid: EntityJson['uid']): Uid {
  return '__entity' in uid ? uid.__entity : uid;
}

/** Ids may hold any character, so a separator must be one that JSON escapes. */
function keyOf({ type, id }: Uid): string {
  return JSON.stringify([type, id]);
}
