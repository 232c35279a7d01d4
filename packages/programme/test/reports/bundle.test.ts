import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, hash, randomInt } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { newId } from '@safeguard/kernel';
import { ed25519Signer } from '@safeguard/ledger';
import { bundleText, verifyBundle, verifyMany } from '@safeguard/verifier';
import { zipped } from '../../reports/bundle/zip.ts';
import { edit, editLine, filesOf, flipped, forged, patched } from './forge.ts';
import { actor, day_ms, fill, openWorld } from './world.ts';

const world = await openWorld();
const span = await fill(world, Date.now() - 1_000);
const { publicKey } = world.signer;
const first = await world.reports.make(actor, { kind: 'bundle', ...span });
const { bytes } = await world.reports.read(first.id);
const wrong = (given: Uint8Array) => verifyBundle(given, { publicKey });
const refused = (given: Uint8Array, where: RegExp, reason: RegExp = /./): void => {
  const verdict = wrong(given);
  assert.equal(verdict.ok, false);
  assert.match(verdict.wrong?.where ?? '', where, JSON.stringify(verdict.wrong));
  assert.match(verdict.wrong?.reason ?? '', reason, JSON.stringify(verdict.wrong));
};

test('a bundle verifies with nothing but its bytes, and its states are those of the platform', async () => {
  const verdict = wrong(bytes);
  assert.deepEqual(verdict.wrong, undefined);
  assert.equal(verdict.ok, true);
  assert.equal(verdict.evidence, 76);
  const { counts } = await world.deps.postureAt(span.until - 1);
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  assert.deepEqual(Object.entries(verdict.states).toSorted(), present.toSorted());
  assert.ok(Object.keys(verdict.states).length >= 5, 'the world is varied');
  assert.match(bundleText(verdict), /The bundle holds[\s\S]*signed with the key that you gave[\s\S]*does not prove/);
  assert.match(bundleText(verifyBundle(bytes)), /ask the operator for it/i);
});

test('its entry stands in the log, and nothing in it says more than it should', async () => {
  const [entry] = await world.ledger.readAt(0, [first.place.index], first.place.shard);
  const event = entry?.event as Record<string, unknown>;
  assert.deepEqual([event['kind'], event['report'], event['id']], ['report', 'bundle', first.id]);
  assert.equal(event['digest'], wrong(bytes).bundle?.manifest);
  const files = filesOf(bytes);
  assert.ok(!String(files.get('controls.json')).includes('/work/'), 'no paths of this machine');
  assert.match(String(files.get('README.md')), /does not prove/);
});

/** Bytes of the heads of entries, of the list of files, and of the end of the archive. */
function headsOf(archive: Buffer): number[] {
  const marks: Readonly<Record<number, number>> = { 67324752: 60, 33639248: 60, 101010256: 22 };
  const found = new Set<number>();
  for (let at = 0; at + 4 <= archive.length; at += 1) {
    const length = marks[archive.readUInt32LE(at)] ?? 0;
    for (let n = 0; n < length && at + n < archive.length; n += 1) found.add(at + n);
  }
  return [...found];
}

test('a flipped byte anywhere is found, or changes no byte of any file', () => {
  const heads = headsOf(bytes);
  const every = Math.ceil(heads.length / 600);
  const spread = heads.filter((_, n) => n % every === 0);
  for (let n = 0; n < 300; n += 1) spread.push(randomInt(bytes.length));
  const before = filesOf(bytes);
  let harmless = 0;
  for (const at of spread) {
    const other = flipped(bytes, at, 1 << randomInt(8));
    if (!wrong(other).ok) continue;
    // Bits that deflate skips at the end of a stream: whoever unpacks it gets the same files.
    assert.deepEqual(filesOf(other), before, `byte ${at}`);
    harmless += 1;
  }
  assert.ok(harmless < spread.length / 20, `${harmless} of ${spread.length}`);
});

test('every file, changed by one byte and packed anew, is found and named', async () => {
  for (const name of filesOf(bytes).keys()) {
    const files = filesOf(bytes);
    const old = files.get(name) ?? Buffer.alloc(0);
    files.set(name, old.length === 0 ? Buffer.from('x') : flipped(old, randomInt(old.length)));
    const verdict = wrong(await zipped(files));
    assert.equal(verdict.ok, false, name);
    assert.ok(name === verdict.wrong?.where || name.startsWith('manifest'), `${name}: ${verdict.wrong?.where}`);
  }
});

test('attack: without the key nothing can be put right', async () => {
  const change = edit<{ controls: { state: string }[] }>('posture.json', ({ controls }) => {
    for (const one of controls) one.state = 'met';
  });
  refused(await zipped(patched(bytes, change)), /manifest\.json/, /not the manifest that was signed/);
  const stranger = ed25519Signer(world.signer.name, generateKeyPairSync('ed25519').privateKey);
  refused(await forged(stranger, bytes, () => undefined), /manifest\.note/, /signature/);
  const own = edit<{ public_key: string }>('manifest.json', (manifest) => {
    manifest.public_key = Buffer.from(stranger.publicKey).toString('base64');
  });
  refused(await forged(stranger, bytes, own), /manifest\.json/, /another key/);
  // Without a key of ours a stranger's bundle is refused all the same: the checkpoints are not theirs.
  assert.match(verifyBundle(await forged(stranger, bytes, own)).wrong?.reason ?? '', /no signature of a trusted key/);
});

test('attack: with the key, states, evidence and proofs still have to agree', async () => {
  const { signer } = world;
  const sign = (change: (files: Map<string, Buffer>) => void) => forged(signer, bytes, change);
  assert.equal(wrong(await sign(() => undefined)).ok, true, 'control: signed anew and unchanged it holds');
  const met = edit<{ controls: { id: string; state: string }[] }>('posture.json', ({ controls }) => {
    for (const one of controls) if (one.id === '164.312-e-1') one.state = one.state === 'met' ? 'unmet' : 'met';
  });
  refused(await sign(met), /posture\.json/, /164\.312-e-1 .* evidence says/);
  type Run = { result: string; id: string };
  const better = editLine<Run>('evidence/00001.jsonl', -1, (one) => {
    one.result = 'met';
  });
  refused(await sign(better), /evidence\/00001\.jsonl:\d+/, /not what its leaf is stated to be/);
  const body = editLine<{ body: string }>('log/0/leaves-00001.jsonl', 3, (one) => {
    one.body = flipped(Buffer.from(one.body, 'base64'), 40).toString('base64');
  });
  refused(await sign(body), /log\/0\/proof\.json/, /do not lead to the root/);
  const moved = editLine<{ index: number }>('log/0/leaves-00001.jsonl', 0, (one) => {
    one.index -= 1;
  });
  refused(await sign(moved), /log\/0\/proof\.json/);
  const hashes = edit<{ hashes: string[] }>('log/0/proof.json', (one) => one.hashes.push(one.hashes[0] ?? ''));
  refused(await sign(hashes), /log\/0\/proof\.json/);
  const silent = edit<{ id: string; every_s: number }[]>('checks.json', (all) => {
    for (const one of all) one.every_s = 1;
  });
  refused(await sign(silent), /posture\.json/);
  const left = (files: Map<string, Buffer>): void => {
    files.set('evidence/before.jsonl', Buffer.alloc(0));
  };
  refused(await sign(left), /leaves-\d+\.jsonl:\d+/, /not in the bundle/);
  const text = (files: Map<string, Buffer>): void => {
    const name = [...files.keys()].find((one) => one.startsWith('policies/')) ?? '';
    files.set(name, Buffer.from('Another policy.'));
  };
  refused(await sign(text), /^policies\//, /not the approved text/);
  refused(
    await sign((files) => files.set('extra.txt', Buffer.from('x'))).then((one) => one.subarray(0, -1)),
    /archive/,
  );
});

test('attack: archives that are made to harm', async () => {
  refused(Buffer.alloc(0), /archive/);
  refused(Buffer.concat([bytes, Buffer.from('x')]), /archive/);
  refused(Buffer.concat([Buffer.from('x'), bytes]), /./);
  const traversal = Buffer.from(bytes.toString('latin1').replaceAll('README.md', '../../a.m'), 'latin1');
  refused(traversal, /archive/, /name/);
  const twice = Buffer.from(bytes.toString('latin1').replaceAll('waivers.json', 'posture.json'), 'latin1');
  refused(twice, /posture\.json/, /twice/);
  // A bomb that says it is small, and one that says how large it is.
  const bomb = await zipped(new Map([['manifest.json', Buffer.alloc(300 * 1024 * 1024)]]));
  refused(bomb, /manifest\.json/, /too large/);
  const list = bomb.length - 22 - (46 + 13);
  const small = Buffer.from(bomb);
  small.writeUInt32LE(10, 22);
  small.writeUInt32LE(10, list + 24);
  refused(small, /manifest\.json/, /unpacked/);
});

test('the next bundle goes on from this one; what was said before cannot be rewritten', async () => {
  const until = Date.now();
  await world.add('http.tls', until - 500);
  const next = await world.reports.make(actor, { kind: 'bundle', from: until - day_ms, until });
  const later = (await world.reports.read(next.id)).bytes;
  const both = verifyBundle(later, { publicKey, earlier: bytes });
  assert.equal(both.wrong, undefined);
  assert.equal(both.held_against_earlier, true);
  assert.equal(both.bundle?.previous, first.id);
  const { signer } = world;
  const rewritten = await forged(signer, later, (files) => {
    const name = 'evidence/00001.jsonl';
    const lines = String(files.get(name)).split('\n');
    const at = lines.findIndex((line) => line.includes('"unmet"'));
    const old = JSON.parse(lines[at] ?? '') as { id: string };
    editLine<{ saw: string }>(name, at, (one) => {
      one.saw = 'It was nothing.';
    })(files);
    const line = String(files.get(name)).split('\n')[at] ?? '';
    const leaves = String(files.get('log/0/leaves-00001.jsonl')).split('\n');
    const leaf = leaves.findIndex((one) => one.includes(old.id));
    editLine<{ digest: string }>('log/0/leaves-00001.jsonl', leaf, (one) => {
      one.digest = hash('sha256', line, 'hex');
    })(files);
  });
  // Whoever holds the key can state other words; whoever kept the earlier bundle sees it.
  assert.match(
    verifyBundle(rewritten, { publicKey, earlier: bytes }).wrong?.reason ?? '',
    /another piece|evidence says/,
  );
  const consistent = edit<{ previous: { root: string } }>('log/0/proof.json', (one) => {
    one.previous.root = Buffer.alloc(32, 7).toString('base64');
  });
  refused(await forged(signer, later, consistent), /log\/0\/proof\.json/, /does not begin with what it was/);
});

test('without notes a bundle has no free text of people; with them it has', async () => {
  const officer = world.people.add(['security-officer']);
  world.workflow.define(
    {
      ...{ kind: 'test-kind', title: 'T', open: ['security-officer'], work: ['everyone'], quorum: 1 },
      ...{ approve: ['security-officer'], due_days: 1, remind_days: [], escalate_days: 1, escalate_to: [] },
      ...{ immediate: false, subject: (value) => value as Record<string, unknown> },
    },
    async () => undefined,
  );
  const said = `Said by a person ${newId()}`;
  await world.workflow.open(officer, { kind: 'test-kind', title: said, subject: { said }, note: said });
  const until = Date.now();
  const span_ = { from: until - day_ms, until };
  const made = async (notes: boolean) => {
    const { id } = await world.reports.make(actor, { kind: 'bundle', ...span_, notes });
    const read = await world.reports.read(id);
    assert.equal(wrong(read.bytes).wrong, undefined);
    return String(filesOf(read.bytes).get('tasks.jsonl'));
  };
  const [without, with_] = [await made(false), await made(true)];
  assert.ok(without.includes('"opened"') && !without.includes('Said by'));
  assert.ok(with_.includes(said));
});

test('one proof of many leaves, at any size of the log and for any of them', async () => {
  const more = Array.from({ length: 700 }, () => ({ id: newId(), kind: 'request', action: 'read' }));
  await world.ledger.append(0, more);
  const { size = 0 } = (await world.ledger.checkpoint(0)) ?? {};
  const pick = (share: number): number[] =>
    Array.from({ length: size }, (_, at) => at).filter(() => randomInt(1000) < share);
  for (const indexes of [[0], [size - 1], [255, 256], pick(5), pick(100), pick(900), pick(1000)]) {
    if (indexes.length === 0) continue;
    const proof = await world.ledger.proveMany(0, indexes);
    const pages = Array.from({ length: Math.ceil(indexes.length / 1000) }, (_, n) =>
      indexes.slice(n * 1000, n * 1000 + 1000),
    );
    const entries = (await Promise.all(pages.map((some) => world.ledger.sealedAt(0, some, 0)))).flat();
    const leaves = entries.map(({ index, leaf }) => ({ index, hash: leaf }));
    const claim = { size: proof.size, root: proof.root, leaves, hashes: proof.hashes };
    assert.equal(verifyMany(claim), true);
    const [one] = leaves;
    if (one === undefined) continue;
    assert.equal(verifyMany({ ...claim, leaves: [{ ...one, hash: flipped(one.hash, 3) }, ...leaves.slice(1)] }), false);
    assert.equal(verifyMany({ ...claim, hashes: [...proof.hashes, one.hash] }), false);
  }
  await assert.rejects(world.ledger.proveMany(0, [size + 10_000]), { kind: 'missing' });
});

test('the verifier works from a copy of its folder alone, with plain node', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'safeguard-verifier-'));
  const run = promisify(execFile);
  try {
    cpSync(join(import.meta.dirname, '../../../verifier'), join(empty, 'verifier'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') && !path.includes('/test'),
    });
    writeFileSync(join(empty, 'bundle.zip'), bytes);
    writeFileSync(join(empty, 'other.zip'), flipped(bytes, bytes.length >> 1));
    const main = join(empty, 'verifier/bundle/main.ts');
    const key = Buffer.from(publicKey).toString('base64');
    const options = { cwd: empty, env: {} };
    const { stdout } = await run(process.execPath, [main, 'bundle.zip', '--key', key], options);
    assert.match(stdout, /The bundle holds/);
    const failed = await run(process.execPath, [main, 'other.zip', '--key', key], options).catch((error) => error);
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /DOES NOT HOLD/);
    const missing = await run(process.execPath, [main, 'none.zip'], options).catch((error) => error);
    assert.equal(missing.code, 2);
  } finally {
    rmSync(empty, { recursive: true });
  }
});
