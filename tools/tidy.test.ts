import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ranks } from './ranks.ts';
import { files, importsOf, manifest, read, top } from './tree.ts';

const present = files.filter((file) => existsSync(join(top, file)));
const sources = present.filter((file) => /\.tsx?$/.test(file));
const isTest = (file: string): boolean =>
  /(^|\/)(test|tests|bench|tools|generate)\//.test(file) || /bench\.ts$/.test(file);
const product = sources.filter((file) => !isTest(file) && !file.startsWith('tmp/'));
const folders = [...new Set(product.map((file) => /^(packages|apps)\/[^/]+/.exec(file)?.[0] ?? ''))].filter(Boolean);
const nameOf = (folder: string): string => folder.split('/')[1] ?? '';

/** One line per breach, so that all are seen at once. */
function none(breaches: readonly string[]): void {
  assert.deepEqual(breaches, []);
}

const inFolder = (folder: string): string[] => product.filter((file) => file.startsWith(`${folder}/`));

test('every package has a rank, a README, one export and nothing but lower ranks', () => {
  const breaches = folders.flatMap((folder) => {
    const { exports, dependencies = {} } = manifest(folder);
    const rank = ranks[nameOf(folder)];
    if (rank === undefined) return [`${folder}: has no rank in tools/ranks.ts`];
    const ours = Object.keys(dependencies).filter((name) => name.startsWith('@safeguard/'));
    return [
      ...ours.flatMap((name) => {
        const other = ranks[name.slice('@safeguard/'.length)];
        const lower = other !== undefined && (other < rank || name === '@safeguard/kernel');
        return lower ? [] : [`${folder}: depends on ${name}, which is no lower rank`];
      }),
      ...(Object.keys(exports ?? { '.': '' }).join() === '.' ? [] : [`${folder}: exports more than "."`]),
      ...(present.includes(`${folder}/README.md`) ? [] : [`${folder}: has no README.md`]),
    ];
  });
  none(breaches);
});

test('what is imported is declared, and by the door', () => {
  const breaches = folders.flatMap((folder) => {
    const { dependencies = {}, optionalDependencies = {} } = manifest(folder);
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);
    return inFolder(folder).flatMap((file) =>
      importsOf(read(file))
        .filter((name) => !name.startsWith('node:') && !name.startsWith('.') && !declared.has(name))
        .map((name) => `${file}: imports ${name}, which ${folder}/package.json does not declare`),
    );
  });
  none(breaches);
});

test('a package reaches into another only through its index', () => {
  const outside = (file: string, name: string): boolean => {
    const folder = /^(packages|apps)\/[^/]+/.exec(file)?.[0];
    return folder !== undefined && name.startsWith('.') && !join(file, '..', name).startsWith(`${folder}/`);
  };
  none(
    sources.flatMap((file) =>
      importsOf(read(file))
        .filter((name) => /^@safeguard\/[^/]+\//.test(name) || outside(file, name))
        .map((name) => `${file}: imports ${name}`),
    ),
  );
});

test('files and lines are short', () => {
  const breaches = sources.flatMap((file) => {
    const lines = read(file).split('\n');
    const long = lines.flatMap((line, index) =>
      line.length > 120 ? [`${file}:${index + 1}: over 120 characters`] : [],
    );
    return lines.length > 401 ? [...long, `${file}: over 400 lines`] : long;
  });
  none(breaches);
});

/** What may stand in some rooms only. */
const banned: readonly { readonly what: RegExp; readonly why: string; readonly allowed: RegExp }[] = [
  { what: /\bprocess\.env\b/, why: 'settings come from @safeguard/config', allowed: /^packages\/config\// },
  {
    what: /\bcreate(Cipheriv|Decipheriv|Cipher|Decipher)\b|\bpublicEncrypt\b/,
    why: 'ciphers stand in @safeguard/seal',
    allowed: /^packages\/seal\//,
  },
  { what: /\bconsole\./, why: 'events go to the log or the ledger', allowed: /^apps\/cli\// },
  {
    what: /\.catch\(\s*(\(\w*\)|\w+)\s*=>\s*(\{\s*\}|undefined|null)\s*\)/,
    why: 'a failure is swallowed',
    allowed: /^$/,
  },
  { what: /catch\s*(\(\w+\))?\s*\{\s*\}/, why: 'a failure is swallowed', allowed: /^$/ },
  { what: /\bMath\.random\b/, why: 'randomness comes from node:crypto', allowed: /^$/ },
  { what: /\beval\(|\bnew Function\b/, why: 'no code from text', allowed: /^$/ },
  { what: /\b(TODO|FIXME|XXX)\b/, why: 'what is missing is said in a README or an issue', allowed: /^$/ },
];

test('what belongs in one room stands in no other', () => {
  const breaches = product.flatMap((file) => {
    const source = read(file);
    return banned
      .filter(({ what, allowed }) => !allowed.test(file) && what.test(source))
      .map(({ what, why }) => `${file}: ${what.source}: ${why}`);
  });
  none(breaches);
});

test('migrations are numbered without gaps', () => {
  const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/'));
  const migrations = present.filter((file) => /\/migrations\/.*\.sql$/.test(file)).sort();
  const byFolder = Map.groupBy(migrations, folderOf);
  const breaches = [...byFolder].flatMap(([folder, found]) =>
    found.flatMap((file, index) =>
      file.startsWith(`${folder}/${String(index + 1).padStart(4, '0')}-`)
        ? []
        : [`${file}: expected number ${index + 1}`],
    ),
  );
  none(breaches);
});

test('no secret of the workplace, no address of a registry is written down', () => {
  const hosts = ['registry', 'deb'].map((name) => new RegExp(`https?://[^\\s"']*(?<![\\w-])${name}\\.[a-z]`));
  const texts = present.filter((file) => /\.(tsx?|js|json|md|sql|ya?ml|sh|txt)$|(^|\/)run$/.test(file));
  const large = /definitions\/.*\.json$/;
  const breaches = texts
    .filter((file) => !large.test(file))
    .flatMap((file) => hosts.filter((host) => host.test(read(file))).map((host) => `${file}: ${host.source}`));
  none(breaches);
});

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('the lock file names no address, and every optional package of every platform, or `npm ci` refuses it', () => {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'));
  const breaches = Object.entries(packages).flatMap(([place, { resolved = '', optionalDependencies = {} }]) => [
    ...(/^https?:/.test(resolved) ? [`${place}: has an address`] : []),
    ...Object.keys(optionalDependencies)
      .filter((name) => packages[`node_modules/${name}`] === undefined)
      .map((name) => `${place}: ${name} is not in the lock`),
  ]);
  none(breaches);
});
