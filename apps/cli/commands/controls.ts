import { queryOf } from '../access/told.ts';
import { type Admin, openAdmin } from '../admin/request.ts';
import { type Command, shared } from '../command.ts';
import { createProgress } from '../progress.ts';
import { table } from '../table.ts';

interface CheckState {
  readonly check: string;
  readonly title: string;
  readonly state: string;
  readonly because: string;
}

interface ControlState {
  readonly id: string;
  readonly citation: string;
  readonly title: string;
  readonly level: string;
  readonly state: string;
  readonly because: string;
  readonly waived_until: string | null;
  readonly requirement: string;
  readonly approach: string;
  readonly policies: readonly string[];
  readonly checks: readonly CheckState[];
}

interface Posture {
  readonly at: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly forged: readonly string[];
  readonly controls: readonly ControlState[];
}

interface Evidence {
  readonly id: string;
  readonly check: string;
  readonly received_at: string;
  readonly result: string;
  readonly examined: number;
  readonly saw: string;
  readonly todo: string | null;
  readonly exceptions: readonly string[];
  readonly more: number;
}

const common = { data: shared.data, json: shared.json } as const;
const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`;
const shortLevel: Readonly<Record<string, string>> = { required: 'R', addressable: 'A', none: '' };

const postureOf = (admin: Admin, at: string | undefined): Promise<Posture> =>
  admin.ask<Posture>('GET', `/controls${queryOf({ at })}`);

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`)
    .join(', ');

const rowsOf = (controls: readonly ControlState[]): string =>
  table([
    ['control', '', 'state', 'title'],
    ...controls.map(({ id, level, state, title, waived_until }) => [
      ...[id, shortLevel[level] ?? '', waived_until === null ? state : `${state} (waived)`, title],
    ]),
  ]);

const forgedText = (forged: readonly string[]): string =>
  forged.length === 0
    ? ''
    : `\n${forged.length} rows of evidence are not borne out by the log: treat it as an incident.\n`;

export const controls: Command = {
  name: 'controls',
  summary: 'shows the state of every control of the compliance programme, from evidence',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text:
    'Nothing sets a state: it follows from what live checks found. "documented" rests on a policy that is in force;\n' +
    '"unknown" has no fresh evidence.',
  options: {
    at: { type: 'string', value: 'DATE', text: 'at this moment in the past' },
    state: { type: 'string', value: 'STATE', text: 'only those in this state: met, unmet, unknown, documented …' },
    strict: { type: 'boolean', text: 'exit status 1 where anything is unmet or the evidence was tampered with' },
    ...common,
  },
  examples: ['safeguard controls', 'safeguard controls --state unmet', 'safeguard controls --at 2026-06-30 --json'],
  async run(input, terminal) {
    const posture = await postureOf(await openAdmin(input.text('data')), input.text('at'));
    const state = input.text('state');
    const shown = posture.controls.filter((one) => state === undefined || one.state === state);
    if (input.flag('json')) terminal.out(asJson({ ...posture, controls: shown }));
    else terminal.out(`${rowsOf(shown)}\n${countsText(posture.counts)}\n${forgedText(posture.forged)}`);
    const isSound = (posture.counts['unmet'] ?? 0) === 0 && posture.forged.length === 0;
    return isSound || !input.flag('strict') ? 0 : 1;
  },
};

const shownText = (one: ControlState): string =>
  `${one.citation}  ${one.title}\n\n` +
  `state        ${one.state}: ${one.because}\n` +
  `requirement  ${one.requirement.trim()}\napproach     ${one.approach.trim()}\n` +
  `policies     ${one.policies.join(' ')}\n\n` +
  (one.checks.length === 0
    ? 'No machine can prove this: it rests on its policy.\n'
    : table([
        ['check', 'state', 'what was seen'],
        ...one.checks.map(({ check, state, because }) => [check, state, because]),
      ]));

export const controlsShow: Command = {
  name: 'controls show',
  summary: 'shows one control with its checks and what they saw',
  usage: 'CONTROL [options]',
  positionals: { least: 1, most: 1 },
  options: { at: { type: 'string', value: 'DATE', text: 'at this moment in the past' }, ...common },
  examples: ['safeguard controls show 164.312-a-2-iii'],
  async run(input, terminal) {
    const [id = ''] = input.positionals;
    const posture = await postureOf(await openAdmin(input.text('data')), input.text('at'));
    const found = posture.controls.find((one) => one.id === id || one.citation === id);
    if (found === undefined) {
      terminal.err('There is no such control; `safeguard controls` lists them.\n');
      return 1;
    }
    terminal.out(input.flag('json') ? asJson(found) : shownText(found));
    return 0;
  },
};

/** A few at a time: each batch is one act, so that there is something to show between them. */
const batch = 4;

async function runAll(
  admin: Admin,
  ids: readonly string[],
  told: (done: number, last: string) => void,
): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for (let at = 0; at < ids.length; at += batch) {
    const some = ids.slice(at, at + batch);
    told(at, some[0] ?? '');
    found.push(...(await admin.ask<{ items: Evidence[] }>('POST', '/checks/run', { checks: some })).items);
  }
  return found;
}

const exceptionsOf = ({ exceptions, more }: Evidence): string =>
  [...exceptions.map((one) => `    ${one}`), ...(more > 0 ? [`    … and ${more} more`] : [])].join('\n');

const resultText = (one: Evidence): string => {
  const head = `${one.result.padEnd(7)}  ${one.check}  (${one.examined})\n    ${one.saw}`;
  const rest = [one.todo === null || one.result === 'met' ? '' : `    To do: ${one.todo}`, exceptionsOf(one)];
  return [head, ...rest.filter((text) => text !== '')].join('\n');
};

export const controlsRun: Command = {
  name: 'controls run',
  summary: 'runs live checks now and keeps their evidence in the log',
  usage: '[CHECK…] [options]',
  positionals: { least: 0, most: 200 },
  options: { ...common },
  examples: ['safeguard controls run', 'safeguard controls run http.tls identity.idle-logoff'],
  async run(input, terminal) {
    const admin = await openAdmin(input.text('data'));
    const { checks } = await admin.ask<{ checks: { id: string }[] }>('GET', '/checks');
    const ids = input.positionals.length > 0 ? input.positionals : checks.map(({ id }) => id);
    const progress = createProgress(terminal);
    const found = await runAll(admin, ids, (done, text) => progress.update({ done, total: ids.length, text })).finally(
      progress.finish,
    );
    const wrong = found.filter(({ result }) => result !== 'met');
    if (input.flag('json')) terminal.out(asJson({ items: found }));
    else {
      const shown = input.positionals.length > 0 ? found : wrong;
      terminal.out(
        `${shown.map(resultText).join('\n')}\n${found.length - wrong.length} of ${found.length} checks met.\n`,
      );
    }
    return wrong.length === 0 ? 0 : 1;
  },
};

export const controlsChecks: Command = {
  name: 'controls checks',
  summary: 'lists the live checks: what each asks, and how often',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard controls checks'],
  async run(input, terminal) {
    const admin = await openAdmin(input.text('data'));
    const { checks } = await admin.ask<{ checks: { id: string; title: string; every_s: number; kind: string }[] }>(
      'GET',
      '/checks',
    );
    if (input.flag('json')) terminal.out(asJson({ items: checks }));
    else
      terminal.out(
        table([
          ['check', 'every', '', 'title'],
          ...checks.map(({ id, title, every_s, kind }) => [id, `${every_s} s`, kind, title]),
        ]),
      );
    return 0;
  },
};

export const controlsParameters: Command = {
  name: 'controls parameters',
  summary: 'lists every number of the programme, and what the running services work by',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard controls parameters'],
  async run(input, terminal) {
    const admin = await openAdmin(input.text('data'));
    type Item = { name: string; value: unknown; unit: string | null; setting: string | null; running: unknown };
    const { items } = await admin.ask<{ items: Item[] }>('GET', '/parameters');
    if (input.flag('json')) terminal.out(asJson({ items }));
    else
      terminal.out(
        table([
          ['parameter', 'value', 'unit', 'setting', 'running'],
          ...items.map(({ name, value, unit, setting, running }) => [
            ...[name, String(value), unit ?? '', setting ?? '', running === null ? '' : String(running)],
          ]),
        ]),
      );
    return 0;
  },
};
