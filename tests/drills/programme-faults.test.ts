import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deployedCopy } from '../harness/deployed.ts';
import { openInside } from '../harness/inside.ts';
import { type Instance, removeData, type Start, start } from '../harness/instance.ts';
import { cliJson } from '../harness/people.ts';
import { passphrase, type ShownControl, type ShownEvidence, soundHouse, soundStart } from '../harness/programme.ts';
import { databaseFaults } from './faults/databases.ts';
import { operationFaults } from './faults/operations.ts';
import { peopleFaults } from './faults/people.ts';
import { programmeFaults } from './faults/programme.ts';
import { policyFault, recordFaults } from './faults/records.ts';
import type { Fault, Scene } from './faults/scene.ts';
import { wrongStarts } from './faults/starts.ts';

const faults: readonly Fault[] = [
  ...databaseFaults,
  ...peopleFaults,
  ...recordFaults,
  policyFault,
  ...programmeFaults,
  ...operationFaults,
];

let scene: Scene;
let copy: Awaited<ReturnType<typeof deployedCopy>>;
before(async () => {
  // Code of its own: nobody's work on the tree makes this instance look as if its files were changed.
  copy = await deployedCopy();
  const house = await soundHouse({ code: copy.code, env: ownInspector });
  const { safeguard } = house;
  await cliJson(safeguard, 'tenant', 'create', 'quiet');
  await safeguard.token('system/*.rs', { tenant: 'quiet' });
  const [quiet] = (await cliJson<{ id: number; name: string }[]>(safeguard, 'tenant', 'list')).filter(
    ({ name }) => name === 'quiet',
  );
  scene = {
    house,
    code: copy.code,
    inside: await openInside(safeguard.data, passphrase),
    quiet: { name: 'quiet', number: quiet?.id ?? 0 },
  };
});
after(async () => {
  await scene?.inside.close();
  await scene?.house.safeguard.stop();
  if (scene !== undefined) await removeData(scene.house.safeguard.data);
  await copy?.remove();
});

/** Debuggers of two tests at once are not to meet at one port. */
const ownInspector = { NODE_OPTIONS: '--inspect-port=0' };

const controlsOf = async (instance: Instance): Promise<ReadonlyMap<string, ShownControl>> => {
  const { controls } = await cliJson<{ controls: ShownControl[] }>(instance, 'controls');
  return new Map(controls.map((one) => [one.id, one]));
};

/** By the operator's command: nobody is signed in at an instance that just started. */
async function ranBy(instance: Instance, checks: readonly string[]): Promise<readonly ShownEvidence[]> {
  const { stdout } = await instance.cli('controls', 'run', ...new Set(checks), '--json');
  return JSON.parse(stdout).items;
}

const wordsOf = ({ saw, exceptions }: ShownEvidence): string => [saw, ...exceptions].join('\n');

test('a house that does what the programme asks has every control met that can be', async () => {
  const ran = await scene.house.run();
  const wrong = ran.filter(({ result }) => result !== 'met');
  assert.deepEqual(
    wrong.map((one) => `${one.check}: ${wordsOf(one)}`),
    [],
  );
});

for (const fault of faults) {
  test(`${fault.control} (${fault.check}): ${fault.what}`, async () => {
    const { run, control } = scene.house;
    const { check, says } = fault;
    const was = await control(fault.control);
    assert.equal(was.state, 'met', was.because);
    const repair = await fault.break(scene);
    try {
      const [evidence] = await run(check);
      const is = await control(fault.control);
      assert.equal(evidence?.result, 'unmet', JSON.stringify(evidence));
      assert.match(wordsOf(evidence), says);
      assert.equal(is.state, 'unmet', is.because);
      const own = is.checks.find((one) => one.check === check);
      assert.deepEqual([own?.state, own?.because, own?.evidence], ['unmet', evidence.saw, evidence.id]);
      assert.ok(evidence.todo, 'it says what to do');
    } finally {
      await repair();
    }
    await run(check);
    const again = await control(fault.control);
    assert.deepEqual([again.state, again.because], [was.state, was.because]);
  });
}

test('another start: the same data under other settings, or by another release', async (t) => {
  const { data } = scene.house.safeguard;
  const startWith = async (options: Start = {}): Promise<Instance> => {
    await scene.house.safeguard.stop();
    const safeguard = await start(soundStart({ data, code: copy.code, ...options }));
    scene = { ...scene, house: { ...scene.house, safeguard } };
    return safeguard;
  };
  const was = await controlsOf(scene.house.safeguard);
  for (const wrong of wrongStarts) {
    await t.test(wrong.what, async (each) => {
      const own = await deployedCopy(copy.code);
      const safeguard = await startWith(await wrong.options(own.code));
      const found = await ranBy(
        safeguard,
        wrong.faults.map(({ check }) => check),
      );
      const is = await controlsOf(safeguard);
      for (const { control, check, says } of wrong.faults) {
        await each.test(`${control} (${check})`, () => {
          const evidence = found.find((one) => one.check === check);
          assert.equal(evidence?.result, 'unmet', JSON.stringify(evidence));
          assert.match(wordsOf(evidence), says);
          assert.equal(is.get(control)?.state, 'unmet');
          assert.equal(is.get(control)?.checks.find((one) => one.check === check)?.because, evidence.saw);
        });
      }
      await own.remove();
    });
  }
  await t.test('started soundly again', async () => {
    const safeguard = await startWith();
    const ends = wrongStarts.flatMap((one) => one.faults);
    await ranBy(
      safeguard,
      ends.map(({ check }) => check),
    );
    const again = await controlsOf(safeguard);
    for (const { control } of ends) {
      assert.deepEqual(
        [again.get(control)?.state, again.get(control)?.because],
        [was.get(control)?.state, was.get(control)?.because],
        control,
      );
    }
  });
});

test('at least forty controls have a fault of their own', () => {
  const controls = new Set([...faults, ...wrongStarts.flatMap((one) => one.faults)].map(({ control }) => control));
  assert.ok(controls.size >= 40, `${controls.size}`);
});
