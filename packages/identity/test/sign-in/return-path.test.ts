import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { returnPath } from '../../sign-in/return-path.ts';

/** From the usual collections: what has led browsers elsewhere, or led to a page that should not be led to. */
const tricks: readonly unknown[] = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  'https://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'HTTPS://evil.example',
  'http://localhost:8443@evil.example',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox',
  '/account@evil.example',
  '/account/../../evil',
  '/account/..//evil.example',
  '/account/%2e%2e/evil',
  '/account/%2f%2fevil.example',
  '/account//evil.example',
  '/account/\\evil.example',
  '/account?next=//evil.example',
  '/account#//evil.example',
  '/account;@evil.example',
  '/account\u0000',
  '/account\n',
  '/account\r\nLocation: //evil.example',
  '/account\u2028//evil.example',
  '/accounts',
  '/programmes',
  '/programme/../evil',
  '/programme//evil.example',
  '/programme/.evil',
  '/programme/a/b/c/d',
  '/account.evil.example',
  '/\u2215evil.example',
  '/\uff0fevil.example',
  '/\u3002evil.example',
  '/interaction/',
  '/interaction/a/b',
  '/interaction/../account',
  '/interaction/a%2f..',
  '/interaction//evil.example',
  `/interaction/${'a'.repeat(129)}`,
  '/oauth2/authorize?redirect_uri=https://evil.example',
  '/sign-out',
  '/sign-in?return=//evil.example',
  '/api/v1/accounts',
  '/first/sgl_x',
  'account',
  '.',
  '..',
  '',
  undefined,
  null,
  ['/account'],
  { toString: () => '/account' },
];

const naive = (text: string): string => (text.startsWith('/') && !text.startsWith('//') ? text : '/account');
const leadsOut = (path: string): boolean => new URL(path, 'https://us.example/').host !== 'us.example';

test('no open redirect: what has not one of the forms leads to /account', () => {
  assert.ok(tricks.length >= 40);
  for (const trick of tricks) assert.equal(returnPath(trick), '/account', JSON.stringify(trick));
});

test('negative control: a check of the first characters lets some of them out', () => {
  const texts = tricks.filter((trick) => typeof trick === 'string');
  assert.ok(texts.filter((text) => leadsOut(naive(text))).length >= 3);
});

test('the forms themselves lead where they say', () => {
  const fine = ['/account', '/account/sessions', '/account/factors/add-passkey', '/interaction/Ab_9-x'].concat(
    '/access/requests/5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0/decide',
    '/access/policies/3/activate',
    '/rights',
    '/programme/controls/164.312-a-2-iv/decision',
    '/programme/parameters/sessions.idle_minutes',
  );
  for (const path of fine) assert.equal(returnPath(path), path);
});

test('whatever is asked, a browser stays with us', () => {
  const pieces = [
    '/',
    '\\',
    '.',
    '@',
    ':',
    '?',
    '#',
    '%2f',
    'account',
    'access',
    'rights',
    'programme',
    'interaction',
    'evil.example',
    '\n',
    '\t',
    ' ',
  ];
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      texts,
      (text) =>
        !leadsOut(returnPath(text)) && /^\/(account|access|rights|programme|interaction)/.test(returnPath(text)),
    ),
  );
});
