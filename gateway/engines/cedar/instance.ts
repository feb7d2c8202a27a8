import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

/** The official engine's functions, as `@cedar-policy/cedar-wasm/nodejs` exports them. */
export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

type Glue = (exports: Record<string, unknown>, require: NodeJS.Require, folder: string) => void;

let glue: { readonly run: Glue; readonly require: NodeJS.Require; readonly folder: string } | undefined;

/**
 * A new WebAssembly instance of the engine, sharing nothing with any other: about 10 ms and 3 MB.
 *
 * Two reasons not to `import` the package. One bad input can leave an instance throwing for good ("memory access out
 * of bounds"), and a module can be imported only once; here a broken instance is dropped and the next one is clean.
 * And pre-parsed sets can never be removed from an instance: each world gets an instance of its own, and the garbage
 * collector takes it, sets and all, when the world goes.
 */
export function freshCedar(): Cedar {
  glue ??= loadGlue();
  const exports: Record<string, unknown> = {};
  glue.run(exports, glue.require, glue.folder);
  return exports as unknown as Cedar;
}

/** The package's own loader script, compiled once; running it makes an instance (it is CommonJS, with no state outside). */
function loadGlue(): NonNullable<typeof glue> {
  const require = createRequire(import.meta.url);
  const filename = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  const parameters = ['exports', 'require', '__dirname'];
  const run = compileFunction(readFileSync(filename, 'utf8'), parameters, { filename }) as Glue;
  return { run, require, folder: dirname(filename) };
}

/** A new instance that answers as it must, or a throw. */
export function soundCedar(make: () => Cedar = freshCedar): Cedar {
  const cedar = make();
  if (!answersCanary(cedar)) throw new Error('a new policy engine does not answer as it must');
  return cedar;
}

/**
 * True if the instance still answers as Cedar must: a permit permits, a forbid wins over it, nothing permits nothing,
 * and a policy that cannot be evaluated is reported. Asked before an instance serves, and after every rebuild (DF2).
 */
function answersCanary(cedar: Cedar): boolean {
  const parsed = cedar.preparsePolicySet(canarySet, { staticPolicies: canaryPolicies });
  if (parsed.type !== 'success') return false;
  return canaryCases.every(({ action, decision, reasons, errors }) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'Agent', id: 'canary' },
      action: { type: 'Action', id: action },
      resource: { type: 'Tool', id: 'canary' },
      context: { untrusted: action === 'forbidden' },
      entities: [],
      preparsedPolicySetId: canarySet,
    });
    if (answer.type !== 'success') return false;
    const { diagnostics } = answer.response;
    return (
      answer.response.decision === decision &&
      diagnostics.reason.join() === reasons &&
      diagnostics.errors.map(error => error.policyId).join() === errors
    );
  });
}

const canarySet = 'canary';

const canaryPolicies = {
  permits: 'permit (principal, action in [Action::"plain", Action::"forbidden", Action::"faulty"], resource);',
  forbids: 'forbid (principal, action, resource) when { context.untrusted };',
  errs: 'forbid (principal, action == Action::"faulty", resource) when { context.missing };',
};

const canaryCases = [
  { action: 'plain', decision: 'allow', reasons: 'permits', errors: '' },
  { action: 'forbidden', decision: 'deny', reasons: 'forbids', errors: '' },
  { action: 'faulty', decision: 'allow', reasons: 'permits', errors: 'errs' },
  { action: 'other', decision: 'deny', reasons: '', errors: '' },
];
