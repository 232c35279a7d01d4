import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { validate } from '../index.ts';

const accepts = (div: string): boolean =>
  validate({ resourceType: 'Basic', code: { text: 'x' }, text: { status: 'generated', div } }).length === 0;
const div = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

const good = [
  'x',
  'a &lt; b &amp; c &nbsp; &#160; &#xA0; ü',
  '<p class="a" id="b" style="color: red; width:50%">x</p><br/><hr />',
  '<table border="1"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>',
  '<a href="https://example.org/a?b=c&amp;d=e">x</a><a name="here">y</a><a href="#here">z</a><a href="Patient/1">p</a>',
  '<img src="#photo" alt="x"/>',
  '<img src="data:image/png;base64,iVBORw0KGgo="/>',
  "<p title='single quotes'>x</p>",
  '<!-- a comment --><b>x</b>',
  '<ul><li>a<ol><li>b</li></ol></li></ul>',
  '<span lang="fr" xml:lang="fr" dir="ltr">é</span>',
];

const bad = [
  '',
  ' \n\t',
  '<p/>',
  '<!-- only a comment -->',
  '<script>alert(1)</script>x',
  '<SCRIPT>alert(1)</SCRIPT>x',
  '<P>x</P>',
  '<p onclick="alert(1)">x</p>',
  '<p ONCLICK="alert(1)">x</p>',
  '<img src="#a" onerror="alert(1)"/>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" JavaScript:alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="&#x6A;avascript&#58;alert(1)">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="java&Tab;script:alert(1)">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
  '<a href="vbscript:x">x</a>',
  '<a href="//evil.example/x">x</a>',
  '<img src="http://evil.example/pixel.png"/>',
  '<img src="//evil.example/pixel.png"/>',
  '<img src="data:image/svg+xml;base64,PHN2Zz4="/>',
  '<img src="javascript:alert(1)"/>',
  '<p style="background: url(http://evil.example/x)">x</p>',
  '<p style="background: u&#114;l(http://evil.example/x)">x</p>',
  '<p style="background: u\\72l(http://evil.example/x)">x</p>',
  '<p style="width: expression(alert(1))">x</p>',
  '<p style="-moz-binding: x">x</p>',
  '<style>p{}</style>x',
  '<link rel="stylesheet" href="x"/>x',
  '<base href="http://evil.example/"/>x',
  '<form action="x"><p>y</p></form>',
  '<input value="x"/>x',
  '<iframe src="x"></iframe>x',
  '<object data="x"></object>x',
  '<embed src="x"/>x',
  '<svg><p>x</p></svg>',
  '<math><mi>x</mi></math>',
  '<meta http-equiv="refresh" content="0"/>x',
  '<p>x',
  'x</p>',
  '<b><i>x</b></i>',
  '<p class=a>x</p>',
  '<p class>x</p>',
  '<p class="a" class="b">x</p>',
  'a & b',
  'a < b',
  '&unterminated',
  'a ]]> b',
  '<![CDATA[<script>]]>x',
  '<?php x ?>x',
  '<!DOCTYPE html>x',
  '<!--> <script>alert(1)</script> -->x',
  '<!-- a -- b -->x',
  '<p xmlns="http://www.w3.org/2000/svg">x</p>',
  '<x:p>x</x:p>',
  '<a href="x" target="_blank" ping="http://evil.example">x</a>',
  '<p data-x="1">x</p>',
];

test('narrative: what R4 allows is accepted', () => {
  for (const inner of good) assert.ok(accepts(div(inner)), inner);
  assert.ok(accepts(`\n${div('x')} `));
});

test('narrative: what runs, what leads away, and what is not well formed is refused', () => {
  for (const inner of bad) assert.ok(!accepts(div(inner)), inner);
  const outside = [
    '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
    '<div>x</div>',
    `${div('x')}${div('y')}`,
    `x${div('y')}`,
  ];
  for (const whole of [...outside, `<?xml version="1.0"?>${div('x')}`, `<!-- c -->${div('x')}`, 'x', '<div']) {
    assert.ok(!accepts(whole), whole);
  }
});

test('control: a search for script and on… attributes, in place of the reader, fails the same assertion', () => {
  const naive = (inner: string): boolean => !/<script|\son\w+=|javascript:/i.test(inner);
  assert.throws(() => {
    for (const inner of bad) assert.ok(!naive(inner), inner);
  });
});

test('narrative: long and hostile text takes linear time', () => {
  const started = performance.now();
  for (const inner of [
    '<!--'.repeat(100_000),
    '<p '.repeat(100_000),
    `<p ${' '.repeat(400_000)}`,
    '&'.repeat(400_000),
  ]) {
    assert.ok(!accepts(div(inner)));
  }
  assert.ok(!accepts(div(`<!--${'x'.repeat(900_000)}`)));
  assert.ok(!accepts(div('<b>'.repeat(50_000))));
  assert.ok(performance.now() - started < 5000);
});

test('narrative: no text is ever thrown at', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'p',
    'div',
    ' ',
    '=',
    '"',
    "'",
    '&',
    ';',
    '#',
    '<!--',
    '-->',
    'xmlns',
    'x',
  );
  fc.assert(fc.property(fc.array(piece), (parts) => void accepts(div(parts.join('')))));
});
