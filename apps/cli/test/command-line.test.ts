import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import type { Command } from '../command.ts';
import { commands } from '../commands.ts';
import { run } from '../run.ts';
import { nearest } from '../suggest.ts';
import { keeping } from './terminal.ts';

const ran = async (args: string[], list?: readonly Command[]) => {
  const terminal = keeping();
  const status = list === undefined ? await run(args, terminal) : await run(args, terminal, list);
  return { status, ...terminal.said };
};

const echo = (act: Command['run']): Command => ({
  name: 'echo',
  summary: 'says it again',
  usage: 'WORD',
  positionals: { least: 1, most: 1 },
  options: {
    times: { type: 'string', text: 'how often', between: [1, 9] },
    tone: { type: 'string', text: 'how', choices: ['soft', 'loud'] },
    twice: { type: 'boolean', text: 'again' },
  },
  examples: ['safeguard echo hello'],
  run: act,
});
const saying = echo(async (input, terminal) => {
  terminal.out([input.positionals[0], input.whole('times', 1), input.text('tone'), input.flag('twice')].join(' '));
  return 0;
});

test('every command has help with examples, and help exits 0', async () => {
  for (const { name } of commands.filter((command) => command.name !== 'help')) {
    for (const args of [
      [...name.split(' '), '--help'],
      ['help', ...name.split(' ')],
      [...name.split(' '), '-h'],
    ]) {
      const { status, out, err } = await ran(args);
      assert.equal(status, 0, args.join(' '));
      assert.equal(err, '');
      assert.match(out, new RegExp(`Usage: safeguard ${name}`));
      assert.match(out, /Examples:\n {2}\S/);
      for (const line of out.split('\n')) assert.ok(line.length <= 130, line);
    }
  }
  const { status, out } = await ran(['--help']);
  assert.equal(status, 0);
  for (const { name } of commands) assert.ok(out.includes(`  ${name}`), name);
});

test('help is given even where the rest of the line is wrong', async () => {
  assert.equal((await ran(['load', '--conccurency', 'x', '--help'])).status, 0);
});

test('nothing at all is a usage error that shows the commands', async () => {
  const { status, err } = await ran([]);
  assert.equal(status, 2);
  assert.match(err, /Commands:/);
});

test('unknown words exit 2 and name the nearest that exists', async () => {
  const cases: [string[], RegExp][] = [
    [['laod', 'x'], /Did you mean "load"\?/],
    [
      ['client', 'craete'],
      /goes on with one of: client create, client list, client show, .*\. Did you mean "client create"\?/,
    ],
    [['client'], /goes on with one of/],
    [['ledger', 'verfy'], /Did you mean "ledger verify"\?/],
    [['up', '--prot', '1'], /no option "--prot"\. Did you mean "--port"\?/],
    [['up', '--port', 'x'], /--port is a whole number from 0 to 65535/],
    [['up', '--port'], /--port expects N/],
    [['up', '--data', '--port', '1'], /--data expects DIR/],
    [['up', '--tls', 'onn'], /--tls is one of on, off\. Did you mean "on"\?/],
    [['up', 'now'], /one word too many/],
    [['load'], /Something is missing/],
    [['client', 'create', 'x'], /--scopes is needed/],
    [['version', '--json'], /no option "--json"/],
    [['wholly-other'], /There is no command/],
  ];
  for (const [args, words] of cases) {
    const { status, out, err } = await ran(args);
    assert.equal(status, 2, args.join(' '));
    assert.equal(out, '');
    assert.match(err, words);
    assert.match(err, /Usage: safeguard/);
  }
});

test('options arrive as they are typed, and options after -- are words', async () => {
  assert.equal((await ran(['echo', 'hi', '--times', '3', '--tone=loud', '--twice'], [saying])).out, 'hi 3 loud true');
  assert.equal((await ran(['echo', '--', '--hi'], [saying])).out, '--hi 1  false');
  assert.equal((await ran(['echo', 'hi', '--twice=1'], [saying])).status, 2);
});

test('what fails exits 1, in words and without a stack', async () => {
  const faulty = echo(() => Promise.reject(fault('unavailable', 'it is shut', { cause: new Error('secret') })));
  const told = await ran(['echo', 'x'], [faulty]);
  assert.deepEqual([told.status, told.err], [1, 'safeguard: it is shut\n']);
  const broken = echo(() => Promise.reject(new TypeError('EIO: i/o error')));
  const { status, err } = await ran(['echo', 'x'], [broken]);
  assert.equal(status, 1);
  assert.ok(!err.includes('    at '), err);
});

test('without a running instance the commands say how to start one', async () => {
  const lines = [
    ['client', 'list'],
    ['tenant', 'list'],
    ['ledger', 'verify'],
    ['keys', 'rotate'],
    ['demo'],
    ['load', import.meta.dirname],
  ];
  for (const args of lines.slice(0, 5)) {
    const { status, err } = await ran([...args, '--data', '/nowhere/at/all']);
    assert.equal(status, 1);
    assert.match(err, /no instance is running on \/nowhere\/at\/all\. Start one: safeguard up --data/);
  }
});

test('destroying asks to be sure', async () => {
  const { status, err } = await ran(['patient', 'destroy', 'x', '--data', '/nowhere']);
  assert.equal(status, 1);
  assert.match(err, /Nothing was done.*--yes/);
});

test('suggestions are near or none', () => {
  assert.equal(nearest('verison', ['version', 'load']), 'version');
  assert.equal(nearest('cl', ['client', 'load']), 'client');
  assert.equal(nearest('zzzzzz', ['version', 'load']), undefined);
});
