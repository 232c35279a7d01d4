import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asset, assetRoute, attributes, contentPolicy, html, markup, raw } from '../index.ts';

test('an origin that is none cannot write directives', () => {
  const evil = ["'unsafe-inline'", 'https://a.example; script-src *', '*', "https://a.example 'self'", ''];
  const policy = contentPolicy({ formTargets: [...evil, 'https://app.example:8080', 'org.example.app:'] });
  assert.match(policy, /form-action 'self' https:\/\/app\.example:8080 org\.example\.app:;/);
});

const wild = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '/', 'a', ' ', '=') }),
);

test('no value becomes markup', () => {
  fc.assert(
    fc.property(wild, wild, (text, value) => {
      const made = markup(
        html`<a title="${value}">${[text, raw('<b>'), undefined, false]}</a><i${attributes({ x: text })}>`,
      );
      const [, title = '', body = '', x = ''] =
        /^<a title="([^"]*)">([\s\S]*)<b><\/a><i x="([^"]*)">$/.exec(made) ?? [];
      for (const part of [title, body, x]) assert.doesNotMatch(part, /[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/);
    }),
  );
  const forged = JSON.parse('{"html":"<script>","text":"<script>"}');
  assert.throws(() => html`${forged}`, 'an object of somebody else is no markup');
});

test('assets are found by the hash of their content, those that packages add too, and nothing else', async () => {
  const script = asset('one', 'js', 'text/javascript', Buffer.from('1'));
  const [bare, more] = [assetRoute(), assetRoute([script])];
  const ask = async (route: typeof bare, name: string) => route.handle({ params: { name } } as never);
  const { headers, body } = await ask(more, script.name);
  assert.equal(body?.toString(), '1');
  assert.match(headers?.['Cache-Control'] ?? '', /immutable/);
  assert.notEqual(script.name, asset('one', 'js', 'text/javascript', Buffer.from('2')).name);
  for (const name of ['style.css', '../assets.ts', '']) await assert.rejects(ask(more, name), { kind: 'missing' });
  await assert.rejects(ask(bare, script.name), { kind: 'missing' });
});
