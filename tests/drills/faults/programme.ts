import { byOwner, changedRows, type Fault, force, type Scene } from './scene.ts';

/** The publication of a policy. */
const published = (policy: string) =>
  ({ segment: 'identity', table: 'programme.publication', where: `tenant = 1 and policy = '${policy}'` }) as const;

const changedPublication =
  (policy: string, change: string): Fault['break'] =>
  (scene) => {
    const rows = published(policy);
    return changedRows(scene, rows, `update programme.publication set ${change} where ${rows.where}`);
  };

/** A task that somebody opens, and leaves lying. */
async function forgottenTask(scene: Scene) {
  const { security } = scene.house;
  const body = { name: 'workflow.due_days', value: 15, why: 'A change that nobody ever looks at again, in a drill.' };
  const opened = await security.jar.api('POST', '/programme/parameters', body);
  if (opened.status !== 201) throw new Error(`${opened.status} ${opened.text}`);
  const id: string = opened.json.id;
  await force(
    scene,
    'identity',
    `update programme.task set opened_at = opened_at - interval '60 days', due_at = due_at - interval '60 days'
      where id = '${id}'`,
  );
  return async () => {
    const done = await security.jar.api('POST', `/programme/tasks/${id}/withdrawal`, { note: 'The drill is over.' });
    if (done.status !== 200) throw new Error(`${done.status} ${done.text}`);
  };
}

/** Of policies, decisions and the work of people. */
export const programmeFaults: readonly Fault[] = [
  {
    control: '164.314-a-1',
    check: 'programme.policies-approved',
    what: 'a policy is not in force',
    says: /breach: not published/,
    break: (scene) => {
      const rows = published('breach');
      return changedRows(scene, rows, `delete from programme.publication where ${rows.where}`);
    },
  },
  {
    control: '164.308-a-7-ii-E',
    check: 'programme.policies-reviewed',
    what: 'a policy was not reviewed for too long',
    says: /disaster-recovery: overdue/,
    break: changedPublication(
      'disaster-recovery',
      "published_at = published_at - interval '14 months', review_due_at = review_due_at - interval '14 months'",
    ),
  },
  {
    control: '164.308-a-5-ii-A',
    check: 'programme.acknowledged',
    what: 'somebody has not acknowledged a policy',
    says: /account \S+: workstation version 1, \d+ days late/,
    async break(scene) {
      const { id } = scene.house.clinician;
      const old = await changedPublication('workstation', "published_at = published_at - interval '50 days'")(scene);
      const where = `id = '${id}'`;
      const long = await changedRows(
        scene,
        { segment: 'identity', table: 'identity.account', where },
        `update identity.account set created_at = created_at - interval '60 days',
          verified_at = verified_at - interval '60 days' where ${where}`,
      );
      const mine = `account = '${id}' and policy = 'workstation'`;
      const back = await changedRows(
        scene,
        { segment: 'identity', table: 'programme.acknowledgement', where: mine },
        `delete from programme.acknowledgement where ${mine}`,
      );
      return async () => {
        await back();
        await long();
        await old();
      };
    },
  },
  {
    control: '164.306-d-3',
    check: 'programme.decisions',
    what: 'an addressable specification has no decision',
    says: /164\.310-a-2-iv: not decided/,
    break: (scene) => {
      const where = "control = '164.310-a-2-iv'";
      const rows = { segment: 'identity', table: 'programme.decision', where } as const;
      return changedRows(scene, rows, `delete from programme.decision where ${where}`);
    },
  },
  {
    control: '164.306-c',
    check: 'programme.parameters',
    what: 'a policy says another number than is in force',
    says: /workforce: was published with another \S+/,
    break: (scene) => {
      const rows = published('workforce');
      return changedRows(
        scene,
        rows,
        `update programme.publication p set parameters = (select jsonb_object_agg(k, jsonb_set(v, '{value}', '99999'))
          from jsonb_each(p.parameters) as e (k, v)) where ${rows.where}`,
      );
    },
  },
  {
    control: '164.316-b-2-iii',
    check: 'programme.tasks-on-time',
    what: 'work is left lying',
    says: /parameter-change [0-9a-f-]{36}/,
    break: forgottenTask,
  },
  {
    control: '164.306-e',
    check: 'programme.evaluation',
    what: 'the programme was not evaluated for more than a year',
    says: /The last audit report was made 40\d days ago; at most 365 are allowed/,
    break: (scene) => {
      const ago = "- interval '401 days'";
      const rows = { segment: 'identity', table: 'programme.report', where: 'tenant = 1' } as const;
      return changedRows(scene, rows, `update programme.report set at = at ${ago}`);
    },
  },
  {
    control: '164.530-j',
    check: 'programme.retention',
    what: 'the service could delete decisions',
    says: /programme\.decision: DELETE/,
    break: byOwner(
      'identity',
      'grant delete on programme.decision to safeguard_identity',
      'revoke delete on programme.decision from safeguard_identity',
    ),
  },
  {
    control: '160.310',
    check: 'programme.evidence-kept',
    what: 'a row of evidence is forged',
    says: /row 00000000-0000-4000-8000-00000000f003/,
    break: byOwner(
      'identity',
      `insert into programme.evidence (id, check_id, at, shard, index) values ('00000000-0000-4000-8000-00000000f003',
        'operations.training', (extract(epoch from now()) * 1000)::int8, 0, 1000000)`,
      "delete from programme.evidence where id = '00000000-0000-4000-8000-00000000f003'",
    ),
  },
];
