#!/usr/bin/env node
// Old syntax on purpose: any Node that npm runs on must be able to read this file, and to hand over to Node 24.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const needed = 24;
const require = createRequire(import.meta.url);

function bundledNode() {
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`safeguard: the Node ${needed} that was installed cannot be started (${error.code})\n`);
    process.exit(1);
  });
  // A child that a signal ended is told the way shells do: 128 and the signal's number.
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code));
}

if (Number(process.versions.node.split('.')[0]) >= needed) {
  await import('../main.ts');
} else {
  const node = bundledNode();
  if (node === undefined) {
    const here = `${process.platform}-${process.arch}`;
    process.stderr.write(`safeguard: Node ${needed} is needed, and npm has installed none for ${here}.\n`);
    process.stderr.write(`Run "npm ci" with optional dependencies, or use Node ${needed} itself.\n`);
    process.exit(1);
  }
  handOver(node);
}
