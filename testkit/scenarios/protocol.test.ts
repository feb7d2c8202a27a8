import { test } from 'node:test';
import { runScenario } from './run-protocol.ts';
import { readScenarios } from './scenario.ts';

for (const { file, scenarios } of readScenarios(new URL('../../scenarios/protocol/', import.meta.url))) {
  for (const scenario of scenarios) {
    const skip = scenario.na === undefined ? false : `not applicable: ${scenario.na}`;
    test(`${scenario.id} ${scenario.title} (${file})`, { skip }, () => runScenario(scenario));
  }
}
