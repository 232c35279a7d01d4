import { setTimeout as wait } from 'node:timers/promises';
import { known_ms } from '../../harness/identity-house.ts';
import { byOwner, changedRows, type Fault, lostRows, type Repair, type Scene, sql } from './scene.ts';

type Asking = 'first' | 'second' | 'deidentified';
const asking: Readonly<Record<Asking, string>> = {
  first: "t.name = 'safeguard-checks-first' and c.view = 'full'",
  second: "t.name = 'safeguard-checks-second' and c.view = 'full'",
  deidentified: "t.name = 'safeguard-checks-first' and c.view = 'deidentified'",
};

/** A client of the checks and its tokens, changed; each by the columns that it has. */
async function changedClient(
  scene: Scene,
  which: Asking,
  { client, token }: { readonly client?: string; readonly token?: string },
): Promise<Repair> {
  const text = `select c.id from identity.client c join identity.tenant t on t.id = c.tenant
    where c.name = 'live checks' and ${asking[which]}`;
  const id = String((await sql(scene, 'identity', text))[0]?.['id']);
  const backs: Repair[] = [];
  for (const [table, where, change] of [
    ['identity.client', `id = '${id}'`, client],
    ['identity.token', `client = '${id}'`, token],
  ] as const) {
    if (change === undefined) continue;
    const rows = { segment: 'identity', table, where } as const;
    backs.push(await changedRows(scene, rows, `update ${table} set ${change} where ${where}`));
  }
  // What the server knows of a token counts for a second.
  await wait(known_ms);
  return async () => {
    for (const back of backs) await back();
    await wait(known_ms);
  };
}

const manages = "scopes = scopes || '{safeguard/accounts}'::text[]";
const moved = "tenant = (select id from identity.tenant where name = 'safeguard-checks-first')";

/** The tenant of the checks, and the type of the one Observation that they keep there. */
async function observationsOf(scene: Scene): Promise<{ tenant: number; type: number }> {
  const [found] = await sql(scene, 'identity', "select id from identity.tenant where name = 'safeguard-checks-first'");
  const tenant = Number(found?.['id']);
  const text = `select type from records.resource where tenant = ${tenant} group by type order by count(*) limit 1`;
  return { tenant, type: Number((await sql(scene, 'clinical', text))[0]?.['type']) };
}

/** Waits until the index has followed the log. */
async function indexed({ house }: Scene): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await wait(500)) {
    const [found] = await house.run('audit.index-complete');
    if (found?.result === 'met') return;
  }
  throw new Error('the index was not made anew');
}

/** Of what is stored of patients, who is shown it, and who is told of it. */
export const recordFaults: readonly Fault[] = [
  {
    control: '164.504-e-2-ii-A',
    check: 'access.default-deny',
    what: 'a client for health data may manage accounts',
    says: /GET \/api\/v1\/accounts by a client for health data: answered 200, not 403/,
    break: (scene) => changedClient(scene, 'first', { client: manages, token: manages }),
  },
  {
    control: '164.308-a-4-i',
    check: 'access.cross-tenant',
    what: 'a client of one tenant is led to the records of another',
    says: /a read from another tenant: answered 200/,
    break: (scene) => changedClient(scene, 'second', { client: moved, token: moved }),
  },
  {
    control: '164.514-a',
    check: 'records.deidentified',
    what: 'a client with a de-identified view is shown everything',
    says: /identifiers are shown/,
    break: (scene) => changedClient(scene, 'deidentified', { client: "view = 'full'" }),
  },
  {
    control: '164.524',
    check: 'records.right-of-access',
    what: 'the index has lost a part of a record',
    says: /resource \S+ in version \d+ is not in the copy/,
    async break(scene) {
      const { tenant, type } = await observationsOf(scene);
      const where = `tenant = ${tenant} and type = ${type}`;
      return lostRows(scene, { segment: 'clinical', table: 'records.search', where });
    },
  },
  {
    control: '164.528',
    check: 'audit.accounting',
    what: 'accesses no longer reach the accounting of patients',
    says: /stands in the log, and not in the accounting of the patient/,
    async break(scene) {
      await sql(
        scene,
        'ledger',
        `create function public.lose() returns trigger language plpgsql as $$ begin return null; end $$;
          create trigger lose before insert on audit.about for each row execute function public.lose()`,
      );
      return async () => {
        await sql(scene, 'ledger', 'drop trigger lose on audit.about; drop function public.lose');
        // As the check says: the index is made anew from the log, and so knows what was lost.
        await sql(scene, 'ledger', 'truncate audit.mark, audit.entry, audit.about, audit.target');
        await indexed(scene);
      };
    },
  },
  {
    control: '164.308-a-1-ii-D',
    check: 'audit.index-complete',
    what: 'rows of the index of the log are gone',
    says: /entry \d+ of log \d+ of tenant \d+ has no row in the index/,
    break: (scene) => lostRows(scene, { segment: 'ledger', table: 'audit.entry', where: 'tenant = 1' }),
  },
  {
    control: '164.526',
    check: 'rights.clocks',
    what: 'a patient waits for an answer for longer than the law gives',
    says: /request \S+ \(amendment\) of tenant 1 is 5 days late/,
    break: byOwner(
      'identity',
      `insert into rights.request (id, tenant, kind, patient, asked_by, on_paper, asked_at, due_at, state, version,
          key_id, sealed)
        values ('00000000-0000-4000-8000-00000000f002', 1, 'amendment', gen_random_uuid(), gen_random_uuid(), false,
          now() - interval '64 days', now() - interval '4 days 1 hour', 'open', 1, 0, '')`,
      "delete from rights.request where id = '00000000-0000-4000-8000-00000000f002'",
    ),
  },
];

/** Of who may do what: policies that people wrote. */
export const policyFault: Fault = {
  control: '164.502-b',
  check: 'access.minimum-necessary',
  what: 'an access policy lets everybody read everything',
  says: /tenant 1: rule open-house permits something to everybody/,
  async break(scene) {
    const { ada, security } = scene.house;
    const ask = async (jar: typeof ada.jar, method: string, path: string, body?: object) => {
      const answer = await jar.api(method, `/access/policies${path}`, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.json;
    };
    const { policy } = await ask(ada.jar, 'GET', '/0');
    const [rule] = policy.rules.filter((one: { effect: string }) => one.effect === 'permit');
    const open = { ...rule, id: 'open-house', who: { everyone: true } };
    const made = await ask(ada.jar, 'POST', '', {
      policy: { ...policy, rules: [...policy.rules, open] },
      note: 'Open.',
    });
    const inForce = async (version: number): Promise<void> => {
      await ask(ada.jar, 'POST', `/${version}/submission`);
      await ask(security.jar, 'POST', `/${version}/decision`, { verdict: 'approve' });
      await ask(ada.jar, 'POST', `/${version}/activation`, {});
    };
    await inForce(made.version);
    return async () => {
      const back = await ask(ada.jar, 'POST', '/0/roll-back');
      if (back.state !== 'active') await inForce(back.version);
    };
  },
};
