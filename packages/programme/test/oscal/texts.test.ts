import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { line, paragraphs, plain, plainParagraphs, plainTemplate, template, text } from '../../oscal/markup.ts';
import { fromValue, toValue } from '../../oscal/values.ts';

/** The most permissive reader that there is: HTML is HTML, tables are tables. */
const reader = new MarkdownIt({ html: true, linkify: false, typographer: false });

const shards = [
  ...['<script>alert(1)</script>', '{{', '}}', '{{ insert: param, x.y }}', '{{x.y}}', '{{x.y|words}}', '&lt;', '&#10;'],
  ...['&zwnj;', '\\', '\\{', '*', '_', '~', '^', '`', '```', '"', "'", '[a](javascript:b)', '![i](u)', '|', '---', '#'],
  ...[
    '1.',
    '2)',
    '+',
    '- ',
    '=',
    ':',
    '    ',
    '\t',
    '\r',
    '\n',
    '\n\n',
    ' ',
    '\u00a0',
    '\u2028',
    'é',
    '😀',
    'word',
    '>',
  ],
];
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...shards), maxLength: 14 }),
);
const runs = { numRuns: 1500 };

test('any text comes back from markup as it was', () => {
  fc.assert(
    fc.property(nasty, (given) => assert.equal(plain(text(given)), given)),
    runs,
  );
  fc.assert(
    fc.property(nasty, (given) => assert.equal(plain(line(given)), given)),
    runs,
  );
  fc.assert(
    fc.property(nasty, (given) => assert.equal(plainTemplate(template(given)), given)),
    runs,
  );
  const several = fc.array(nasty, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(several, (given) => assert.deepEqual(plainParagraphs(paragraphs(given)), given)),
    runs,
  );
});

test('any value comes back from a string of OSCAL, which is one line without white space at its ends', () => {
  const given = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 20 }));
  fc.assert(
    fc.property(given, (one) => {
      assert.match(toValue(one), /^\S(.*\S)?$/u);
      assert.equal(fromValue(toValue(one)), one);
    }),
    runs,
  );
  assert.equal(toValue('45 CFR 164.312(a)(1) <as it is>'), '45 CFR 164.312(a)(1) <as it is>');
});

/** What a reader of Markdown shows of it, and whether it is paragraphs of text alone. */
function shown(markup: string): { text: string; isText: boolean } {
  const tokens = reader.parse(markup, {});
  const inner = tokens.flatMap(({ children }) => children ?? []);
  const blocks = tokens.every(({ type }) => ['paragraph_open', 'inline', 'paragraph_close'].includes(type));
  const inlines = inner.every(({ type }) => ['text', 'text_special', 'softbreak'].includes(type));
  return {
    text: inner.map(({ type, content }) => (type === 'softbreak' ? '\n' : content)).join(''),
    isText: blocks && inlines,
  };
}

const bare = (given: string): string => given.replace(/\s|\u200c/g, '');

test('a reader of Markdown sees any text as that text: no tag, no link, no insertion, no code, no list', () => {
  // Control characters are no characters of texts: they are kept, and not shown.
  const legible = nasty.filter((one) => !/\p{Control}/u.test(one.replace(/[\n\r\t]/g, '')));
  fc.assert(
    fc.property(legible, (given) => {
      for (const markup of [text(given), line(given)]) {
        const found = shown(markup);
        assert.ok(found.isText, markup);
        assert.equal(bare(found.text), bare(given));
        assert.doesNotMatch(markup, /\{\{/);
      }
    }),
    runs,
  );
});

test('the same property fails of texts that are not escaped', () => {
  assert.ok(shards.filter((one) => !shown(`${one}x`).isText).length > 5);
  assert.equal(shown('<script>').isText, false);
});

test('a placeholder becomes an insertion of its parameter, and nothing else does', () => {
  assert.equal(
    template('After {{sessions.idle_minutes}} of {{audit.verify_hours|words}}: {{x}} <b>'),
    'After {{ insert: param, sessions.idle_minutes }} of {{ insert: param, audit.verify_hours.words }}: ' +
      '\\{\\{x\\}\\} \\<b\\>',
  );
  assert.equal(text('{{sessions.idle_minutes}}'), '\\{\\{sessions.idle\\_minutes\\}\\}');
});
