import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import MarkdownIt from 'markdown-it';
import { createProblems } from '../../content/problems.ts';
import { htmlOf } from '../../policies/markdown.ts';
import { checkSafe } from '../../policies/read-draft.ts';
import type { PolicyVersion } from '../../policies/types.ts';
import { day_ms, kind } from '../workflow/world.ts';
import { access, contentOf, front, type PolicyWorld, startPolicies } from './world.ts';

let world: PolicyWorld;
before(async () => {
  world = await startPolicies();
  await world.policies.adopt();
});
after(() => world.close());

const rendered = (text: string, parameters: Record<string, number | string> = {}): string =>
  htmlOf({ content: { text } as PolicyVersion['content'], parameters, units: {} });

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ['a script', '<script>alert(1)</script>', /<script/i],
  ['an event', 'x <img src=x onerror=alert(1)> y', /<img/i],
  ['a frame', '<iframe src="https://evil.example"></iframe>', /<iframe/i],
  ['a link of script', '[click](javascript:alert(1))', /href="javascript/i],
  ['one in entities', '[click](&#106;avascript:alert(1))', /href="j/i],
  ['one with a tab', '[click](java\tscript:alert(1))', /href="java/i],
  ['data', '[click](data:text/html;base64,PHNjcmlwdD4=)', /href="data/i],
  ['a file', '[click](file:///etc/passwd)', /href="file/i],
  ['an autolink of script', '<javascript:alert(1)>', /href="javascript/i],
  ['a reference of script', '[click][x]\n\n[x]: javascript:alert(1)', /href="javascript/i],
  ['a beacon', '![x](https://evil.example/beacon.png)', /<img/i],
  ['a beacon by reference', '![x][y]\n\n[y]: https://evil.example/b.png', /<img/i],
  ['a comment', '<!-- hidden -->', /<!--/],
  ['a vbscript in capitals', '[c](VBSCRIPT:x)', /href="vbscript/i],
  ['a quote out of a title', '[c](https://x.example "a\\" onmouseover=\\"alert(1)")', /" onmouseover="/i],
];

describe('what a page must not show', () => {
  for (const [name, text, found] of hostile) {
    test(name, async () => {
      assert.doesNotMatch(rendered(`# T\n\n## S\n\n${text}\n`), found);
      assert.doesNotMatch(rendered(`# T\n\n${text}\n\n## S\n`), found);
    });
  }

  test('negative control: a parser that is told to trust shows them', () => {
    const trusting = new MarkdownIt({ html: true });
    trusting.validateLink = () => true;
    const shown = hostile.filter(([, text, found]) => found.test(trusting.render(text)));
    assert.ok(shown.length >= 12, `${shown.length}`);
  });

  test('is refused in a draft, with its line, and nothing is kept', async () => {
    const refused = hostile.filter(([name]) => !name.startsWith('a quote') && name !== 'one with a tab');
    for (const [name, text] of refused) {
      await assert.rejects(
        world.policies.draft(world.sec, 'access', access(`\n\n${text}`)),
        (error) =>
          isFault(error) && error.kind === 'invalid' && /policies\/access\.md:\d+$/.test(error.issues[0]?.at ?? ''),
        name,
      );
    }
    assert.equal((await world.policies.versions(1, 'access')).length, 1);
  });

  test('a whole set with one such text is brought in not at all', async () => {
    const good = contentOf({ access: access(' New.'), other: access() });
    const other = good.policies.get('other') ?? assert.fail();
    const policies = new Map(good.policies).set('other', { ...other, text: `${other.text}\n<script>x</script>\n` });
    world.at.content = { ...good, policies };
    await assert.rejects(world.policies.adopt(), kind('invalid'));
    assert.equal((await world.policies.versions(1, 'access')).length, 1);
    world.at.content = contentOf({ access: access() });
    const problems = createProblems();
    checkSafe({ ...other, sections: other.sections.slice(1) }, problems);
    assert.equal(problems.count(), 1, 'sections that its headings do not have');
  });

  test('links of the web, of mail and of the page are links; headings have ids, each once', () => {
    const text =
      '# T\n\n## Same thing\n\n[a](https://x.example) [b](#same-thing) <mailto:o@x.example>\n\n### A\n\n### A\n';
    const html = rendered(text);
    assert.match(html, /<h2 id="same-thing">/);
    assert.match(html, /<h3 id="same-thing-a">A<\/h3>\s*<h3 id="same-thing-a-2">A<\/h3>/);
    assert.match(html, /href="https:\/\/x\.example".*href="#same-thing".*href="mailto:o@x\.example"/);
  });

  test('a placeholder holds its number and nothing of the markup around it', () => {
    const html = rendered('# T\n\n## S\n\n{{a.b}} and {{no.such}}\n', { 'a.b': '<b>x</b>' });
    assert.match(html, /&lt;b&gt;x&lt;\/b&gt; and \{\{no\.such\}\}/);
  });
});

test('bad drafts: hidden characters, unknown placeholders and controls, no front matter, two titles', async () => {
  const { policies, sec } = world;
  const bad = [
    access('\u202e reversed'),
    access(' {{no.such}}'),
    access().replace('164.310-b', '164.310-zz'),
    access().slice(4),
    `${access()}\n# Another title\n`,
    `${access()}\n## Sessions\n`,
    access().replace('owner:', 'keeper:'),
    '',
  ];
  for (const text of bad) await assert.rejects(policies.draft(sec, 'access', text), kind('invalid'), text.slice(0, 60));
  await assert.rejects(policies.draft(sec, '../etc', access()), kind('invalid'));
  await assert.rejects(policies.draft(sec, 'access', access('x'.repeat(300_000))), kind('tooLarge'));
  assert.equal((await policies.versions(1, 'access')).length, 1);
});

describe('nothing comes into force by another way', () => {
  test('a task that was made up for it: other text, other author, other approvers, other numbers', async () => {
    const { policies, workflow, sec, priv, admin } = world;
    const drafted = await policies.draft(sec, 'forged', access().replaceAll('Access', 'Forged'));
    const good = {
      ...{ policy: 'forged', number: 1, digest: drafted.digest, author: sec.id },
      ...{
        approver: [...drafted.content.approver],
        parameters: { 'sessions.idle_minutes': { value: 15, unit: 'minutes' } },
      },
    };
    const forged = [
      { digest: 'f'.repeat(64) },
      { author: admin.id },
      { author: 'service' },
      { approver: ['administrator'] },
      { parameters: {} },
      { parameters: { 'sessions.idle_minutes': { value: 480, unit: 'minutes' } } },
      { number: 7 },
      { policy: 'nothing' },
    ];
    for (const more of forged) {
      const wanted = { kind: 'policy-approval', title: 'Forged', subject: { ...good, ...more } };
      const task = await workflow.open(priv, wanted);
      await assert.rejects(
        async () => {
          await workflow.approve(admin, task.id);
          await workflow.approve(sec, task.id);
          await workflow.approve(world.people.add(['administrator']), task.id);
        },
        (error) => isFault(error) && ['conflict', 'missing', 'forbidden'].includes(error.kind),
        JSON.stringify(more),
      );
      assert.equal((await workflow.byId(1, task.id))?.state, 'submitted');
      await workflow.withdraw(priv, task.id, 'It was made up.');
    }
    assert.equal(await policies.read(1, 'forged'), undefined);
    await assert.rejects(
      workflow.open(priv, { kind: 'policy-approval', title: 'x', subject: { ...good, more: 1 } }),
      kind('invalid'),
    );
    // Negative control: the true one.
    const task = await workflow.open(priv, { kind: 'policy-approval', title: 'True', subject: good });
    await assert.rejects(workflow.approve(sec, task.id), kind('forbidden'));
    await workflow.approve(admin, task.id);
    assert.equal((await policies.read(1, 'forged'))?.state, 'published');
  });

  test('the runtime role publishes nothing that nobody approved, and rewrites nothing', async () => {
    const { policies, sec } = world;
    await policies.draft(sec, 'access', access(' Second.'));
    const done = (await policies.read(1, 'forged'))?.task;
    const publish = (task: string, number: number) =>
      world.runtime(
        1,
        `insert into programme.publication (tenant, policy, number, task, published_at, parameters, review_due_at)
          values (1, 'access', $2, $1, (select closed_at from programme.task where id = $1), '{}',
            now() + interval '9 years')`,
        [task, number],
      );
    const open = await policies.submit(sec, 'access', 2);
    await assert.rejects(publish(open.id, 2), /refused/);
    await assert.rejects(publish(done ?? '', 2), /refused/);
    await assert.rejects(publish(newId(), 2), /refused/);
    for (const text of [
      `update programme.policy_version set content = '{}' where policy = 'forged'`,
      `delete from programme.policy_version where policy = 'forged'`,
      `update programme.publication set published_at = now() where policy = 'forged'`,
      'delete from programme.acknowledgement',
      `insert into programme.policy_version (id, tenant, policy, number, content, digest, file_digest, source, made_by,
          made_at)
        values ('${newId()}', 1, 'forged', 2, '{"text":"x"}', repeat('0', 64), repeat('0', 64), 'draft', 'operator',
          now())`,
    ]) {
      await assert.rejects(world.runtime(1, text), /refused/, text);
    }
    assert.equal(await policies.read(1, 'access'), undefined);
  });

  test('the runtime role acknowledges no text that is not in force', async () => {
    const { worker } = world;
    const forge = (number: number, digest: string, policy = 'forged') =>
      world.runtime(1, 'insert into programme.acknowledgement values (1, $1, $2, $3, $4, now())', [
        ...[worker.id, policy, number, digest],
      ]);
    const digest = (await world.policies.read(1, 'forged'))?.digest ?? '';
    await assert.rejects(forge(1, 'f'.repeat(64)), /refused/);
    await assert.rejects(forge(1, digest, 'access'), /refused/);
    // Negative control, and the limit: of the text in force it can write a row for anybody.
    await forge(1, digest);
  });

  test('a process that dies before any statement of the publication publishes nothing half', async () => {
    const { policies, workflow, sec, priv, admin } = world;
    await workflow.withdraw(sec, (await policies.versions(1, 'access'))[1]?.task ?? '', 'Once more.');
    const task = await policies.submit(sec, 'access', 2);
    await workflow.approve(priv, task.id);
    for (let dies = 1; dies <= 8; dies += 1) {
      let count = 0;
      const segment: PolicyWorld['segment'] = {
        ...world.segment,
        transaction: (of, work) =>
          world.segment.transaction(of, (connection) =>
            work({
              query: (statement, values) => {
                count += 1;
                if (count === dies) throw new Error('killed');
                return connection.query(statement, values);
              },
            }),
          ),
      };
      const engine = world.engine({ segment });
      world.make(engine);
      const [result] = await Promise.allSettled([engine.approve(admin, task.id)]);
      const version = await policies.read(1, 'access', 2);
      const state = (await workflow.byId(1, task.id))?.state;
      if (result?.status === 'fulfilled') {
        assert.ok(dies > 5, `${dies}`);
        assert.deepEqual([state, version?.state], ['done', 'published']);
        return;
      }
      assert.deepEqual([state, version?.state], ['submitted', 'in-review'], `statement ${dies}`);
    }
    assert.fail('it was never published');
  });
});

describe('a customer', () => {
  const customer = 7;
  const own = 'Screens lock after three minutes in our clinic.';
  const officer = () => world.people.add(['administrator'], customer);

  test('derives its own: what is locked stays, what is editable is theirs', async () => {
    const { policies, workflow } = world;
    const [one, other] = [officer(), officer()];
    assert.equal((await policies.read(customer, 'access'))?.tenant, 1, 'inherited whole at first');
    assert.deepEqual(
      (await policies.list(customer)).map(({ tenant, policy }) => [tenant, policy]),
      [
        [1, 'access'],
        [1, 'forged'],
      ],
    );
    const mine = access(' Second.', own);
    await assert.rejects(
      policies.draft(one, 'access', access(' Never at our place.', own)),
      (error) => isFault(error) && error.kind === 'invalid' && error.issues.map(({ at }) => at).join() === 'sessions',
    );
    await assert.rejects(policies.draft(one, 'none', mine.replaceAll('Access', 'None')), kind('missing'));
    const drafted = await policies.draft(one, 'access', mine);
    assert.deepEqual([drafted.number, drafted.based_on], [1, 2]);
    const task = await policies.submit(one, 'access', 1);
    await workflow.approve(other, task.id);
    const published = await policies.read(customer, 'access');
    assert.deepEqual([published?.tenant, published?.state], [customer, 'published']);
    assert.deepEqual(
      (await policies.sections(customer, 'access')).map(({ id, from, inherited }) => [id, from, inherited]),
      [
        ['sessions', 'house', 'locked'],
        ['workstations', 'own', 'editable'],
      ],
    );
    assert.deepEqual(await policies.outdated(customer), []);
    assert.equal(await policies.read(1, 'access', 3), undefined, 'the house sees none of it');
  });

  test('unlocks nothing by its own front matter, nor hides or turns what is locked', async () => {
    const { policies } = world;
    const one = officer();
    const unlocked = access(' Ours.', own).replace('default: locked, editable: [workstations]', 'default: editable');
    const trick = (text: string) => access(' Second.', own).replace('## Sessions', `${text}\n\n## Sessions`);
    const gone = `${front('Access')}\n# Access\n\nWho may do what.\n\n## Workstations\n\n${own}\n`;
    for (const text of [unlocked, gone, trick('```'), trick('> quote'), trick('Not what follows:')]) {
      await assert.rejects(policies.draft(one, 'access', text), kind('invalid'), text);
    }
    // A section before it that is left open, or that gives a word of it another target, reaches not into it.
    const before = `## Ours\n\nText.\n\n[Sessions]: https://evil.example\n\n~~~\nopen`;
    const swallowing = access(' Second.', own).replace('## Sessions', `${before}\n\n## Sessions`);
    await assert.rejects(policies.draft(one, 'access', swallowing), kind('invalid'));
    const html = rendered('# T\n\n## Ours\n\n[Sessions]: https://evil.example\n\n## Sessions\n\n[Sessions] end.\n');
    assert.doesNotMatch(html, /evil/);
    const after = access(' Second.', own).concat('\n## Ours\n\nA section of our own.\n');
    const drafted = await policies.draft(one, 'access', after);
    assert.deepEqual(
      drafted.content.sections.map(({ id, inherited }) => [id, inherited]),
      [
        ['sessions', 'locked'],
        ['workstations', 'editable'],
        ['ours', 'editable'],
      ],
    );
  });

  test('is told which sections the house changed since, and submits nothing that rests on the older text', async () => {
    const { policies, sec, priv, admin } = world;
    const { number } = await policies.draft(sec, 'access', access(' Third.', 'Screens lock.'));
    world.time.now += day_ms;
    await world.publish(sec, 'access', number, [priv, admin]);
    assert.deepEqual(await policies.outdated(customer), [
      { policy: 'access', number: 1, based_on: 2, house: 3, sections: ['sessions'] },
    ]);
    await assert.rejects(policies.submit(officer(), 'access', 2), kind('conflict'));
    assert.deepEqual(await policies.outdated(1), []);
  });
});
