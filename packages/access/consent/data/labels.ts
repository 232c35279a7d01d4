import { type Code, codeOf, listOf } from '../shape.ts';
import { everything, type Term, termOf } from '../terms.ts';
import { confidentialities, labelsBelow, systems } from '../vocabulary.ts';
import type { Meant } from './meant.ts';
import { anySystem, query, sureSystem } from './query.ts';

const labelQuery = (labels: readonly string[]): Term => termOf({ queries: [query('_security', labels)] });

const rankOf = ({ system, code }: Code): number =>
  system === systems.confidentiality ? confidentialities.indexOf(code as (typeof confidentialities)[number]) : -1;

/** Labels of the confidentialities from one rank up to before another. */
const ranked = (from: number, to: number): string[] =>
  confidentialities.slice(from, to).map((code) => `${systems.confidentiality}|${code}`);

/**
 * A security label. A permission up to `R` gives what is labelled R or lower and not higher (R4, Consent.provision
 * .securityLabel: the high-water mark); a denial of `R` takes what is labelled R or higher. Of other labels a denial
 * takes those beneath too, a permission gives the label itself.
 */
export function readLabels(value: unknown, type: 'permit' | 'deny'): Meant {
  const codings = listOf(value)?.map(codeOf) ?? [undefined];
  const codes = codings.flatMap((code) => code ?? []);
  const ranks = codes.map(rankOf).filter((rank) => rank >= 0);
  const others = codes.filter((code) => rankOf(code) < 0);
  const below = others.flatMap((code) =>
    code.system === systems.act ? labelsBelow(code.code).map((one) => ({ ...code, code: one })) : [code],
  );
  const wide =
    ranks.length === 0 ? [] : type === 'deny' ? ranked(Math.min(...ranks), 6) : ranked(0, Math.max(...ranks) + 1);
  const may = codes.length < codings.length ? [everything] : labelled([...wide, ...below.map(anySystem)]);
  if (type === 'deny') return { may, must: labelled([...wide, ...below.map(sureSystem)]) };
  return { may, must: [...upTo(ranks), ...labelled(others.map(sureSystem))] };
}

const labelled = (labels: readonly string[]): Term[] => (labels.length === 0 ? [] : [labelQuery(labels)]);

/** What bears a label no higher than the highest of these, and none above it. */
function upTo(ranks: readonly number[]): Term[] {
  if (ranks.length === 0) return [];
  const top = Math.max(...ranks) + 1;
  return [termOf({ queries: [query('_security', ranked(0, top))] }, labelled(ranked(top, 6)))];
}
