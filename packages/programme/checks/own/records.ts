import type { Check } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Parameters } from '../../parameters/parameters.ts';
import type { Policies } from '../../policies/types.ts';
import type { Evidences } from '../evidence.ts';
import { counted, found } from '../found.ts';

export interface RecordCheckDeps {
  /** The identity segment. */
  readonly segment: Segment;
  readonly evidence: Pick<Evidences, 'newest' | 'unfound'>;
  readonly parameters: Pick<Parameters, 'list'>;
  readonly policies: Pick<Policies, 'list'>;
  readonly tenant: number;
}

/** 164.306(e), 164.316(b)(2)(iii): what is written is what runs. */
const parameters = ({ parameters: store, policies, tenant }: RecordCheckDeps): Check => ({
  id: 'programme.parameters',
  title: 'Numbers are the same in text, setting and service',
  query:
    'Holds every number of the programme that is a setting against what the running services work by, and the ' +
    'numbers in the published policies against those in force.',
  every_s: 900,
  async run() {
    const all = await store.list();
    const bound = all.filter(({ parameter: { setting } }) => setting !== undefined);
    const apart = bound.flatMap(({ parameter: { name, setting }, value, running }) => {
      const meant = typeof value === 'number' ? value * (setting?.times ?? 1) : value;
      return running === meant
        ? []
        : [`${name}: the programme says ${meant}, ${setting?.name} is ${running ?? 'not known'}`];
    });
    const now = new Map(all.map(({ parameter: { name }, value }) => [name, value]));
    const published = (await policies.list(tenant)).filter(({ state }) => state === 'published');
    const old = published.flatMap(({ policy, parameters: then }) =>
      Object.entries(then).flatMap(([name, value]) =>
        now.get(name) === value ? [] : [`${policy}: was published with another ${name}`],
      ),
    );
    return found(all.length + published.length, [...apart, ...old], {
      met: `${counted(all.length, 'number')}, ${bound.length} of them settings: text, setting and service agree.`,
      unmet: 'settings, or numbers in policies, are not what the programme says.',
      todo: 'Take the setting back, or have the number changed and the policies published again.',
    });
  },
});

const grants = {
  name: 'programme.retention.grants',
  text: `select c.relname as table, p.privilege from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join (values ('DELETE'), ('TRUNCATE')) as p (privilege)
    where n.nspname = 'programme' and c.relkind in ('r', 'p')
      and has_table_privilege(current_user, c.oid, p.privilege)`,
};
const tables = {
  name: 'programme.retention.tables',
  text: `select count(*)::int as n from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'programme' and c.relkind in ('r', 'p')`,
};

/** 45 CFR 164.316(b)(2)(i). */
const retention = ({ segment }: RecordCheckDeps): Check => ({
  id: 'programme.retention',
  title: 'Records of the programme cannot be deleted',
  query: 'Asks the database whether the role that runs could delete from, or empty, any table of the programme.',
  every_s: 3_600,
  async run({ number }) {
    const rows = await segment.query<{ table: string; privilege: string }>(0, grants, []);
    const years = number('retention.documentation_years');
    const [counts] = await segment.query<{ n: number }>(0, tables, []);
    return found(
      counts?.n ?? 0,
      rows.map(({ table, privilege }) => `programme.${table}: ${privilege}`),
      {
        met: `Nothing that runs can delete from ${counted(counts?.n ?? 0, 'table')}; kept ${years} years and longer.`,
        unmet: 'records of the programme could be deleted by the running service.',
        todo: 'Take the privilege away from the role.',
      },
    );
  },
});

const recent_ms = 2 * 3_600_000;

/** 45 CFR 164.312(c)(2), 164.316(b)(1)(ii). */
const evidenceKept = ({ evidence }: RecordCheckDeps): Check => ({
  id: 'programme.evidence-kept',
  title: 'The evidence is what the log says',
  query:
    'Reads the newest evidence of every check from the log, at the place that the database names, and compares; then ' +
    'all evidence of the last two hours the other way round: each entry has its row.',
  every_s: 900,
  async run({ at }) {
    const { found: all, forged } = await evidence.newest(at);
    const { entries, missing } = await evidence.unfound(at - recent_ms);
    const lost = missing.map((one) => `entry ${one.evidence.id}: no row finds it`);
    const wrong = [...forged.map((id) => `row ${id}`), ...lost];
    return found(all.size + forged.length + entries, wrong, {
      met: `${counted(all.size, 'piece')} of evidence: each stands in the log as it stands in the database.`,
      unmet: 'rows of evidence are not borne out by the log, or are gone.',
      todo: 'Somebody wrote to the database past the server: treat it as an incident.',
    });
  },
});

export const recordChecks = (deps: RecordCheckDeps): readonly Check[] => [
  parameters(deps),
  retention(deps),
  evidenceKept(deps),
];
