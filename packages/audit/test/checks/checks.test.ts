import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { RequestEvent } from '@safeguard/http';
import { type CheckResult, newId, type Probe } from '@safeguard/kernel';
import { auditChecks, newestActors } from '../../checks/checks.ts';
import type { AuditCheckDeps } from '../../checks/deps.ts';
import { tenant } from '../callers.ts';
import { eventOf, openHouse } from '../house.ts';

const house = await openHouse();
const audit = house.audit();
const { segments, seal, ledger } = house;
const vault = (of: number) => seal.vault('ledger', of);
const patient = newId();
const caller = newId();

const actions: readonly (readonly [RegExp, string])[] = [
  [/identifier=|_id=/, 'search-type'],
  [/_history$/, 'history-instance'],
  [/./, 'read'],
];

/** The server as far as the log goes: each request leaves its entry. `lost`: of which none is written. */
const probe = (lost?: string): Probe => {
  const events = new Map<string, RequestEvent>();
  return {
    url: 'https://test',
    tenants: async () => [tenant, tenant + 1],
    async ask({ path }) {
      const action = actions.find(([form]) => form.test(path))?.[1] ?? '';
      const event = eventOf({ actor: caller, action, targets: [{ type: 'Patient', id: patient }] });
      events.set(event.id, event);
      if (action !== lost) await house.append(event);
      const text = JSON.stringify({ entry: [{ resource: { resourceType: 'Patient', id: patient } }] });
      return { status: 200, headers: {}, text, id: event.id };
    },
    entryOf: async (_, id) => events.get(id) as unknown as Record<string, unknown>,
    canary: () => '',
  };
};

function run(id: string, more: Partial<AuditCheckDeps> & { readonly at?: number } = {}): Promise<CheckResult> {
  const { at = Date.now(), ...deps } = more;
  const base = { probe: probe(), segment: segments.ledger, ledger, vault, audit, tenants: async () => [tenant] };
  const check = auditChecks({ ...base, ...deps }).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.run({ at, number: () => Number.NaN, signal: new AbortController().signal });
}

const met = (told: CheckResult): void => assert.equal(told.result, 'met', JSON.stringify(told));
function unmet(told: CheckResult, cause: RegExp): void {
  assert.equal(told.result, 'unmet', JSON.stringify(told));
  assert.match([told.saw, ...(told.exceptions ?? [])].join('\n'), cause);
  assert.ok(told.todo);
}
const sql = (text: string) => house.store.sql('ledger', text);

before(async () => {
  await house.append(...Array.from({ length: 30 }, () => eventOf({ targets: [{ type: 'Patient', id: newId() }] })));
  await audit.follow(tenant);
});

test('accounting: what the log never got, and what the accounting leaves out, is missed', async () => {
  met(await run('audit.accounting'));
  unmet(
    await run('audit.accounting', { probe: probe('read') }),
    /an access \(read\) stands in the log, and not in the acc/,
  );
  const short: AuditCheckDeps['audit'] = {
    accounting: async (...asked) => {
      const { rows, ...rest } = await audit.accounting(...asked);
      return { ...rest, rows: rows.filter(({ action }) => action !== 'history-instance') };
    },
  };
  unmet(await run('audit.accounting', { audit: short }), /an access \(history-instance\) stands in the log/);
  const strange: AuditCheckDeps['audit'] = {
    accounting: async (...asked) => {
      const { rows, ...rest } = await audit.accounting(...asked);
      return { ...rest, rows: rows.map((row) => ({ ...row, who: { ...row.who, id: newId() } })) };
    },
  };
  unmet(await run('audit.accounting', { audit: strange }), /and not in the accounting/);
  met(await run('audit.accounting'));
});

test('index-complete: an entry without its row, a row that is wrong or of nothing, a patient left out', async () => {
  const anew = async (): Promise<void> => {
    await audit.rebuild(tenant);
    met(await run('audit.index-complete'));
  };
  await anew();
  const last = `(select max(place) from audit.entry where tenant = ${tenant})`;
  await sql(`delete from audit.entry where place = ${last}`);
  unmet(await run('audit.index-complete'), /entry \d+ of log \d+ of tenant \d+ has no row in the index/);
  await anew();
  await sql(`update audit.entry set actor = actor + 1 where place = ${last}`);
  unmet(await run('audit.index-complete'), /row \d+ of the index of tenant \d+ differs from its entry/);
  await anew();
  await sql(`update audit.entry set place = place + 102400000 where place = ${last}`);
  unmet(await run('audit.index-complete'), /is of no entry of the log/);
  await anew();
  await sql(`delete from audit.about where place = ${last}`);
  unmet(await run('audit.index-complete'), /is not found by a patient in it/);
  await anew();
});

test('index-complete: an index that follows the log no more', async () => {
  await house.append(eventOf({ at: Date.now() - 3_600_000 }), eventOf());
  unmet(
    await run('audit.index-complete'),
    /the index of tenant \d+ stands at entry \d+ of \d+ .* more than 10 minutes/,
  );
  await audit.follow(tenant);
  met(await run('audit.index-complete'));
  await house.append(eventOf());
  met(await run('audit.index-complete'));
  unmet(await run('audit.index-complete', { at: Date.now() + 3_600_000 }), /more than 10 minutes/);
  await audit.follow(tenant);
});

test('actors of the newest entries are told to the check of unique ids', async () => {
  const last = eventOf();
  await house.append(last);
  const [one] = await newestActors(ledger, Date.now)(tenant, 1);
  assert.deepEqual(one, { actor: last.actor, id: last.id });
  assert.equal((await newestActors(ledger, Date.now)(tenant, 7)).length, 7);
});
