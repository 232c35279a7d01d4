import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress, drawBar, plainLine } from '../progress.ts';
import { keeping } from './terminal.ts';

test('the bar fits the terminal and shows how far it is', () => {
  assert.equal(drawBar({ done: 1, total: 2, text: 'half' }, 79), `${'█'.repeat(12)}${'░'.repeat(12)}  50 %  half`);
  assert.equal(drawBar({ done: 9, total: 2, text: 'more' }, 79), `${'█'.repeat(24)} 100 %  more`);
  assert.equal(drawBar({ done: 0, total: 0, text: 'nothing' }, 79), 'nothing');
  assert.equal(drawBar({ done: 1, total: 3, text: 'x'.repeat(200) }, 40).length, 40);
  assert.equal(plainLine({ done: 1, total: 3, text: 'a third' }), '33 %  a third');
});

test('on a terminal it draws over itself, at most ten times a second, and is gone at the end', () => {
  let now = 0;
  const terminal = keeping(true);
  const progress = createProgress(terminal, () => now);
  for (let done = 0; done <= 100; done += 1) {
    progress.update({ done, total: 100, text: '' });
    now += 10;
  }
  assert.equal(terminal.said.err.split('\r').length - 1, 11);
  assert.ok(!terminal.said.err.includes('\n'));
  progress.finish();
  assert.ok(terminal.said.err.endsWith('\r\u001b[K'));
  const before = terminal.said.err;
  progress.update({ done: 1, total: 1, text: 'late' });
  progress.finish();
  assert.equal(terminal.said.err, before);
});

test('elsewhere it writes a whole line every five seconds', () => {
  let now = 0;
  const terminal = keeping();
  const progress = createProgress(terminal, () => now);
  for (let second = 0; second < 16; second += 1) {
    progress.update({ done: second, total: 16, text: `${second}` });
    now += 1000;
  }
  progress.finish();
  assert.equal(terminal.said.err, '31 %  5\n62 %  10\n93 %  15\n');
});
