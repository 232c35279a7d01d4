/**
 * A route missing from the guard's tables fails the build: every route of the server that is not open is called with a
 * guard that lets nobody in. It must ask it, about something that a table knows, and then do nothing more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '@safeguard/http';
import { ofOnesOwn, open, unguarded } from './matrix/guarded.ts';
import { everyRoute, type Guarding } from './matrix/routes.ts';

test('every route asks the guard first, about what a table knows, or is named as open with a reason', async () => {
  const routes = everyRoute();
  assert.ok(routes.filter(({ auth }) => auth !== 'none').length > 240, 'these are all routes of the server');
  assert.deepEqual(await unguarded(everyRoute), []);
});

test('what is named as open is there', () => {
  const served = new Set(everyRoute().map(({ action }) => action));
  const named = [...Object.keys(open), ...Object.keys(ofOnesOwn)];
  assert.deepEqual(
    named.filter((action) => !served.has(action)),
    [],
  );
});

const invented = (more: Partial<Route>): Route => ({
  ...{ method: 'POST', path: '/invented/:id', action: 'invent', auth: 'either', errors: 'problem' },
  handle: () => ({ status: 204 }),
  ...more,
});

test('negative control: invented routes are found', async () => {
  const asking = (guard: Guarding, action: string, type: string): Route =>
    invented({
      handle: ({ principal }) => {
        guard(principal, action, { type });
        return { status: 204 };
      },
    });
  const careless = (guard: Guarding): Route =>
    invented({
      handle: ({ principal }) => {
        try {
          guard(principal, 'account-list', { type: 'Account' });
        } catch {
          return { status: 200 };
        }
        return { status: 204 };
      },
    });
  const found = await unguarded((guard) => [
    invented({}),
    invented({ auth: 'none' }),
    asking(guard, 'invent', 'Account'),
    asking(guard, 'account-list', 'Patient'),
    asking(guard, 'account-list', 'Account'),
    careless(guard),
  ]);
  const told = ['without asking', 'open to everybody', 'invent on Account', 'account-list on Patient', 'goes on after'];
  assert.equal(found.length, told.length, found.join('\n'));
  for (const [at, words] of told.entries()) assert.ok(found[at]?.includes(words), found[at]);
});
