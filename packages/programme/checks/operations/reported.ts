import type { Check, CheckContext, CheckResult } from '@safeguard/kernel';
import { counted } from '../found.ts';
import { openFolder, type Receipt, type ReceiptKind, readReceipts } from './receipts.ts';

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

interface Reported {
  readonly id: string;
  readonly kind: ReceiptKind;
  readonly title: string;
  /** What the tool does, for texts: "vulnerability scan". */
  readonly act: string;
  readonly query: string;
  /** The parameter that says how old the newest may be, and its unit. */
  readonly age: readonly [parameter: string, unit_ms: number];
  /** What is wrong with the newest, beside its age. */
  readonly wrong?: (newest: Receipt, all: readonly Receipt[], context: CheckContext) => readonly string[];
}

/** Findings that are open for longer than they may be. */
function unpatched({ findings = [] }: Receipt, _all: readonly Receipt[], { at, number }: CheckContext): string[] {
  const most = {
    critical: number('vulnerabilities.patch_critical_days'),
    high: number('vulnerabilities.patch_high_days'),
  };
  return findings.flatMap(({ id, severity, found_at, fixed_at }) => {
    if (fixed_at !== undefined || (severity !== 'critical' && severity !== 'high')) return [];
    const days = Math.floor((at - found_at) / day_ms);
    return days > most[severity] ? [`${id}: ${severity}, open for ${days} days; at most ${most[severity]}`] : [];
  });
}

const openFindings = ({ findings = [] }: Receipt): string[] =>
  findings.filter(({ fixed_at }) => fixed_at === undefined).map(({ id, severity }) => `${id}: ${severity}, open`);

function restored(
  { restored: digest, started_at, finished_at }: Receipt,
  _all: readonly Receipt[],
  { number }: CheckContext,
) {
  const hours = (finished_at - started_at) / hour_ms;
  const most = number('recovery.restore_hours');
  return [
    ...(digest === undefined ? ['it does not say which backup was restored'] : []),
    ...(hours > most ? [`it took ${hours.toFixed(1)} hours; at most ${most} are allowed`] : []),
  ];
}

const kinds: readonly Reported[] = [
  {
    id: 'operations.restore-tested',
    kind: 'restore-test',
    title: 'A backup was restored, as a test',
    act: 'restore test',
    query: 'Reads the receipts of restore tests: one succeeded, of a named backup, quickly enough, recently enough.',
    age: ['backups.restore_test_days', day_ms],
    wrong: restored,
  },
  {
    id: 'operations.vulnerability-scan',
    kind: 'vulnerability-scan',
    title: 'Vulnerabilities are scanned for and patched in time',
    act: 'vulnerability scan',
    query: 'Reads the receipts of the scanner: one is recent, and nothing critical or high is open for too long.',
    age: ['vulnerabilities.scan_days', day_ms],
    wrong: unpatched,
  },
  {
    id: 'operations.malware-scan',
    kind: 'malware-scan',
    title: 'Malicious software is scanned for',
    act: 'malware scan',
    query: 'Reads the receipts of the malware scanner: one is recent, and nothing that it found is still there.',
    age: ['malware.scan_hours', hour_ms],
    wrong: openFindings,
  },
  {
    id: 'operations.intrusion-detection',
    kind: 'intrusion-detection',
    title: 'Intrusion detection reports',
    act: 'report of the intrusion detection',
    query: 'Reads the receipts of the intrusion detection: it reported recently, and no alert of it is open.',
    age: ['intrusion.report_hours', hour_ms],
    wrong: openFindings,
  },
  {
    id: 'operations.penetration-test',
    kind: 'penetration-test',
    title: 'A penetration test was made',
    act: 'penetration test',
    query: 'Reads the receipts of penetration tests: one is recent, and nothing critical or high is open for too long.',
    age: ['vulnerabilities.penetration_test_days', day_ms],
    wrong: unpatched,
  },
  {
    id: 'operations.recovery-drill',
    kind: 'recovery-drill',
    title: 'Disaster recovery was rehearsed',
    act: 'recovery drill',
    query: 'Reads the receipts of recovery drills: one succeeded recently, within the time that recovery may take.',
    age: ['recovery.drill_days', day_ms],
    wrong: (newest, _all, { number }) => {
      const hours = (newest.finished_at - newest.started_at) / hour_ms;
      const most = number('recovery.restore_hours');
      return hours > most ? [`it took ${hours.toFixed(1)} hours; at most ${most} are allowed`] : [];
    },
  },
];

function judge(
  one: Reported,
  found: readonly Receipt[],
  malformed: readonly string[],
  context: CheckContext,
): CheckResult {
  const { act, age, wrong = () => [] } = one;
  const todo = 'Have it done beside Safeguard, and leave its receipt: see docs/programme/receipts.md.';
  const sound = found.filter(({ outcome, examined }) => outcome === 'succeeded' && examined > 0);
  const [newest] = sound;
  if (newest === undefined) {
    const saw = found.length === 0 ? `No ${act} is known.` : `No ${act} has succeeded and looked at anything.`;
    return { result: 'unmet', examined: Math.max(1, found.length), saw, todo };
  }
  const [parameter, unit_ms] = age;
  const most = context.number(parameter);
  const old = (context.at - newest.finished_at) / unit_ms;
  const unit = unit_ms === day_ms ? 'day' : 'hour';
  if (old > most) {
    const saw = `The newest ${act} is ${counted(Math.floor(old), unit)} old; at most ${most} are allowed.`;
    return { result: 'unmet', examined: found.length, saw, todo };
  }
  const exceptions = [...wrong(newest, found, context), ...malformed.map((name) => `${name}: is no receipt`)];
  if (exceptions.length > 0) {
    const saw = `The newest ${act} is recent, and not as it has to be.`;
    return { result: 'unmet', examined: newest.examined, saw, todo, exceptions: exceptions.slice(0, 20) };
  }
  const saw = `The newest ${act} is ${counted(Math.floor(old), unit)} old and leaves nothing open.`;
  return { result: 'met', examined: newest.examined, saw, from: newest.started_at, until: context.at };
}

/** 45 CFR 164.308(a)(1)(ii)(A), (a)(5)(ii)(B), (a)(6)(ii), (a)(7)(ii)(B), (D), (a)(8). */
export const reportedChecks = (directory: string): readonly Check[] =>
  kinds.map((one) => ({
    ...{ id: one.id, title: one.title, query: one.query, every_s: 900, kind: 'reported' },
    async run(context) {
      const { found, malformed, isOpen } = await readReceipts(directory, one.kind, context.at);
      if (isOpen) return { result: 'unmet', examined: 1, ...openFolder };
      return judge(one, found, malformed, context);
    },
  }));
