/** What stands in every bundle as README.md: the format, and what it proves. */
export const readme = `# Evidence bundle (safeguard-evidence-bundle/1)

Everything that the live checks of a Safeguard platform left in a period, with what its controls' states follow
from.

## Verifying it elsewhere

Node 24, and the folder \`packages/verifier\` of Safeguard's sources, copied to any machine; nothing else:

    node verifier/bundle/main.ts FILE --key BASE64 [--earlier FILE]

\`--key\` is the raw Ed25519 public key of the platform (\`public_key\` in its \`instance.json\`), which you
should have by another way than this bundle. \`--earlier\` is a bundle that you got before: that nothing was
rewritten since.

## What is in it

- \`manifest.json\`: every other file with its SHA-256, the period, the key, the bundle before this one.
- \`manifest.note\`: a signed note (C2SP signed-note, Ed25519) under the name \`<signer>/bundle\`: the id of the
  bundle, the SHA-256 of manifest.json and of entry.tlog-proof, both in base64.
- \`entry.tlog-proof\`: the platform's log holds the digest of this manifest since before the bundle left (C2SP
  tlog-proof; \`extra\` is the sealed entry).
- \`evidence/NNNNN.jsonl\`: what checks found, in order of receipt, one JSON text (RFC 8785) a line;
  \`before.jsonl\`: of each check the newest finding before the period. Times are milliseconds since 1970-01-01
  UTC.
- \`log/<shard>/leaves-NNNNN.jsonl\`: for each piece of evidence the index of its entry in the log
  \`<signer>/0/<shard>\`, the sealed entry (\`body\`), and the SHA-256 of the line that the signer states it to
  hold.
- \`log/<shard>/proof.json\`: \`note\` is a checkpoint of that log (C2SP tlog-checkpoint). \`hashes\` proves all
  leaves at once: walk RFC 6962's tree from the root down, left before right; a part with none of the leaves
  takes the next hash. A leaf is SHA-256(0x00 || body). \`previous\`: RFC 9162's consistency proof from the
  checkpoint of the bundle before.
- \`posture.json\`: the state of every control at the end of the period. \`controls.json\`, \`checks.json\`,
  \`decisions.json\`, \`policies.json\` with \`policies/\`: what it follows from. \`waivers.json\`,
  \`tasks.jsonl\`: who answers for what, and what was done; people are named by the ids of their accounts.
- \`report.html\`: the audit report of the same period.

## How a state follows

A check is met while its newest finding is no older than twice its interval (\`every_s\`), says met, and
examined something; unmet where it says unmet; else unknown. A control is not applicable where its condition
(\`applies\`), or its standard's, does not hold for the organization; unmet where it is addressable and not
decided; not applicable where that was decided (\`not-reasonable\`); else unmet, unknown or met by the weakest
of its checks; without checks documented where all its policies are in force, else undocumented. A standard
takes the weakest of itself and its specifications that apply; one without checks whose policies are in force,
of these alone. Weakest first: unmet, unknown, undocumented, documented, met.

## What it proves, and what it does not

The entries of the log are encrypted, and their keys never leave the platform: one key opens many entries, other
people's among them. So a leaf and the words that it holds are bound by the signature of the manifest, not by
the leaf's hash.

It proves that whoever holds the key put all of this together and nothing was changed since; that each stated
entry stands in the log at its place, so that it cannot be altered, moved or taken out once anybody outside
holds the checkpoint; that the log goes on from where it was at the bundle before; that the signer cannot later
state other words for the same entries without contradicting this bundle; and that the states follow from the
evidence.

It does not prove that a check told the truth; that the sealed entry holds just these words (the platform opens
and compares them: \`safeguard report compare FILE\`, on its own machine); that no piece of evidence was left
out, since other entries of the log cannot be read; or what happened before anybody outside held a checkpoint.
An operator who holds the database and the key can rewrite what nobody outside has received yet. Keep the
checkpoints that the verifier prints.
`;
