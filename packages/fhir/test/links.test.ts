import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceLinks } from '../index.ts';

const urn = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';
const to = (link: string): string | undefined => (link === urn ? 'Patient/1' : undefined);

test('links in uri elements, extensions, contained resources and narratives are replaced; other strings stay', () => {
  const resource = {
    resourceType: 'DocumentReference',
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn}">${urn}</a></div>` },
    implicitRules: urn,
    extension: [
      { url: 'http://x', valueUri: urn },
      { url: 'http://x', valueString: urn },
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: urn }],
    content: [{ attachment: { url: urn, title: urn } }],
    contained: [{ resourceType: 'Device', id: 'd', url: urn, lotNumber: urn }],
    subject: { reference: urn },
  };
  const sent = structuredClone(resource);
  const undo = replaceLinks(resource, 'urn:uuid:', to);
  assert.deepEqual(resource, {
    ...resource,
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="Patient/1">${urn}</a></div>`,
    },
    implicitRules: 'Patient/1',
    extension: [
      { url: 'http://x', valueUri: 'Patient/1' },
      { url: 'http://x', valueString: urn },
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: urn }],
    content: [{ attachment: { url: 'Patient/1', title: urn } }],
    contained: [{ resourceType: 'Device', id: 'd', url: 'Patient/1', lotNumber: urn }],
    subject: { reference: urn },
  });
  undo();
  assert.deepEqual(resource, sent);
});

test('what links nowhere is not touched', () => {
  const resource = Object.freeze({
    resourceType: 'Patient',
    name: [{ family: 'x' }],
    link: [{ other: { reference: urn } }],
  });
  replaceLinks(resource, 'urn:uuid:', to);
});
