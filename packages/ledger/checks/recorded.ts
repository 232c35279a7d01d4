import { type Check, type ProbeAnswer, resultOf } from '@safeguard/kernel';
import type { LedgerCheckDeps } from './checks.ts';

const path = '/fhir/R4/Patient?_count=1';

type Event = Readonly<Record<string, unknown>>;

interface Asked {
  readonly name: string;
  /** In whose log the entry must stand. */
  readonly tenant: number;
  readonly answer: ProbeAnswer;
  readonly outcome: 'permit' | 'deny';
}

/** What an entry does not say as it was. `from`: the earliest time that it can have. */
function faultsOf({ name, answer, outcome, tenant }: Asked, event: Event | undefined, from: number): string[] {
  if (event === undefined) return [`${name}: there is no entry of the request in the log where it belongs`];
  const expected: Readonly<Record<string, unknown>> = { tenant, outcome, status: answer.status };
  const wrong = Object.entries(expected).flatMap(([field, value]) => (event[field] === value ? [] : [field]));
  const anonymous = event.actor === 'anonymous';
  if (typeof event.actor !== 'string' || event.actor === '' || anonymous !== (outcome === 'deny')) wrong.push('actor');
  if (typeof event.action !== 'string' || event.action === '') wrong.push('action');
  if (typeof event.at !== 'number' || event.at < from || event.at > Date.now() + 1_000) wrong.push('at');
  return wrong.map((field) => `${name}: the entry says something else of the request than what happened (${field})`);
}

/** 45 CFR 164.312(b): every request leaves an entry before its answer, whoever asks and however it ends. */
export const probeRecorded = ({ probe }: LedgerCheckDeps): Check => ({
  id: 'ledger.probe-recorded',
  title: 'Every request is in the log',
  query:
    'Asks the running server for patients as clients of two tenants and as nobody, then looks for the entry of each ' +
    'answer by its id: who, when, what, with which outcome and status, in the log of the right tenant.',
  every_s: 900,
  async run() {
    const from = Date.now() - 1_000;
    const [first, second] = await probe.tenants();
    const ask = async (as: 'first' | 'second' | 'nobody', tenant: number): Promise<Asked> => {
      const outcome = as === 'nobody' ? 'deny' : 'permit';
      return { name: as, tenant, answer: await probe.ask({ path, as }), outcome };
    };
    const asked = [await ask('first', first), await ask('second', second), await ask('nobody', 0)];
    const events = await Promise.all(asked.map(({ tenant, answer }) => probe.entryOf(tenant, answer.id)));
    const [one, two] = events;
    const same = one !== undefined && one.actor === two?.actor ? ['two clients are the same actor in the log'] : [];
    const odd = asked.flatMap(({ name, outcome, answer: { status } }) =>
      (outcome === 'deny' ? status === 401 || status === 403 : status < 400) ? [] : [`${name}: was told ${status}`],
    );
    return resultOf({
      examined: asked.length,
      wrong: [...odd, ...asked.flatMap((each, at) => faultsOf(each, events[at], from)), ...same],
      met:
        'Three requests, one of them refused: each is in the right log with its actor, time, act, ' +
        'outcome and status.',
      unmet: 'A request that was answered is not in the log as it happened, so what people do is not fully recorded.',
      todo:
        'Look whether the server is ready (/readyz) and what was changed about it; requests are not to ' +
        'be answered meanwhile.',
    });
  },
});
