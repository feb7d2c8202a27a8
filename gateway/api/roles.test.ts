import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeControl } from '@sallyport/testkit/fakes/control.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { ids, smallInstallation } from '@sallyport/testkit/fakes/views.ts';
import { createApi } from './api.ts';
import { type Role, rolesLeastFirst } from './caller.ts';
import { routes } from './routes.ts';

/** What each role may change beyond the one before it. A route that stands in no line is an admin's. */
const added: Readonly<Record<Exclude<Role, 'admin'>, readonly string[]>> = {
  viewer: ['POST try', 'POST session/end'],
  approver: ['POST approvals/:id', 'POST approvals/:id/endorse'],
  operator: [
    ...['POST kill', 'POST unkill', 'POST tasks', 'POST tasks/:id/end'],
    ...['POST tasks/:id/suspend', 'POST tasks/:id/resume', 'POST tasks/:id/narrow'],
  ],
};

/** Whether a role comes as far as the route, whatever the route then says to an empty request. */
async function isLetIn(role: Role, route: string): Promise<boolean> {
  const [method = '', path = ''] = route.split(' ');
  const control = createFakeControl(smallInstallation());
  const api = createApi(control, () => ({ ...theOperator, name: `oidc:${role}@example.org`, role, groups: [] }));
  let isRead = false;
  const response = await api({
    method,
    path: path.replace(':id', ids.task),
    query: undefined,
    headers: new Map([
      ['host', '127.0.0.1:7420'],
      ['authorization', 'Bearer sps_session'],
    ]),
    body: async () => {
      isRead = true;
      return new TextEncoder().encode('[]');
    },
    signal: AbortSignal.abort(),
  });
  if (response.status !== 403) return true;
  assert.ok('body' in response);
  assert.match(JSON.parse(response.body).error.message, new RegExp(`this needs the role .+ as ${role}$`), route);
  assert.deepEqual([control.heard, isRead], [[], false], `${role} did something by ${route}`);
  return false;
}

describe('what each role must not do', () => {
  for (const [rank, role] of rolesLeastFirst.entries())
    test(`${role}: every route, one by one`, async () => {
      const own = rolesLeastFirst.slice(0, rank + 1).flatMap(each => (each === 'admin' ? [] : added[each]));
      for (const route of Object.keys(routes)) {
        const may = role === 'admin' || route.startsWith('GET ') || own.includes(route);
        assert.equal(await isLetIn(role, route), may, `${role}: ${route}`);
      }
    });
});
