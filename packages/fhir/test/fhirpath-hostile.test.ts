import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { compilePath } from '../index.ts';

const focus = { resourceType: 'Patient', name: Array.from({ length: 200 }, (_, at) => ({ family: `f${at}` })) };

/** The kind of Fault, or `none`; and that an answer of either kind came within the time. */
function asked(expression: string, limit_ms = 4000): string {
  const start = process.cpuUsage();
  let kind = 'none';
  try {
    compilePath(expression).evaluate(focus);
  } catch (error) {
    if (!isFault(error)) throw error;
    kind = error.kind;
  }
  const { user } = process.cpuUsage(start);
  assert.ok(user / 1000 < limit_ms, `${Math.round(user / 1000)} ms for ${expression.slice(0, 60)}`);
  return kind;
}

describe('FHIRPath: hostile expressions', () => {
  test('size and depth are bounded', () => {
    assert.equal(asked(`${'('.repeat(200)}1${')'.repeat(200)}`), 'invalid');
    assert.equal(asked(`${'iif(true,'.repeat(200)}1${')'.repeat(200)}`), 'invalid');
    assert.equal(asked(`name${'.name'.repeat(500)}`), 'invalid');
    assert.equal(asked(`1${'+1'.repeat(4000)}`), 'invalid');
    assert.equal(asked(`${'-'.repeat(5000)}1`), 'invalid');
    assert.equal(asked(`'${'a'.repeat(10_000)}'`), 'invalid');
    assert.equal(asked(`1${'+1'.repeat(300)}`), 'none', 'a long but sane one is read');
  });

  test('work is bounded', () => {
    const loops = `name${'.select(%context.name)'.repeat(5)}`;
    assert.equal(asked(loops), 'unprocessable');
    assert.equal(
      asked(`name${".where(%context.name.where(%context.name.where(%context.name.exists(family = 'x'))))"}`),
      'unprocessable',
    );
    assert.equal(asked("'a'.repeat($this & 'a')"), 'unprocessable');
    assert.equal(asked('1.repeat($this + 1)'), 'unprocessable');
    assert.equal(asked("name.select('aaaaaaaaaaaaaaaa').aggregate($total & $total & $this, 'x')"), 'unprocessable');
    const doubled = Array.from({ length: 60 }, (_, at) => `.defineVariable('v${at + 1}', %v${at}.combine(%v${at}))`);
    assert.equal(asked(`defineVariable('v0', name)${doubled.join('')}`), 'unprocessable');
    const texts = Array.from({ length: 60 }, (_, at) => `.defineVariable('t${at + 1}', %t${at}.replace('a', 'aaaa'))`);
    assert.equal(asked(`defineVariable('t0', 'aaaa')${texts.join('')}`), 'unprocessable');
    const numbers = Array.from({ length: 90 }, (_, at) => `.defineVariable('n${at + 1}', %n${at} * %n${at})`);
    assert.equal(asked(`defineVariable('n0', 1.5)${numbers.join('')}`), 'none', 'an overflow is empty');
  });

  test('but a large resource of an honest kind is answered', () => {
    const contains = Array.from({ length: 8000 }, (_, at) => ({
      system: 'http://e.org',
      code: `c${at}`,
      display: 'x',
    }));
    const valueSet = { resourceType: 'ValueSet', expansion: { contains: [...contains, { contains }] } };
    const path = compilePath('ValueSet.expansion.repeat(contains).count()');
    assert.deepEqual(path.evaluate(valueSet), [8001], 'the same code below is the same item');
    assert.deepEqual(compilePath('descendants().code.distinct().count()').evaluate(valueSet), [8000]);
  });

  test('no regular expression hangs', () => {
    const text = 'a'.repeat(2000);
    for (const pattern of [
      '(a+)+$',
      '(a|a)*$',
      '(a|aa)+$',
      '(a*)*b',
      '(.*a){20}',
      'a*a*a*a*a*a*b',
      '([a-z]+)*=',
      '(x+x+)+y',
    ]) {
      const kind = asked(`'${text}!'.matches('${pattern}')`);
      assert.ok(kind === 'none' || kind === 'unprocessable', pattern);
      asked(`'${text}!'.replaceMatches('${pattern}', 'x')`);
    }
    assert.equal(asked("'a'.matches('((a{50}){50}){50}')"), 'unprocessable');
    assert.equal(asked("'a'.matches('(a)\\\\1')"), 'unprocessable', 'a back reference is refused');
    assert.equal(asked("'a'.matches('(?=a)')"), 'unprocessable', 'look-ahead is refused');
  });

  test('control: the same pattern on the engine of JavaScript takes exponential time', () => {
    const cpu = (run: () => void): number => {
      const start = process.cpuUsage();
      run();
      return process.cpuUsage(start).user;
    };
    const at = (length: number): number => cpu(() => /(a+)+$/.test(`${'a'.repeat(length)}!`));
    at(10);
    assert.ok(at(24) > 20 * at(16), 'eight more characters: about 256 times the work');
  });
});

describe('FHIRPath: the regular expressions of our own machine', () => {
  /** A group that repeats keeps a pattern off the engine's matcher. */
  const patterns = [
    '(ab|a)(bc)?',
    '(a+?)(b*)',
    '^(?:[^\\s.]{1,3}(?:\\.x)?)*$',
    '(?<y>\\d{4})-(\\d\\d)',
    '\\bfoo\\b|(ba)+r',
    '(a|b)*?c$',
    'x*',
    '[\\w-]+@([a-z]+\\.)+[a-z]{2,}',
    '(é|\\p{Lu})+',
  ];
  const texts = [
    '',
    'abc',
    'aabbb',
    'a.x',
    'abc.xde',
    '2024-05-06',
    'foo bar',
    'babar',
    'abac',
    'x@y.zz',
    'mail a-b@c.d.org now',
    'Éé',
    '🔥a',
  ];

  test('they find and replace as the engine of JavaScript does', () => {
    for (const pattern of patterns) {
      for (const text of texts) {
        const [quoted, words] = [pattern.replaceAll('\\', '\\\\'), `'${text}'`];
        const [found] = compilePath(`${words}.matches('${quoted}')`).evaluate({});
        assert.equal(found, new RegExp(pattern, 'su').test(text), `${pattern} on ${text}`);
        const [replaced] = compilePath(`${words}.replaceMatches('${quoted}', '<$1>')`).evaluate({});
        const wanted = text.replace(new RegExp(pattern, 'gsu'), (...groups) => `<${groups[1] ?? ''}>`);
        if (/\((?!\?:)/.test(pattern)) assert.equal(replaced, wanted, `${pattern} on ${text}`);
      }
    }
  });
});
