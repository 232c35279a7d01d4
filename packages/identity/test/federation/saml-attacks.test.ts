import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { checkSettings } from '../../federation/providers/check.ts';
import { defaults } from '../../federation/providers/defaults.ts';
import { Refusal } from '../../federation/refusal.ts';
import { signedAssertion } from '../../federation/saml/library.ts';
import { ownAddresses } from '../../federation/saml/own.ts';
import type { Expected } from '../../federation/saml/statement.ts';
import { decoded, verifyResponse } from '../../federation/saml/verify.ts';
import type { SamlSettings } from '../../federation/types.ts';
import { anywhere, believing, confused, expanding, firstText, including, reading, unchecked } from './broken.ts';
import { base, scopes } from './house.ts';
import {
  assertionXml,
  goodResponse,
  idpPair,
  packed,
  responseXml,
  type Said,
  said,
  samlProvider,
  signed,
  strangerPair,
} from './saml-idp.ts';
import { wrapped } from './wrapping.ts';

const settings = checkSettings({ ...defaults.saml, ...samlProvider() }, scopes) as SamlSettings;
const own = ownAddresses(base, '5b7f6a0e-9f0e-4a53-8f1e-2f8f0c6f7a11');
const elsewhere = ownAddresses(base, '0d1c1c5e-33b1-4b3f-8f4c-0a54a3b1c0de');
const request = { xml: '', relay: '', request: '_r1234567890', acs: own.acs, audience: own.entity_id, forced: false };
const now = Date.parse('2026-11-22T12:00:00Z');
const expected: Expected = { own, request: request.request, now, fresh_since: undefined };
const good = (more: Partial<Said> = {}): Said => said(request, { at: now, ...more });

/** The subject that was taken, or why none was. */
async function verdict(xml: string, change: Partial<Expected> = {}, to: Partial<SamlSettings> = {}): Promise<string> {
  try {
    const { arrival } = await verifyResponse(packed(xml), { ...settings, ...to }, { ...expected, ...change });
    return JSON.parse(arrival.subject).at(-1);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `refused: ${error.reason}`;
  }
}

test('what a provider says is taken, signed on the assertion, on the response, or on both', async () => {
  const a = good();
  assert.equal(await verdict(goodResponse(a)), 'u-4711');
  assert.equal(await verdict(signed(responseXml(a, assertionXml(a)), 'Response')), 'u-4711');
  assert.equal(await verdict(signed(goodResponse(a), 'Response')), 'u-4711');
});

test('of two signatures both must hold', async () => {
  const a = good();
  const both = signed(goodResponse(a), 'Response');
  const spoiled = both.replace('Destination', ' Destination').replace('IssueInstant="2026', 'IssueInstant="2025');
  assert.equal(await verdict(spoiled), 'refused: signature');
  assert.match(
    reading(spoiled, settings, expected),
    /u-4711/,
    'negative control: taken where no signature is looked at',
  );
});

test('signature wrapping is refused in all its eight forms', async (t) => {
  const evil = good({ nameId: 'evil' });
  for (const [name, xml] of Object.entries(wrapped(good(), evil))) {
    await t.test(name, async () => {
      assert.match(await verdict(xml), /^refused: (signature|answer malformed)$/);
      assert.ok(anywhere(xml).includes('evil'), 'a verifier that reads beside the signature would take it');
    });
  }
});

test('an assertion that nobody, or a stranger, signed is refused', async () => {
  const a = good({ nameId: 'evil' });
  const unsigned = responseXml(a, assertionXml(a));
  assert.equal(await verdict(unsigned), 'refused: signature');
  assert.match(unchecked(a, settings, expected), /evil/, 'taken where no signature is asked for');
  const strange = goodResponse(a, { pair: strangerPair });
  assert.equal(await verdict(strange), 'refused: signature');
  assert.equal(await verdict(strange, {}, { certificates: [strangerPair.certificate] }), 'evil');
  assert.deepEqual(believing(strange), ['evil'], 'taken where the certificate of the message is believed');
});

test('each of several certificates signs, so that they can be rotated', async () => {
  const certificates = [strangerPair.certificate, idpPair.certificate];
  assert.equal(await verdict(goodResponse(good()), {}, { certificates }), 'u-4711');
  assert.equal(await verdict(goodResponse(good(), { pair: strangerPair }), {}, { certificates }), 'u-4711');
});

test('what was changed after signing is refused', async () => {
  const xml = goodResponse(good()).replace('u-4711', 'evil');
  assert.equal(await verdict(xml), 'refused: signature');
  assert.match(reading(xml, settings, expected), /evil/, 'negative control: nothing else of it was wrong');
});

test('SHA-1, HMAC with the certificate as key, and other canonical forms are refused', async (t) => {
  const sha1 = 'http://www.w3.org/2000/09/xmldsig#';
  await t.test('SHA-1, which the library alone takes', async () => {
    for (const weak of [{ signature: `${sha1}rsa-sha1` }, { digest: `${sha1}sha1` }]) {
      const xml = goodResponse(good(), weak);
      assert.equal(await verdict(xml), 'refused: signature');
      const shape = { assertionSigned: true, responseSigned: false };
      assert.match(await signedAssertion(settings, own, xml, shape), /u-4711/);
    }
  });
  await t.test('HMAC', async () => {
    const xml = hmac(good({ nameId: 'evil' }));
    assert.equal(await verdict(xml), 'refused: signature');
    assert.deepEqual(confused(xml), ['evil']);
  });
  await t.test('a canonical form with comments', async () => {
    const canonical = 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments';
    const xml = goodResponse(good(), { canonical });
    assert.equal(await verdict(xml), 'refused: signature');
    assert.deepEqual(anywhere(xml), ['u-4711']);
  });
});

/** `<a/>` is `<a></a>` in canonical form. */
const expandEmpty = (xml: string): string => xml.replace(/<([\w:]+)([^<>]*)\/>/g, '<$1$2></$1>');

/** Signed by whoever has the public certificate. */
function hmac(a: Said): string {
  const xml = goodResponse(a, { pair: strangerPair });
  const algorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
  const bent = xml.replace(algorithm, 'http://www.w3.org/2000/09/xmldsig#hmac-sha1');
  const info = /<ds:SignedInfo.*<\/ds:SignedInfo>/s.exec(bent)?.[0] ?? '';
  const canonical = info.replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">');
  const value = createHmac('sha1', idpPair.certificate).update(expandEmpty(canonical)).digest('base64');
  return bent.replace(/<ds:SignatureValue>[^<]*</, `<ds:SignatureValue>${value}<`);
}

test('a signature over another element, an id twice, two references are refused', async () => {
  const a = good({ nameId: 'evil' });
  const honest = good();
  const assertion = signed(assertionXml(honest), 'Assertion');
  const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(assertion)?.[0] ?? '';
  const other = responseXml(a, assertionXml(a).replace('</saml:Issuer>', `</saml:Issuer>${signature}`));
  assert.equal(await verdict(other), 'refused: signature');
  assert.match(
    reading(other, settings, expected),
    /evil/,
    'negative control: a signature that is there, and not asked',
  );
  const twice = responseXml({ ...honest, responseId: honest.assertionId }, assertion);
  assert.equal(await verdict(twice), 'refused: signature');
  assert.match(reading(twice, settings, expected), /u-4711/, 'negative control');
  const reference = /<ds:Reference.*<\/ds:Reference>/s.exec(assertion)?.[0] ?? '';
  const double = responseXml(honest, assertion.replace(reference, reference + reference));
  assert.equal(await verdict(double), 'refused: answer malformed');
  assert.match(reading(double, settings, expected), /u-4711/, 'negative control');
  const info = /<ds:SignedInfo.*<\/ds:SignedInfo>/s.exec(assertion)?.[0] ?? '';
  assert.equal(await verdict(responseXml(honest, assertion.replace(info, info + info))), 'refused: answer malformed');
});

test('a comment in a name does not cut it short (user@a.example<!---->.evil.example)', async () => {
  const honest = goodResponse(good({ nameId: 'admin@clinic.example.evil.example' }));
  assert.equal(await verdict(honest), 'admin@clinic.example.evil.example');
  const cut = honest.replace('admin@clinic.example.evil', 'admin@clinic.example<!---->.evil');
  assert.equal(await verdict(cut), 'refused: answer malformed');
  assert.deepEqual(firstText(cut), ['admin@clinic.example'], 'the signature still holds, and a lax reader is deceived');
  const digest = honest.replace('<ds:DigestValue>', '<ds:DigestValue><!--x-->');
  assert.equal(await verdict(digest), 'refused: answer malformed');
});

test('entities, declarations and instructions are refused before any parser sees them', async (t) => {
  const body = goodResponse(good());
  const laughs = ['<!ENTITY l0 "ha">'];
  for (let n = 1; n < 9; n += 1) laughs.push(`<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`);
  const bomb = `<!DOCTYPE r [${laughs.join('')}]>${body.replace('u-4711', '&l4;')}`;
  assert.ok(expanding(bomb).length > 20_000, 'it would grow');
  const cases: Record<string, string> = {
    bomb,
    external: `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${body.replace('u-4711', '&x;')}`,
    parameter: `<!DOCTYPE r [<!ENTITY % p SYSTEM "https://evil.example/x.dtd"> %p;]>${body}`,
    doctype: `<!DOCTYPE r>${body}`,
    undefined: body.replace('u-4711', '&evil;'),
    section: body.replace('u-4711', '<![CDATA[u-4711]]>'),
    instruction: `<?xml-stylesheet href="https://evil.example/x.xsl"?>${body}`,
    encoding: `<?xml version="1.0" encoding="UTF-7"?>${body}`,
    second: `${body}${body}`,
  };
  // Negative control: a verifier with a common parser takes these, and the signature holds.
  const taken = new Set(['parameter', 'doctype', 'section', 'instruction', 'encoding']);
  for (const [name, xml] of Object.entries(cases)) {
    await t.test(name, async () => {
      assert.equal(await verdict(xml), 'refused: answer malformed');
      if (taken.has(name)) assert.deepEqual(anywhere(xml), ['u-4711']);
    });
  }
  assert.match(including(cases['external'] ?? ''), /^<!DOCTYPE r \[root:/, 'negative control: it would read a file');
  assert.equal(await verdict(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`), 'u-4711');
});

test('what is too long, too deep or too wide is refused', async () => {
  const wide = good({ attributes: '<saml:Attribute Name="x"/>'.repeat(5_000) });
  const deep = good({ attributes: `${'<saml:Attribute>'.repeat(40)}${'</saml:Attribute>'.repeat(40)}` });
  const long = good({ attributes: `<saml:Attribute Name="${'x'.repeat(300_000)}"/>` });
  for (const each of [wide, deep, long]) {
    assert.equal(await verdict(responseXml(each, assertionXml(each))), 'refused: answer malformed');
  }
  const fair = good({ attributes: '<saml:Attribute Name="x"/>'.repeat(500) });
  assert.equal(await verdict(goodResponse(fair)), 'u-4711');
  assert.throws(() => decoded('PHhtbD4*'), Refusal);
  assert.throws(() => decoded(Buffer.from([0x3c, 0xff, 0xfe]).toString('base64')), Refusal);
  assert.equal(decoded(Buffer.from('<a/>').toString('base64')), '<a/>');
});

/** What is bent, what is said to it, and the same answer where the expectation is bent alike: the negative control. */
const minute = 60_000;
const bent: Readonly<Record<string, readonly [Partial<Said>, string, Partial<Expected>, Partial<SamlSettings>?]>> = {
  expired: [{ at: now - 9 * minute, notOnOrAfter: now - 2 * minute }, 'expired', { now: now - 3 * minute }],
  'not yet valid': [{ notBefore: now + 2 * minute }, 'expired', { now: now + 3 * minute }],
  'another audience': [
    { audience: elsewhere.entity_id },
    'audience',
    { own: { ...own, entity_id: elsewhere.entity_id } },
  ],
  'another recipient': [
    { recipient: elsewhere.acs, destination: elsewhere.acs },
    'recipient',
    { own: { ...own, acs: elsewhere.acs } },
  ],
  'another request': [{ inResponseTo: '_another12345' }, 'not in answer to our request', { request: '_another12345' }],
  'another issuer': [{ issuer: 'https://evil.example' }, 'issuer', {}, { entity_id: 'https://evil.example' }],
};

test('an assertion for another time, place, request or provider is refused', async (t) => {
  for (const [name, [change, reason, control, to]] of Object.entries(bent)) {
    await t.test(name, async () => {
      const xml = goodResponse(good(change));
      assert.equal(await verdict(xml), `refused: ${reason}`);
      assert.equal(await verdict(xml, control, to), 'u-4711');
    });
  }
});

test('clocks may differ by a minute, and no more', async () => {
  const xml = goodResponse(good({ notOnOrAfter: now }));
  assert.equal(await verdict(xml, { now: now + 59_000 }), 'u-4711');
  assert.equal(await verdict(xml, { now: now + 60_000 }), 'refused: expired');
});

test('what is only unsigned on the envelope counts for nothing inside', async () => {
  const inner = good({ recipient: elsewhere.acs });
  assert.equal(await verdict(goodResponse(inner)), 'refused: recipient');
  const asked = good({ subjectInResponseTo: '_another12345' });
  assert.equal(await verdict(goodResponse(asked)), 'refused: not in answer to our request');
  const outer = good({ destination: elsewhere.acs });
  assert.equal(await verdict(goodResponse(outer)), 'refused: recipient');
});

test('answers to no request, failures, unknown conditions, advice and passing names are refused', async () => {
  const initiated = goodResponse(good()).replace(/ InResponseTo="[^"]*"/, '');
  assert.equal(await verdict(initiated), 'refused: not in answer to our request');
  const failed = goodResponse(good({ status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }));
  assert.equal(await verdict(failed), 'refused: provider refused');
  const conditional = good({ conditions: '<saml:Condition Id="c1"/>' });
  assert.equal(await verdict(goodResponse(conditional)), 'refused: answer malformed');
  const advised = good({ advice: '<saml:Advice/>' });
  assert.equal(await verdict(goodResponse(advised)), 'refused: answer malformed');
  const passing = good({ format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' });
  assert.equal(await verdict(goodResponse(passing)), 'refused: subject');
  const staying = { ...settings, claims: { subject: 'email' } };
  assert.equal(await verdict(goodResponse(passing), {}, staying), 'ada@clinic.example');
});

test('a step-up wants a sign-in that is not older than itself', async () => {
  const old = goodResponse(good({ authnInstant: now - 10 * minute }));
  assert.equal(await verdict(old), 'u-4711');
  assert.equal(await verdict(old, { fresh_since: now }), 'refused: authentication too old');
});
